#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5.0' }
<#
.SYNOPSIS
    The automatic drill: a watcher leaves every small trouble alone, and fails over by itself, once, when the region is lost for good.
.DESCRIPTION
    Plays the shipped drill and reads its report. The watch's seconds are divided by the time scale as Azure's are.
.PARAMETER TimeScale
    Azure's modelled durations and the watch's own are divided by this.
.PARAMETER OutputPath
    Directory for the drill's report and evidence; default is a temporary one.
.EXAMPLE
    Invoke-Pester -Path ./tests/Pester/Drills -TagFilter Drill
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'BeforeAll sets what It reads.')]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSReviewUnusedParameter', '', Justification = 'BeforeAll reads them.')]
param(
    [double] $TimeScale = 20,

    [string] $OutputPath
)

Describe 'Automatic drill' -Tag 'Drill' {
    BeforeAll {
        . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Highflame.Dr.TestHost.ps1'))
        $module = Get-BuiltModulePath
        $null = Import-BuiltModule
        $output = if ($OutputPath) { $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($OutputPath) } else { Join-Path $TestDrive 'drill' }
        $null = New-Item -Path $output -ItemType Directory -Force
        $drill = Join-Path (Split-Path -Path $module -Parent) 'Runbooks' 'Invoke-HfDrill.ps1'
        $null = & $drill -OutputPath $output -Scenario automatic -TimeScale $TimeScale
        $report = Get-Content -Path (Join-Path $output 'automatic.json') -Raw | ConvertFrom-Json
    }

    It 'reaches what it must' {
        $report.failures | Should -BeNullOrEmpty
        $report.passed | Should -BeTrue
    }

    It 'asks for nothing in any trouble that is no lost region' {
        $report.watch.troubles | Should -HaveCount 10
        $report.watch.failoversInTroubles | Should -Be 0
    }

    It 'fails over exactly once, soon after the hold-off, and serves' {
        $report.watch.failovers | Should -Be 1
        $report.watch.runs | Should -Be 1
        $report.watch.begunAfterHoldOffSeconds | Should -BeLessOrEqual (90 / $TimeScale)
        $report.watch.recoverySeconds | Should -BeGreaterThan 0
        $report.writes.acceptedByOldPrimary | Should -Be 0
    }
}
