#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    Get-HfDbServer, Get-HfReplication, Invoke-HfDbFailover, Complete-HfFence and New-HfReadReplica. The blocks run in order: one pair is failed over once.
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

Describe 'Get-HfDbServer' {
    It 'shows every server with the role it has now' {
        $servers = Get-HfDbServer
        ($servers | Where-Object Role -EQ 'Primary').Name | Should -Be $east.servers[0].name
        ($servers | Where-Object Role -EQ 'Replica').Name | Should -Be $west.servers[0].name
        $servers.State | Select-Object -Unique | Should -Be 'Ready'
    }

    It 'takes a name as a parameter' {
        $server = Get-HfDbServer -Name $west.servers[0].name
        $server.Location | Should -Be $west.location
        $server.ResourceGroup | Should -Be $west.resourceGroup
        $server.SourceServerResourceId | Should -BeLike "*/$($east.servers[0].name)"
    }

    It 'takes a wildcard, a resource group and a role' {
        Get-HfDbServer -Name '*-postgres' | Should -HaveCount 2
        (Get-HfDbServer -ResourceGroup $east.resourceGroup).Name | Should -Be $east.servers[0].name
        (Get-HfDbServer -Role Replica).Name | Should -Be $west.servers[0].name
        Get-HfDbServer -Name $east.servers[0].name -Role Replica | Should -BeNullOrEmpty
    }

    It 'takes several names by position' {
        (Get-HfDbServer $west.servers[0].name, $east.servers[0].name).Name | Should -Be @($west.servers[0].name, $east.servers[0].name)
    }

    It 'takes a pair from the pipeline' {
        ($pair | Get-HfDbServer -Role Primary).Name | Should -Be $east.servers[0].name
        (Get-HfRegionPair | Get-HfDbServer -Role Primary).Name | Should -Be $east.servers[0].name
    }

    It 'takes a resource id from the pipeline by property name' {
        $server = Get-HfDbServer -Role Primary
        ([pscustomobject]@{ ResourceId = $server.ResourceId } | Get-HfDbServer).Name | Should -Be $server.Name
    }

    It 'says that a server is not known, and goes on with the next' {
        $found = Get-HfDbServer -Name 'no-such-server', $east.servers[0].name -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -Be 'HfServerNotFound,Highflame.Dr.Commands.GetHfDbServerCommand'
        $failure[0].TargetObject | Should -Be 'no-such-server'
        $found.Name | Should -Be $east.servers[0].name
    }
}

Describe 'Get-HfReplication' {
    It 'measures the pair''s replica at both databases' {
        $lag = Get-HfReplication -Pair $pair
        $lag.Name | Should -Be $west.servers[0].name
        $lag.Primary | Should -Be $east.servers[0].name
        $lag.Source | Should -Be 'Database'
        $lag.LagBytes | Should -BeGreaterOrEqual 0
    }

    It 'takes a replica, or its primary, as a parameter' {
        (Get-HfReplication -Name $west.servers[0].name).Name | Should -Be $west.servers[0].name
        (Get-HfReplication -Name $east.servers[0].name).Name | Should -Be $west.servers[0].name
    }

    It 'takes a server from the pipeline' {
        (Get-HfDbServer -Role Primary | Get-HfReplication).ResourceId | Should -Be (Get-HfDbServer -Role Replica).ResourceId
    }

    It 'takes a resource id from the pipeline by property name' {
        ([pscustomobject]@{ ResourceId = (Get-HfDbServer -Role Replica).ResourceId } | Get-HfReplication).Name | Should -Be $west.servers[0].name
    }

    It 'says that a server is not known' {
        { Get-HfReplication -Name 'no-such-server' -ErrorAction Stop } | Should -Throw -ErrorId 'HfServerNotFound,Highflame.Dr.Commands.GetHfReplicationCommand'
    }
}

