#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    Get-HfTrafficEndpoint, Set-HfTrafficEndpoint, Get-HfTrafficProfile and Set-HfTrafficProfile.
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'BeforeAll sets what It reads.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Highflame.Dr.TestHost.ps1')
    $sandbox = Enter-TestSandbox
    $file = Get-SandboxFile -Sandbox $sandbox
    $east, $west = $file.regions
    $pair = Import-HfRegionPair -Path $sandbox.PairPath
}

AfterAll {
    Exit-TestSandbox -Sandbox $sandbox
}

Describe 'Get-HfTrafficEndpoint' {
    It 'takes a pair as a parameter' {
        $endpoint = Get-HfTrafficEndpoint -Pair $pair
        $endpoint.Name | Should -Be $pair.Traffic.EndpointName
        $endpoint.Target | Should -Be $east.gateway.address
        $endpoint.Status | Should -Be 'Enabled'
        $endpoint.AlwaysServe | Should -Be $true
    }

    It 'takes the name of an imported pair, or the path of its file' {
        (Get-HfTrafficEndpoint -Pair $pair.Name).Target | Should -Be $east.gateway.address
        (Get-HfTrafficEndpoint -Pair $pair.Path).Target | Should -Be $east.gateway.address
    }

    It 'takes a pair, or its status, from the pipeline' {
        ($pair | Get-HfTrafficEndpoint).Name | Should -Be $pair.Traffic.EndpointName
        (Get-HfRegionPair | Get-HfTrafficEndpoint).Name | Should -Be $pair.Traffic.EndpointName
    }

    It 'takes a resource id from the pipeline by property name' {
        $endpoint = Get-HfTrafficEndpoint -Pair $pair
        ([pscustomobject]@{ ResourceId = $endpoint.ResourceId } | Get-HfTrafficEndpoint).Target | Should -Be $endpoint.Target
    }

    It 'takes a profile' {
        @(Get-HfTrafficEndpoint -ProfileId $pair.Traffic.ProfileId) | Should -HaveCount 1
        (Get-HfTrafficProfile -Pair $pair | Get-HfTrafficEndpoint).Name | Should -Be $pair.Traffic.EndpointName
    }

    It 'says that an endpoint is not known' {
        { Get-HfTrafficEndpoint -ProfileId $pair.Traffic.ProfileId -Name 'no-such-endpoint' -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfEndpointNotFound,Highflame.Dr.Commands.GetHfTrafficEndpointCommand'
    }

    It 'says that a pair is not known' {
        { Get-HfTrafficEndpoint -Pair 'no-such-pair' -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfPairNotFound,Highflame.Dr.Commands.GetHfTrafficEndpointCommand'
    }
}

Describe 'Get-HfTrafficProfile' {
    It 'takes a pair as a parameter' {
        $found = Get-HfTrafficProfile -Pair $pair
        $found.Fqdn | Should -Be $file.trafficManager.fqdn
        $found.RoutingMethod | Should -Be 'Weighted'
        $found.Ttl | Should -Be 30
        $found.Endpoints.Name | Should -Be $pair.Traffic.EndpointName
    }

    It 'takes an endpoint from the pipeline by property name' {
        (Get-HfTrafficEndpoint -Pair $pair | Get-HfTrafficProfile).ResourceId | Should -Be $file.trafficManager.profileId
    }

    It 'says that a profile is not known' {
        { Get-HfTrafficProfile -ResourceId "$($pair.Traffic.ProfileId)-none" -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfProfileNotFound,Highflame.Dr.Commands.GetHfTrafficProfileCommand'
    }
}

Describe 'Changes that are only asked for, or refused' {
    BeforeAll {
        $endpoint = Get-HfTrafficEndpoint -Pair $pair
        $writes = @(Get-ArmWrite -Sandbox $sandbox).Count
    }

    AfterEach {
        @(Get-ArmWrite -Sandbox $sandbox) | Should -HaveCount $writes
        (Get-HfTrafficEndpoint -Pair $pair).Target | Should -Be $endpoint.Target
        (Get-HfTrafficProfile -Pair $pair).Ttl | Should -Be 30
    }

    It 'Set-HfTrafficEndpoint -WhatIf changes nothing' {
        Set-HfTrafficEndpoint -Pair $pair -Location $west.location -WhatIf | Should -BeNullOrEmpty
    }

    It 'Set-HfTrafficProfile -WhatIf changes nothing' {
        Set-HfTrafficProfile -Pair $pair -Ttl 0 -WhatIf | Should -BeNullOrEmpty
    }

    It 'refuses the target <Target>: <Id>' -ForEach @(
        @{ Target = '10.0.0.5'; Id = 'HfTargetPrivate' }
        @{ Target = 'fd00::5'; Id = 'HfTargetPrivate' }
        @{ Target = 'https://example.com/'; Id = 'HfTargetInvalid' }
        @{ Target = 'highflame-prod-global.trafficmanager.net'; Id = 'HfTargetLoop' }
    ) {
        { Set-HfTrafficEndpoint -Pair $pair -Target $Target -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId "$Id,Highflame.Dr.Commands.SetHfTrafficEndpointCommand"
    }

    It 'refuses a location that is not the pair''s' {
        { $endpoint | Set-HfTrafficEndpoint -Location 'northeurope' -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfLocationNotInPair,Highflame.Dr.Commands.SetHfTrafficEndpointCommand'
    }

    It 'refuses a target and a location at once' {
        { Set-HfTrafficEndpoint -Pair $pair -Target '203.0.113.7' -Location $west.location -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfTargetAmbiguous,Highflame.Dr.Commands.SetHfTrafficEndpointCommand'
    }

    It 'refuses to change nothing' {
        { $endpoint | Set-HfTrafficEndpoint -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfNothingAsked,Highflame.Dr.Commands.SetHfTrafficEndpointCommand'
    }

    It 'refuses the weight <_>' -ForEach 0, 1001 {
        { Set-HfTrafficEndpoint -Pair $pair -Weight $_ -Confirm:$false } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }
}

Describe 'Set-HfTrafficEndpoint' {
    It 'moves the traffic to a location of the pair, by parameter' {
        $writes = @(Get-ArmWrite -Sandbox $sandbox).Count
        $moved = Set-HfTrafficEndpoint -Pair $pair -Location $west.location -Confirm:$false
        $moved.Outcome | Should -Be 'Succeeded'
        $moved.Target | Should -Be $west.gateway.address
        @(Get-ArmWrite -Sandbox $sandbox) | Should -HaveCount ($writes + 1)
        (Get-HfRegionPair -Name $pair.Name).Active | Should -Be $west.location
    }

    It 'sends nothing when it is so already' {
        $writes = @(Get-ArmWrite -Sandbox $sandbox).Count
        (Set-HfTrafficEndpoint -Pair $pair -Location $west.location -Confirm:$false).Outcome | Should -Be 'NoChange'
        @(Get-ArmWrite -Sandbox $sandbox) | Should -HaveCount $writes
    }

    It 'takes the pair from the pipeline' {
        ($pair | Set-HfTrafficEndpoint -Location $east.location -Confirm:$false).Target | Should -Be $east.gateway.address
    }

    It 'takes an endpoint from the pipeline' {
        (Get-HfTrafficEndpoint -Pair $pair | Set-HfTrafficEndpoint -Weight 7 -Confirm:$false).Weight | Should -Be 7
    }

    It 'takes a resource id from the pipeline by property name' {
        $id = [pscustomobject]@{ ResourceId = (Get-HfTrafficEndpoint -Pair $pair).ResourceId }
        ($id | Set-HfTrafficEndpoint -Status Disabled -Confirm:$false -WarningAction SilentlyContinue).Status | Should -Be 'Disabled'
        ($id | Set-HfTrafficEndpoint -Status Enabled -Confirm:$false).Status | Should -Be 'Enabled'
    }

    It 'takes a gateway''s name' {
        (Set-HfTrafficEndpoint -Pair $pair -Target $west.gateway.fqdn -Confirm:$false).Target | Should -Be $west.gateway.fqdn
        (Get-HfTrafficEndpoint -Pair $pair).Target | Should -Be $west.gateway.fqdn
    }

    It 'turns always-serve off and on' {
        (Set-HfTrafficEndpoint -Pair $pair -AlwaysServe Disabled -Confirm:$false).AlwaysServe | Should -Be $false
        (Set-HfTrafficEndpoint -Pair $pair -AlwaysServe Enabled -Confirm:$false).AlwaysServe | Should -Be $true
    }

    It 'shows Azure''s own refusal of a private address that is sent all the same' {
        { Set-HfTrafficEndpoint -Pair $pair -Target '10.0.0.5' -AllowPrivateAddress -Confirm:$false -WarningAction SilentlyContinue -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfAzureRefused,Highflame.Dr.Commands.SetHfTrafficEndpointCommand'
    }
}

Describe 'Set-HfTrafficProfile' {
    It 'changes the TTL, by parameter' {
        (Set-HfTrafficProfile -Pair $pair -Ttl 5 -Confirm:$false).Ttl | Should -Be 5
        (Get-HfTrafficProfile -Pair $pair).Ttl | Should -Be 5
    }

    It 'takes a profile from the pipeline' {
        (Get-HfTrafficProfile -Pair $pair | Set-HfTrafficProfile -Ttl 6 -Confirm:$false).Ttl | Should -Be 6
    }

    It 'takes an endpoint''s profile from the pipeline by property name' {
        ([pscustomobject]@{ ProfileResourceId = $pair.Traffic.ProfileId } | Set-HfTrafficProfile -Ttl 2 -Confirm:$false).Ttl | Should -Be 2
    }

    It 'waits until answers under the old TTL have expired' {
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        (Set-HfTrafficProfile -Pair $pair -Ttl 0 -WaitForOldTtl -Confirm:$false).Ttl | Should -Be 0
        $clock.Elapsed.TotalSeconds | Should -BeGreaterOrEqual 2
    }

    It 'refuses the TTL <_>' -ForEach -1, 2147483648 {
        { Set-HfTrafficProfile -Pair $pair -Ttl $_ -Confirm:$false } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }
}
