#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    Start-HfRun, Complete-HfRun and Export-HfEvidence. The blocks run in order: one run is begun, left, resumed and closed.
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

Describe 'Without a run' {
    It 'Complete-HfRun says that there is none' {
        { Complete-HfRun -ErrorAction Stop } | Should -Throw -ErrorId 'HfNoRun,Highflame.Dr.Commands.CompleteHfRunCommand'
    }

    It 'Start-HfRun refuses a location that is not the pair''s' {
        { Start-HfRun -Pair $pair -To 'northeurope' -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'HfLocationNotInPair,Highflame.Dr.Commands.StartHfRunCommand'
    }

    It 'Start-HfRun -WhatIf takes no lease and opens no journal' {
        Start-HfRun -Pair $pair -To $west.location -WhatIf | Should -BeNullOrEmpty
        @(Get-ChildItem -Path $pair.RunStore -Recurse -File -ErrorAction Ignore) | Should -HaveCount 0
        (Get-HfRegionPair -Name $pair.Name).UnfinishedRun | Should -BeNullOrEmpty
    }
}

Describe 'A run' {
    BeforeAll {
        $status = Get-HfRegionPair -Name $pair.Name
        $run = $pair | Start-HfRun -To $west.location -Confirm:$false
        $other = Open-FreshSession
        $null = Invoke-InSession -Session $other -Script 'param($Path) Connect-HfAzure -Sandbox $Path' -Argument @{ Path = $sandbox.Path }
    }

    AfterAll {
        $other.Dispose()
    }

    It 'remembers what it found' {
        $run.Pair | Should -Be $pair.Name
        $run.From | Should -Be $east.location
        $run.To | Should -Be $west.location
        $run.Mode | Should -Be 'Planned'
        $run.Resumed | Should -Be $false
        $run.Before.PrimaryResourceId | Should -Be $status.PrimaryResourceId
        $run.Before.ReplicaResourceId | Should -Be $status.ReplicaResourceId
        $run.Before.EndpointTarget | Should -Be $east.gateway.address
        $run.Before.Ttl | Should -Be 30
    }

    It 'shows in the pair''s status' {
        $now = Get-HfRegionPair -Name $pair.Name
        $now.UnfinishedRun | Should -Be $run.Id
        $now.State | Should -Be 'FailingOver'
    }

    It 'is written down in its journal' {
        $lines = @(Get-Content -LiteralPath $run.JournalPath | ConvertFrom-Json)
        $lines.Count | Should -BeGreaterOrEqual 1
        Get-Content -LiteralPath $run.JournalPath -Raw | Should -Match ([regex]::Escape($run.Id))
        Get-Content -LiteralPath $run.JournalPath -Raw | Should -Not -Match ([regex]::Escape($file.clientSecret))
    }

    It 'keeps every other session out, and says who holds it' {
        $answer = Invoke-InSession -Session $other -Script 'param($Path, $To) Start-HfRun -Pair $Path -To $To -Confirm:$false' -Argument @{ Path = $sandbox.PairPath; To = $west.location }
        $answer.Output | Should -HaveCount 0
        $answer.ErrorId | Should -Be 'HfRunHeld,Highflame.Dr.Commands.StartHfRunCommand'
    }

    It 'records what is done in it' {
        $null = Set-HfTrafficProfile -Pair $pair -Ttl 10 -Confirm:$false
        $null = Set-HfTrafficProfile -Pair $pair -Ttl 30 -Confirm:$false
        Get-Content -LiteralPath $run.JournalPath -Raw | Should -Match 'SetTtl'
    }

    It 'takes no lock away where none hinders it, CanNotDelete among them, and owes none' {
        $before = @(Get-ArmWrite -Sandbox $sandbox).Count
        Unlock-HfResource -Pair $pair -Confirm:$false | Should -BeNullOrEmpty
        Lock-HfResource -Pair $pair -Confirm:$false | Should -BeNullOrEmpty
        @(Get-ArmWrite -Sandbox $sandbox) | Should -HaveCount $before
        (Get-HfRegionPair -Name $pair.Name).LockDebt | Should -HaveCount 0
    }

    It 'is not closed by Complete-HfRun -WhatIf' {
        Complete-HfRun -WhatIf | Should -BeNullOrEmpty
        (Get-HfRegionPair -Name $pair.Name).UnfinishedRun | Should -Be $run.Id
    }

    It 'can be left unfinished, and is resumed on what it first saw' {
        (Complete-HfRun -Outcome Pending -Confirm:$false).Outcome | Should -Be 'Pending'
        (Get-HfRegionPair -Name $pair.Name).UnfinishedRun | Should -Be $run.Id

        $null = Set-HfTrafficProfile -Pair $pair -Ttl 20 -Confirm:$false
        $again = Start-HfRun $west.location -Pair $pair -Confirm:$false

        $again.Id | Should -Be $run.Id
        $again.Resumed | Should -Be $true
        $again.FencingNumber | Should -BeGreaterThan $run.FencingNumber
        $again.Before.Ttl | Should -Be 30
        $again.Steps.Name | Should -Contain 'SetTtl'
    }

    It 'gives the lease back when it is closed' {
        $closed = Complete-HfRun -Confirm:$false
        $closed.Outcome | Should -Be 'Succeeded'
        (Get-HfRegionPair -Name $pair.Name).UnfinishedRun | Should -BeNullOrEmpty

        $answer = Invoke-InSession -Session $other -Script 'param($Path, $To) Start-HfRun -Pair $Path -To $To -Confirm:$false; Complete-HfRun -Outcome NoChange -Confirm:$false' -Argument @{ Path = $sandbox.PairPath; To = $west.location }
        $answer.ErrorId | Should -HaveCount 0
        $answer.Output[0].FencingNumber | Should -BeGreaterThan $closed.FencingNumber
    }
}

Describe 'Export-HfEvidence' {
    BeforeAll {
        $null = Start-HfRun -Pair $pair -To $west.location -Confirm:$false
        $null = Set-HfTrafficProfile -Pair $pair -Ttl 30 -Confirm:$false
        $closed = Complete-HfRun -Confirm:$false
    }

    It '-WhatIf writes no file' {
        $path = Join-Path $TestDrive 'whatif.json'
        Export-HfEvidence -Run $closed -Pair $pair -Path $path -WhatIf | Should -BeNullOrEmpty
        Test-Path -LiteralPath $path | Should -Be $false
    }

    It 'writes what happened, and its seal, to a file' {
        $path = Join-Path $TestDrive 'evidence.json'
        $evidence = Export-HfEvidence -Run $closed -Pair $pair -Path $path -Confirm:$false
        $evidence.RunId | Should -Be $closed.Id
        $evidence.Path | Should -Be $path
        $evidence.JournalHash | Should -Match '^[0-9a-f]{64}$'

        $written = Get-Content -LiteralPath $path -Raw | ConvertFrom-Json
        $written.runId | Should -Be $closed.Id
        $written.topology.active | Should -Be $east.location
        $written.rto.objectiveSeconds | Should -Be 900
    }

    It 'takes the run from the pipeline' {
        ($closed | Export-HfEvidence -Pair $pair -Path (Join-Path $TestDrive 'piped.json') -Confirm:$false).RunId | Should -Be $closed.Id
    }

    It 'takes the last run of the session when none is given' {
        (Export-HfEvidence (Join-Path $TestDrive 'last.json') -Confirm:$false).RunId | Should -Be $closed.Id
    }
}
