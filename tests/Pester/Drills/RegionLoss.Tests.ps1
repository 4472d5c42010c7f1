#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    The region-loss drill: a region is killed with acknowledged writes in flight, the application is failed over with consent, and the lost region comes back.
.DESCRIPTION
    Two fresh regions on this computer, clients that write all the time, a link that is slow enough to hold writes back. The blocks run in order.
.PARAMETER TimeScale
    Azure's modelled durations are divided by this; 0 takes them away.
.PARAMETER MinimumWrites
    Acknowledged writes before the drill goes on.
.PARAMETER OutputPath
    Directory for the drill's report and evidence; default is a temporary one.
.EXAMPLE
    Invoke-Pester -Path ./tests/Pester/Drills -TagFilter Drill
.EXAMPLE
    $drill = New-PesterContainer -Path ./tests/Pester/Drills/RegionLoss.Tests.ps1 -Data @{ TimeScale = 20; OutputPath = './artifacts/drill' }
    Invoke-Pester -Container $drill
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'BeforeAll sets what It reads.')]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSReviewUnusedParameter', '', Justification = 'BeforeAll reads them.')]
param(
    [double] $TimeScale = 0,

    [int] $MinimumWrites = 1000,

    [string] $OutputPath
)

Describe 'Region-loss drill' -Tag 'Drill' {
    BeforeAll {
        . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Highflame.Dr.TestHost.ps1'))
        $sandbox = Enter-TestSandbox -TimeScale $TimeScale
        $pair = Import-HfRegionPair -Path $sandbox.PairPath
        $before = Get-HfRegionPair -Name $pair.Name
        $from, $to = $before.Active, $before.Passive
        $runbook = Join-Path (Split-Path -Path (Get-BuiltModulePath) -Parent) 'Runbooks' 'Invoke-HfRegionFailover.ps1'
        $output = if ($OutputPath) { $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($OutputPath) } else { Join-Path $TestDrive 'drill' }
        $null = New-Item -Path $output -ItemType Directory -Force
        $failover = @{ PairPath = $pair.Path; To = $to; Mode = 'Forced'; EvidencePath = Join-Path $output 'region-loss.evidence.json'; Confirm = $false }
        # What one Context leaves for the next: each has variables of its own.
        $played = @{}
    }

    AfterAll {
        Exit-TestSandbox -Sandbox $sandbox
    }

    Context 'The region is lost' {
        BeforeAll {
            $null = Start-HfSandboxLoad -Sandbox $sandbox
            Wait-SandboxLoad -Sandbox $sandbox -Acknowledged $MinimumWrites
            # Acknowledged writes stay on the link for a second and a half: so many are in flight when it goes.
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault Link -LatencyMilliseconds 1500
            Start-Sleep -Seconds 4
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault RegionLost -Region $from
        }

        It 'does not serve any more' {
            (Test-HfHealth -Pair $pair -Location $from -Via Gateway).Healthy | Should -Be $false
        }

        It 'still has a healthy gateway in the other region' {
            (Test-HfHealth -Pair $pair -Location $to -Via Gateway).Healthy | Should -Be $true
        }

        It 'can be measured at the replica alone' {
            (Get-HfReplication -Pair $pair).Source | Should -Be 'ReplicaOnly'
        }

        It 'is not failed over as planned' {
            { Invoke-HfDbFailover -ResourceId $before.ReplicaResourceId -Mode Planned -Pair $pair -Confirm:$false -ErrorAction Stop } |
                Should -Throw -ErrorId 'HfPrimaryUnreachable,Highflame.Dr.Commands.InvokeHfDbFailoverCommand'
        }
    }

    Context 'Without consent' {
        BeforeAll {
            $writes = @(Get-ArmWrite -Sandbox $sandbox).Count
            $said = & $runbook @failover 2>&1
            $code = $LASTEXITCODE
        }

        It 'states the loss and asks for consent' {
            $refusal = $said | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | Select-Object -First 1
            $refusal.FullyQualifiedErrorId | Should -Be 'HfDataLossConsentRequired,Highflame.Dr.Commands.InvokeHfDbFailoverCommand'
            $code | Should -Be 4
        }

        It 'changes nothing' {
            @(Get-ArmWrite -Sandbox $sandbox) | Should -HaveCount $writes
            (Get-HfDbServer -ResourceId $before.ReplicaResourceId).Role | Should -Be 'Replica'
        }
    }

    Context 'With consent' {
        BeforeAll {
            $first = & $runbook @failover -AllowDataLoss -WarningAction SilentlyContinue
            $code = $LASTEXITCODE
            $played.RunId = $first.RunId
        }

        It 'serves from the other region, and owes the lost one its fence' {
            $code | Should -Be 3
            $first.Outcome | Should -Be 'Pending'
            $first.Owed | Should -Not -BeNullOrEmpty
            (Get-HfRegionPair -Name $pair.Name).FenceDebt | Should -Be $before.PrimaryServer
        }

        It 'is healthy through Traffic Manager, on the promoted database' {
            $health = Test-HfHealth -Pair $pair -Location $to -Via TrafficManager -ExpectedRole Primary -Function
            $health.Healthy | Should -Be $true
            $health.Server | Should -Be $before.ReplicaServer
        }

        It 'has clients that write again' {
            Wait-SandboxLoad -Sandbox $sandbox -Acknowledged 1 -Location $to
            $share = (Get-HfSandboxLoad -Sandbox $sandbox).Shares | Where-Object Region -EQ $to
            $share.Acknowledged | Should -BeGreaterThan 0
        }
    }

    Context 'The region comes back' {
        BeforeAll {
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault Link -LatencyMilliseconds 0
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault RegionRestored -Region $from -DelaySeconds 2
            $evidence = & $runbook @failover -AllowDataLoss -OldPrimaryWaitSeconds 120
            $code = $LASTEXITCODE
            $load = Stop-HfSandboxLoad -Sandbox $sandbox
            $report = Export-HfDrillReport -Scenario 'region-loss' -Evidence $evidence -Load $load -Path (Join-Path $output 'region-loss.json')
            $after = Get-HfRegionPair -Name $pair.Name
        }

        It 'resumes the same run to its end' {
            $code | Should -Be 0
            $played.RunId | Should -Not -BeNullOrEmpty
            $evidence.RunId | Should -Be $played.RunId
            $evidence.Outcome | Should -Be 'Succeeded'
            $evidence.Owed | Should -HaveCount 0
        }

        It 'promotes once' {
            @(Get-ArmWrite -Sandbox $sandbox | Where-Object { $_.method -eq 'PATCH' -and $_.path -like "*/flexibleServers/$($before.ReplicaServer)" }) | Should -HaveCount 1
        }

        It 'really lost acknowledged writes, and does not tell another number' {
            $load.Lost | Should -BeGreaterThan 0
            $evidence.ReportedLost | Should -BeIn @($null, $load.Lost)
        }

        It 'never had two writers' {
            $load.AcceptedByOldPrimary | Should -Be 0
        }

        It 'has the old primary fenced and stopped' {
            $after.FenceDebt | Should -HaveCount 0
            (Get-HfDbServer -Name $before.PrimaryServer).State | Should -Be 'Stopped'
        }

        It 'is protected again, with a new replica in the region that was lost' {
            $after.State | Should -Be 'Protected'
            $after.Active | Should -Be $to
            $after.PrimaryServer | Should -Be $before.ReplicaServer
            $lag = Get-HfReplication -Pair $pair
            $lag.Location | Should -Be $from
            $lag.Primary | Should -Be $after.PrimaryServer
            $lag.Source | Should -Be 'Database'
        }

        It 'is reported' {
            $report.Failures | Should -HaveCount 0
            $report.Passed | Should -Be $true
            (Get-Content -LiteralPath (Join-Path $output 'region-loss.json') -Raw | ConvertFrom-Json).writes.lost | Should -Be $load.Lost
        }
    }
}
