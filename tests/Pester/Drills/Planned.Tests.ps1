#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    The planned drill: everything is healthy, the application is failed over with the shipped runbook, and no acknowledged write may be lost.
.DESCRIPTION
    Two fresh regions on this computer, clients that write all the time, then what an operator does: look, ask what would happen, fail over, look again.
    The blocks run in order.
.PARAMETER TimeScale
    Azure's modelled durations are divided by this; 0 takes them away.
.PARAMETER MinimumWrites
    Acknowledged writes before the drill goes on.
.PARAMETER OutputPath
    Directory for the drill's report and evidence; default is a temporary one.
.EXAMPLE
    Invoke-Pester -Path ./tests/Pester/Drills -TagFilter Drill
.EXAMPLE
    $drill = New-PesterContainer -Path ./tests/Pester/Drills/Planned.Tests.ps1 -Data @{ TimeScale = 20; OutputPath = './artifacts/drill' }
    Invoke-Pester -Container $drill
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'BeforeAll sets what It reads.')]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSReviewUnusedParameter', '', Justification = 'BeforeAll reads them.')]
param(
    [double] $TimeScale = 0,

    [int] $MinimumWrites = 1000,

    [string] $OutputPath
)

Describe 'Planned drill' -Tag 'Drill' {
    BeforeAll {
        . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Highflame.Dr.TestHost.ps1'))
        $sandbox = Enter-TestSandbox -TimeScale $TimeScale
        $pair = Import-HfRegionPair -Path $sandbox.PairPath
        $before = Get-HfRegionPair -Name $pair.Name
        $from, $to = $before.Active, $before.Passive
        $runbook = Join-Path (Split-Path -Path (Get-BuiltModulePath) -Parent) 'Runbooks' 'Invoke-HfRegionFailover.ps1'
        $output = if ($OutputPath) { $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($OutputPath) } else { Join-Path $TestDrive 'drill' }
        $null = New-Item -Path $output -ItemType Directory -Force
    }

    AfterAll {
        Exit-TestSandbox -Sandbox $sandbox
    }

    Context 'Before' {
        It 'has the primary where traffic goes, and a replica in the other region' {
            $before.State | Should -Be 'Protected'
            $before.FenceDebt | Should -HaveCount 0
        }

        It 'is healthy through Traffic Manager and at both gateways' {
            (Test-HfHealth -Pair $pair -ExpectedRole Primary).Healthy | Should -Be @($true, $true)
            (Test-HfHealth -Pair $pair -Location $to -Via Gateway -ExpectedRole Replica).Healthy | Should -Be $true
        }

        It 'has clients that write' {
            $null = Start-HfSandboxLoad -Sandbox $sandbox
            Wait-SandboxLoad -Sandbox $sandbox -Acknowledged $MinimumWrites
            (Get-HfSandboxLoad -Sandbox $sandbox).Acknowledged | Should -BeGreaterOrEqual $MinimumWrites
        }
    }

    Context 'What if' {
        BeforeAll {
            $writes = @(Get-ArmWrite -Sandbox $sandbox).Count
            $null = & $runbook -PairPath $pair.Path -To $to -Mode Planned -WhatIf
            $code = $LASTEXITCODE
        }

        It 'finds no reason not to go on' {
            $code | Should -Be 0
        }

        It 'changes nothing' {
            @(Get-ArmWrite -Sandbox $sandbox) | Should -HaveCount $writes
            $now = Get-HfRegionPair -Name $pair.Name
            $now.Active | Should -Be $from
            $now.PrimaryServer | Should -Be $before.PrimaryServer
            $now.UnfinishedRun | Should -BeNullOrEmpty
        }
    }

    Context 'The failover' {
        BeforeAll {
            $evidence = & $runbook -PairPath $pair.Path -To $to -Mode Planned -EvidencePath (Join-Path $output 'planned.evidence.json') -Confirm:$false
            $code = $LASTEXITCODE
            $load = Stop-HfSandboxLoad -Sandbox $sandbox
            $report = $evidence | Export-HfDrillReport -Scenario 'planned' -Load $load -Path (Join-Path $output 'planned.json')
        }

        It 'is done' {
            $code | Should -Be 0
            $evidence.Outcome | Should -Be 'Succeeded'
            $evidence.Owed | Should -HaveCount 0
        }

        It 'keeps both objectives' {
            $evidence.Rto.AchievedSeconds | Should -BeLessOrEqual $evidence.Rto.ObjectiveSeconds
            $evidence.Rpo.AchievedSeconds | Should -Be 0
            $evidence.ZeroLossProven | Should -Be $true
        }

        It 'loses no acknowledged write' {
            $load.Acknowledged | Should -BeGreaterOrEqual $MinimumWrites
            $load.Lost | Should -Be 0
            $load.CountedIn | Should -Be $before.ReplicaServer
        }

        It 'never has two writers' {
            $load.AcceptedByOldPrimary | Should -Be 0
            $load.Shares.Region | Should -Be @($from, $to)
        }

        It 'promotes once' {
            @(Get-ArmWrite -Sandbox $sandbox | Where-Object { $_.method -eq 'PATCH' -and $_.path -like "*/flexibleServers/$($before.ReplicaServer)" }) | Should -HaveCount 1
        }

        It 'is reported' {
            $report.Failures | Should -HaveCount 0
            $report.Passed | Should -Be $true
            $written = Get-Content -LiteralPath (Join-Path $output 'planned.json') -Raw | ConvertFrom-Json
            $written.writes.lost | Should -Be 0
            $written.topology.active | Should -Be $to
        }
    }

    Context 'After' {
        BeforeAll {
            $after = Get-HfRegionPair -Name $pair.Name
        }

        It 'has the roles reversed and is protected again' {
            $after.State | Should -Be 'Protected'
            $after.Active | Should -Be $to
            $after.PrimaryServer | Should -Be $before.ReplicaServer
            $after.UnfinishedRun | Should -BeNullOrEmpty
            $after.FenceDebt | Should -HaveCount 0
        }

        It 'has a new replica that streams, in the region that was left' {
            $lag = Get-HfReplication -Pair $pair
            $lag.Location | Should -Be $from
            $lag.Primary | Should -Be $after.PrimaryServer
            $lag.Source | Should -Be 'Database'
            $lag.Name | Should -Not -Be $before.PrimaryServer
        }

        It 'has the old primary stopped' {
            (Get-HfDbServer -Name $before.PrimaryServer).State | Should -Be 'Stopped'
        }

        It 'serves from the new region, proven by a write that is read back' {
            $health = Test-HfHealth -Pair $pair -Location $to -ExpectedRole Primary -Function
            $health.Healthy | Should -Be @($true, $true)
            $health.Server | Should -Be @($before.ReplicaServer, $before.ReplicaServer)
            $health.FunctionIntact | Should -Be @($true, $true)
            (Test-HfTrafficRoute -Pair $pair -Location $to).Current | Should -Be $true
        }

        It 'has the profile''s TTL as it was' {
            $after.Ttl | Should -Be $before.Ttl
        }
    }
}