Describe 'Changes that are only asked for, or refused' {
    BeforeAll {
        $primary = Get-HfDbServer -Role Primary
        $replica = Get-HfDbServer -Role Replica
        $writes = @(Get-ArmWrite -Sandbox $sandbox).Count
    }

    AfterEach {
        # Nothing was sent to Azure, and the roles are what they were.
        @(Get-ArmWrite -Sandbox $sandbox) | Should -HaveCount $writes
        (Get-HfDbServer -Role Primary).Name | Should -Be $primary.Name
        (Get-HfDbServer -Role Replica).Name | Should -Be $replica.Name
    }

    It 'Invoke-HfDbFailover -WhatIf changes nothing' {
        Invoke-HfDbFailover -Name $replica.Name -Pair $pair -WhatIf | Should -BeNullOrEmpty
    }

    It 'Invoke-HfDbFailover refuses a primary' {
        { Invoke-HfDbFailover -Name $primary.Name -Pair $pair -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfServerNotReplica,Highflame.Dr.Commands.InvokeHfDbFailoverCommand'
    }

    It 'Invoke-HfDbFailover refuses a server that is not there' {
        { Invoke-HfDbFailover -Name 'no-such-server' -Pair $pair -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfServerNotFound,Highflame.Dr.Commands.InvokeHfDbFailoverCommand'
    }

    It 'Invoke-HfDbFailover -Mode Forced states the loss and asks for consent' {
        $null = $replica | Invoke-HfDbFailover -Mode Forced -Pair $pair -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -Be 'HfDataLossConsentRequired,Highflame.Dr.Commands.InvokeHfDbFailoverCommand'
        $failure[0].Exception.Message | Should -Match 'bytes behind: \d+'
    }

    It 'New-HfReadReplica -WhatIf changes nothing' {
        New-HfReadReplica -Source $primary.Name -Location 'eastus' -WhatIf | Should -BeNullOrEmpty
    }

    It 'New-HfReadReplica refuses a source that is a replica' {
        { $replica | New-HfReadReplica -Location 'eastus' -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfSourceNotPrimary,Highflame.Dr.Commands.NewHfReadReplicaCommand'
    }

    It 'New-HfReadReplica leaves a region alone that has a replica already' {
        (New-HfReadReplica -SourceServerResourceId $primary.ResourceId -Location 'West US' -Confirm:$false).Outcome | Should -Be 'NoChange'
    }

    It 'Complete-HfFence refuses the primary that is in use' {
        { $primary | Complete-HfFence -Pair $pair -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfServerIsActivePrimary,Highflame.Dr.Commands.CompleteHfFenceCommand'
    }

    It 'Complete-HfFence refuses a replica' {
        { Complete-HfFence -Name $replica.Name -Pair $pair -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfServerIsReplica,Highflame.Dr.Commands.CompleteHfFenceCommand'
    }

    It 'Complete-HfFence has nothing to do for a pair that owes nothing' {
        Complete-HfFence -Pair $pair -Confirm:$false | Should -BeNullOrEmpty
    }
}

Describe 'A planned failover' {
    BeforeAll {
        $old = Get-HfDbServer -Role Primary
        $replica = Get-HfDbServer -Role Replica
        $failover = $replica | Invoke-HfDbFailover -Mode Planned -Pair $pair -Confirm:$false
    }

    It 'fences the old primary, promotes the replica and proves that nothing is lost' {
        $failover.Outcome | Should -Be 'Succeeded'
        $failover.Fenced | Should -Be $true
        $failover.ZeroLossProven | Should -Be $true
        $failover.OldPrimaryResourceId | Should -Be $old.ResourceId
    }

    It 'leaves one primary, and the old one stopped' {
        (Get-HfDbServer -Name $replica.Name).Role | Should -Be 'Primary'
        (Get-HfDbServer -Name $old.Name).State | Should -Be 'Stopped'
    }

    It 'refuses to promote the same server again' {
        { Invoke-HfDbFailover -ResourceId $replica.ResourceId -Pair $pair -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfReplicaAlreadyPromoted,Highflame.Dr.Commands.InvokeHfDbFailoverCommand'
    }

    It 'has nothing left to fence' {
        ($failover | Complete-HfFence -Pair $pair -Confirm:$false).Outcome | Should -Be 'NoChange'
    }

    It 'hands its output to New-HfReadReplica, which builds a replica that streams' {
        $made = $failover | New-HfReadReplica -Location $east.location -Confirm:$false
        $made.Outcome | Should -Be 'Succeeded'
        $made.Location | Should -Be $east.location
        $made.Name | Should -Not -Be $old.Name

        $lag = Get-HfReplication -Name $made.Name
        $lag.Primary | Should -Be $replica.Name
        $lag.Source | Should -Be 'Database'
    }

    It 'has sent Azure the promotion once' {
        @(Get-ArmWrite -Sandbox $sandbox | Where-Object { $_.method -eq 'PATCH' -and $_.path -like "*/$($replica.Name)" }) | Should -HaveCount 1
    }
}

Describe 'Copy-HfDbSetting' {
    It 'finds nothing to restore where the servers are alike' {
        $failover | Copy-HfDbSetting -Kind Tags, Backup, HighAvailability -Pair $pair -Confirm:$false | Should -BeNullOrEmpty
    }

    It 'refuses a replica' {
        { Get-HfDbServer -Role Replica | Copy-HfDbSetting -From $failover.OldPrimaryResourceId -Pair $pair -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfNotPrimary,Highflame.Dr.Commands.CopyHfDbSettingCommand'
    }
}

Describe 'Set-HfDbBinding' {
    It 'lets the region find its new replica, from the pipeline, and says which secrets it wrote' {
        $bound = Get-HfDbServer -Role Replica | Set-HfDbBinding -Pair $pair -Confirm:$false
        $bound.Outcome | Should -Be 'Succeeded'
        $bound.Location | Should -Be $east.location
        $bound.Written | Should -Be 'host', 'id', 'privateip'
        $bound.PrivateEndpointId | Should -BeLike "*/$($bound.Name)-pe"
    }

    It 'changes nothing the second time' {
        (Set-HfDbBinding -Pair $pair -Location $east.location -Confirm:$false).Outcome | Should -Be 'NoChange'
    }

    It 'lets the applications answer from it, once they have read their secrets' {
        $null = Invoke-HfSandboxFault -Fault ApplicationRestart -Sandbox $sandbox.Path -Region $east.location -Confirm:$false
        (Test-HfHealth -Pair $pair -Location $east.location -Via Gateway -ExpectedRole Replica -WaitSeconds 30).Server | Should -Be (Get-HfDbServer -Role Replica).Name
    }
}

Describe 'Virtual endpoints' {
    It 'are made, shown and aimed' {
        $name = "hf-$([guid]::NewGuid().ToString('n').Substring(0, 8))"
        $made = New-HfVirtualEndpoint $name -Pair $pair -Confirm:$false
        $made.Reader | Should -Be (Get-HfDbServer -Role Replica).Name
        $aimed = Get-HfVirtualEndpoint -Pair $pair | Set-HfVirtualEndpoint -Reader $made.Server -Pair $pair -Confirm:$false
        $aimed.Reader | Should -Be $made.Server
    }

    It 'are needed for a switchover' {
        { Get-HfDbServer -Role Replica | Invoke-HfDbFailover -Promotion Switchover -Pair $pair -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfSwitchoverNoEndpoint,Highflame.Dr.Commands.InvokeHfDbFailoverCommand'
    }
}
