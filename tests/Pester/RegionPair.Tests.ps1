#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    Import-HfRegionPair and Get-HfRegionPair.
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'BeforeAll sets what It reads.')]
param()

BeforeDiscovery {
    $malformed = @(
        @{ Fault = 'no JSON'; Change = { param($text) $text.Substring(0, $text.Length / 2) }; Says = 'this is not JSON' }
        @{ Fault = 'a comment'; Change = { param($text) $text.Replace('"regions"', "// two of them`n`"regions`"") }; Says = 'this is not JSON' }
        @{ Fault = 'a member that is not known'; Change = { param($text) $text.Replace('"name"', "`"active`": `"eastus`", `"name`"") }; Says = '''active'' is not known here' }
        @{ Fault = 'no traffic profile'; Change = { param($text) $text.Replace('"profileId"', '"profile"') }; Says = '''profileId'' is missing' }
        @{ Fault = 'one region twice'; Change = { param($text) $text.Replace('"westus"', '"eastus"') }; Says = 'two different locations' }
        @{ Fault = 'a number as text'; Change = { param($text) $text -replace '"consecutive":\s*\d+', '"consecutive": "three"' }; Says = 'health.consecutive' }
    )
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Highflame.Dr.TestHost.ps1')
    $sandbox = Enter-TestSandbox
    $file = Get-SandboxFile -Sandbox $sandbox
    $east, $west = $file.regions
}

AfterAll {
    Exit-TestSandbox -Sandbox $sandbox
}

Describe 'Import-HfRegionPair' {
    It 'takes a path as a parameter' {
        $pair = Import-HfRegionPair -Path $sandbox.PairPath
        $pair.Name | Should -Be 'highflame-prod'
        $pair.Regions.Location | Should -Be @('eastus', 'westus')
        $pair.Objectives.RtoSeconds | Should -Be 900
    }

    It 'takes a path by position' {
        (Import-HfRegionPair $sandbox.PairPath).Path | Should -Be $sandbox.PairPath
    }

    It 'takes the output of Start-HfSandbox from the pipeline' {
        ($sandbox | Import-HfRegionPair).SubscriptionId | Should -Be $sandbox.SubscriptionId
    }

    It 'takes a file from the pipeline by property name' {
        (Get-Item -LiteralPath $sandbox.PairPath | Import-HfRegionPair).Path | Should -Be $sandbox.PairPath
        ([pscustomobject]@{ PairPath = $sandbox.PairPath } | Import-HfRegionPair).Path | Should -Be $sandbox.PairPath
    }

    It 'says that a file is not there' {
        { Import-HfRegionPair -Path (Join-Path $TestDrive 'none.json') -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfPairFileNotFound,Highflame.Dr.Commands.ImportHfRegionPairCommand'
    }

    It 'refuses a file with <Fault> and says where' -ForEach $malformed {
        $path = Join-Path $TestDrive 'pair.json'
        Set-Content -LiteralPath $path -Value (& $Change (Get-Content -LiteralPath $sandbox.PairPath -Raw))

        $null = Import-HfRegionPair -Path $path -ErrorAction SilentlyContinue -ErrorVariable failure

        $failure[0].FullyQualifiedErrorId | Should -Be 'HfPairFileMalformed,Highflame.Dr.Commands.ImportHfRegionPairCommand'
        $failure[0].TargetObject | Should -Be $path
        $failure[0].Exception.Message | Should -Match 'line \d+'
        $failure[0].Exception.Message | Should -BeLike "*$Says*"
    }

    It 'goes on with the next file after a bad one' {
        $pairs = @((Join-Path $TestDrive 'none.json'), $sandbox.PairPath | Import-HfRegionPair -ErrorAction SilentlyContinue -ErrorVariable failure)
        $pairs | Should -HaveCount 1
        $failure | Should -HaveCount 1
    }
}

Describe 'Get-HfRegionPair' {
    BeforeAll {
        $pair = Import-HfRegionPair -Path $sandbox.PairPath
    }

    It 'reads live which region is active and which server is primary' {
        $status = Get-HfRegionPair -Name $pair.Name
        $status.State | Should -Be 'Protected'
        $status.Active | Should -Be $east.location
        $status.Passive | Should -Be $west.location
        $status.PrimaryServer | Should -Be $east.servers[0].name
        $status.ReplicaServer | Should -Be $west.servers[0].name
        $status.EndpointTarget | Should -Be $east.gateway.address
        $status.TrafficManagerFqdn | Should -Be $file.trafficManager.fqdn
        $status.FenceDebt | Should -HaveCount 0
        $status.UnfinishedRun | Should -BeNullOrEmpty
    }

    It 'shows every imported pair when none is named' {
        (Get-HfRegionPair).Name | Should -Be $pair.Name
    }

    It 'takes a wildcard' {
        (Get-HfRegionPair -Name 'highflame-*').Name | Should -Be $pair.Name
        Get-HfRegionPair -Name 'another-*' | Should -BeNullOrEmpty
    }

    It 'takes the pair from the pipeline' {
        ($pair | Get-HfRegionPair).PrimaryServer | Should -Be $east.servers[0].name
    }

    It 'takes a name from the pipeline by property name' {
        ([pscustomobject]@{ Name = $pair.Name } | Get-HfRegionPair).Active | Should -Be $east.location
    }

    It 'says that a name is not known, and goes on with the next' {
        $found = Get-HfRegionPair -Name 'no-such-pair', $pair.Name -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -Be 'HfPairNotFound,Highflame.Dr.Commands.GetHfRegionPairCommand'
        $failure[0].TargetObject | Should -Be 'no-such-pair'
        $found.Name | Should -Be $pair.Name
    }

    It 'only looks' {
        $writes = @(Get-ArmWrite -Sandbox $sandbox).Count
        $null = Get-HfRegionPair
        @(Get-ArmWrite -Sandbox $sandbox) | Should -HaveCount $writes
    }
}

Describe 'Watch-HfRegionPair' {
    BeforeAll {
        $pair = Import-HfRegionPair -Path $sandbox.PairPath
    }

    It 'hears every witness and finds all well' {
        $found = $pair | Watch-HfRegionPair -Once
        $found.Verdict | Should -Be 'Healthy'
        $found.Action | Should -Be 'None'
        $found.Automatic | Should -Be 'Off'
        $found.Witnesses.Kind | Should -Contain 'ResourceHealth'
        ($found.Witnesses | Where-Object Kind -EQ 'Replica').Word | Should -Be 'Up'
        ($found.Witnesses | Where-Object Kind -EQ 'VantagePoint').Outside | Should -BeTrue
    }

    It 'tells an ill application from a lost region, and asks for nothing' {
        $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault HealthFailing -Region $east.location
        try {
            $found = @(Watch-HfRegionPair -Pair $pair -Count 4 -IntervalSeconds 0.1)
            $found[-1].Verdict | Should -Be 'Application'
            $found[-1].Price.UsersFailing | Should -BeTrue
            $found.Action | Should -Not -Contain 'Failover'
            @($found | Where-Object Action -EQ 'Alert') | Should -HaveCount 1
        }
        finally {
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault HealthPassing -Region $east.location
        }
    }

    It 'gives a line of JSON for each round' {
        $lines = @(Watch-HfRegionPair -Pair $pair -Count 2 -IntervalSeconds 0.1 -AsJson)
        $lines | Should -HaveCount 2
        ($lines[0] | ConvertFrom-Json).pair | Should -Be $pair.Name
    }

    It 'only looks' {
        $writes = @(Get-ArmWrite -Sandbox $sandbox).Count
        $null = Watch-HfRegionPair -Pair $pair -Once
        @(Get-ArmWrite -Sandbox $sandbox) | Should -HaveCount $writes
    }
}
