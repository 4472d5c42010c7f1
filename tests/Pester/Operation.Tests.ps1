#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    Get-HfOperation and Wait-HfOperation. replicas serve as the long-running operations.
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

Describe 'Operations' {
    BeforeAll {
        $primary = Get-HfDbServer -Role Primary

        # A second replica, beside the primary: Azure allows five, and the pair's own stays as it is.
        $replica = @{ Source = $primary.Name; Location = $east.location; Pair = $pair; NoWait = $true; Confirm = $false }
    }

    AfterAll {
        $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault Clear
    }

    It 'says that an operation is not known, and asks Azure nothing' {
        $writes = @(Get-ArmWrite -Sandbox $sandbox).Count
        { Get-HfOperation -Id 'no-such-operation' -ErrorAction Stop } | Should -Throw -ErrorId 'HfOperationNotFound,Highflame.Dr.Commands.GetHfOperationCommand'
        { Wait-HfOperation -Id 'no-such-operation' -ErrorAction Stop } | Should -Throw -ErrorId 'HfOperationNotFound,Highflame.Dr.Commands.WaitHfOperationCommand'
        @(Get-ArmWrite -Sandbox $sandbox) | Should -HaveCount $writes
    }

    Context 'One that fails' {
        BeforeAll {
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault OperationFails -Method PUT -PathContains 'flexibleServers' -Count 1
            $failed = New-HfReadReplica @replica -ReplicaName 'highflame-prod-fails'
        }

        It 'is handed over with Azure''s reason and its own error' {
            $ended = $failed | Wait-HfOperation -TimeoutSeconds 120 -ErrorAction SilentlyContinue -ErrorVariable failure
            $failure[0].FullyQualifiedErrorId | Should -Be 'HfOperationFailed,Highflame.Dr.Commands.WaitHfOperationCommand'
            $ended.Outcome | Should -Be 'Failed'
            $ended.Error | Should -Not -BeNullOrEmpty
        }
    }

    Context 'One that takes its time' {
        BeforeAll {
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault OperationStuck -Method PUT -PathContains 'flexibleServers' -Count 1
            $made = New-HfReadReplica @replica -ReplicaName 'highflame-prod-slow'
        }

        It 'is handed back as soon as Azure has accepted it' {
            $made.Outcome | Should -Be 'Pending'
            $made.Operation.Outcome | Should -Be 'Pending'
            $made.Operation.Target | Should -Be $made.ResourceId
            $made.Operation.OperationUrl | Should -BeLike "$($sandbox.ArmEndpoint)*"
        }

        It 'is shown by Get-HfOperation: all, by id, and from the pipeline' {
            (Get-HfOperation).Id | Should -Contain $made.Operation.Id
            (Get-HfOperation -Id $made.Operation.Id).Status | Should -Be 'InProgress'
            ($made.Operation | Get-HfOperation).Id | Should -Be $made.Operation.Id
            ($pair | Get-HfOperation).Id | Should -Contain $made.Operation.Id
        }

        It 'stays what it is when the waiting is given up' {
            $null = $made | Wait-HfOperation -TimeoutSeconds 1 -ErrorAction SilentlyContinue -ErrorVariable failure
            $failure[0].FullyQualifiedErrorId | Should -Be 'HfOperationPending,Highflame.Dr.Commands.WaitHfOperationCommand'
            $failure[0].TargetObject | Should -Be $made.ResourceId
            (Get-HfOperation -Id $made.Operation.Id).Outcome | Should -Be 'Pending'
        }

        It 'is waited for by its id' {
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault Clear
            $ended = Wait-HfOperation -Id $made.Operation.Id -TimeoutSeconds 120
            $ended.Outcome | Should -Be 'Succeeded'
            $ended.Finished | Should -Not -BeNullOrEmpty
        }

        It 'may be waited for again, from the pipeline, when it is over' {
            ($made.Operation | Wait-HfOperation).Outcome | Should -Be 'Succeeded'
            ($made | Wait-HfOperation).Id | Should -Be $made.Operation.Id
        }
    }

    Context 'Nothing to wait for' {
        It 'takes the output of a change that was over at once' {
            $none = New-HfReadReplica -Source $primary.Name -Location $west.location -Pair $pair -NoWait -Confirm:$false
            $none.Outcome | Should -Be 'NoChange'
            $none | Wait-HfOperation | Should -BeNullOrEmpty
        }
    }
}
