#Requires -Version 7.4
<#
.SYNOPSIS
Builds, tests, rehearses, documents and packs Highflame.Dr.
.EXAMPLE
./build.ps1 Test                                                           # in pwsh
.EXAMPLE
dotnet run --project src/Highflame.Dr.Shell -- ./build.ps1 Drill           # without pwsh
.EXAMPLE
./build.ps1 Soak -Runs 100 -Seed 1                                         # -Runs 1 -Seed N plays run N again; -Parallel 4: four at a time
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)][ValidateSet('Build', 'Test', 'Drill', 'Soak', 'Docs', 'Pack')][string] $Task = 'Build',
    [ValidateSet('Debug', 'Release')][string] $Configuration = 'Release',
    # Soak: how many runs, and the seed of the first; each further run has the next number.
    [ValidateRange(1, 100000)][int] $Runs = 10,
    [int] $Seed = 1,
    # Soak: how many runs beside each other. Each takes one to two cores.
    [ValidateRange(1, 64)][int] $Parallel = 1,
    # Soak: instead, one run of each scenario killed before, and one killed after, every record of its journal.
    [switch] $EveryRecord
)
$ErrorActionPreference = 'Stop'
$solution = [IO.Path]::Combine($PSScriptRoot, 'Highflame.Dr.sln')
$version = ([xml][IO.File]::ReadAllText("$PSScriptRoot/Directory.Build.props")).Project.PropertyGroup.Version
$artifacts = [IO.Path]::Combine($PSScriptRoot, 'artifacts')
$results = [IO.Path]::Combine($artifacts, 'test-results')

function Invoke-Dotnet {
    dotnet @args
    if ($LASTEXITCODE) { Write-Error "dotnet $($args[0]) failed with exit code $LASTEXITCODE." -ErrorId DotnetFailed -ErrorAction Continue; exit $LASTEXITCODE }
}

function Find-PostgreSql {
    $usual = '/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt', "$env:ProgramFiles/PostgreSQL" | Where-Object { [IO.Directory]::Exists($_) } |
        ForEach-Object { [IO.Directory]::GetDirectories($_) } | ForEach-Object { "$_/bin" }
    @($env:HFDR_PG_BIN) + $env:PATH.Split([IO.Path]::PathSeparator) + @($usual) + '/usr/pgsql/bin', '/usr/local/pgsql/bin' |
        Where-Object { $_ -and ([IO.File]::Exists("$_/pg_basebackup") -or [IO.File]::Exists("$_/pg_basebackup.exe")) } |
        Where-Object { [IO.File]::Exists("$_/initdb") -or [IO.File]::Exists("$_/initdb.exe") }
}

# The rehearsal runs on real PostgreSQL: find it, or install it where that needs no question.
function Assert-PostgreSql {
    if (Find-PostgreSql) { return }
    $apt = Get-Command apt-get -CommandType Application -ErrorAction Ignore
    $sudo = if ([Environment]::UserName -ne 'root') { 'sudo', '-n' }
    if ($apt -and (-not $sudo -or (Get-Command sudo -CommandType Application -ErrorAction Ignore))) {
        # Programs only: no cluster of its own is created, so none starts.
        $command = @($sudo) + 'sh', '-c', 'mkdir -p /etc/postgresql-common && echo create_main_cluster=false > /etc/postgresql-common/createcluster.conf && export DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 && apt-get update -q && apt-get install -q -y --no-install-recommends postgresql' | Where-Object { $_ }
        & $command[0] $command[1..$command.Length]
    }
    if (-not (Find-PostgreSql)) {
        Write-Error 'PostgreSQL was not found. Install it (Debian, Ubuntu: sudo apt-get install postgresql; macOS: brew install postgresql@17; Windows: winget install PostgreSQL.PostgreSQL.17) or set HFDR_PG_BIN to the folder with initdb and pg_basebackup.' -ErrorId HfPostgreSqlMissing
    }
}

function Get-TestTotal {
    $total = [pscustomobject]@{ Passed = 0; Failed = 0; Skipped = 0 }
    foreach ($file in [IO.Directory]::CreateDirectory($results).GetFiles('*.trx')) {
        $run = ([xml][IO.File]::ReadAllText($file.FullName)).TestRun
        $counters = $run.ResultSummary.Counters
        $total.Passed += [int]$counters.passed
        $total.Failed += [int]$counters.failed
        $total.Skipped += [int]$counters.total - [int]$counters.executed
        $run.Results.UnitTestResult | Where-Object outcome -EQ 'Failed' | ForEach-Object { Write-Host "FAILED $($_.testName)" -ForegroundColor Red }
    }
    $total
}

switch ($Task) {
    'Build' { Invoke-Dotnet build $solution -c $Configuration -nologo -v minimal }
    'Docs' {
        Invoke-Dotnet build ([IO.Path]::Combine($PSScriptRoot, 'src', 'Highflame.Dr.HelpGen')) -c $Configuration -nologo -v minimal
        dotnet run --project ([IO.Path]::Combine($PSScriptRoot, 'src', 'Highflame.Dr.HelpGen')) -c $Configuration --no-build -- permissions ([IO.Path]::Combine($PSScriptRoot, 'module', 'Roles')) ([IO.Path]::Combine($PSScriptRoot, 'docs', 'permissions.md'))
        if ($LASTEXITCODE) { Write-Error 'The permissions were not written.' -ErrorId PermissionsFailed }
        dotnet run --project ([IO.Path]::Combine($PSScriptRoot, 'src', 'Highflame.Dr.HelpGen')) -c $Configuration --no-build -- parity ([IO.Path]::Combine($PSScriptRoot, 'src', 'Highflame.Dr.Engine', 'Parity', 'Catalogue')) ([IO.Path]::Combine($PSScriptRoot, 'docs', 'parity.md'))
        if ($LASTEXITCODE) { Write-Error 'The parity page was not written.' -ErrorId ParityPageFailed }
        $sandbox = [IO.Path]::Combine($PSScriptRoot, 'src', 'Highflame.Dr.Sandbox')
        Invoke-Dotnet build $sandbox -c $Configuration -nologo -v minimal
        $lines = dotnet run --project $sandbox -c $Configuration --no-build -- --describe
        if ($LASTEXITCODE) { Write-Error 'The sandbox did not describe itself.' -ErrorId SandboxDescribeFailed }
        [IO.File]::WriteAllText([IO.Path]::Combine($PSScriptRoot, 'docs', 'sandbox.md'), ($lines -join "`n") + "`n")
    }
    'Pack' { Invoke-Dotnet build $solution -c $Configuration -nologo -v minimal; Invoke-Dotnet msbuild ([IO.Path]::Combine($PSScriptRoot, 'src', 'Highflame.Dr.HelpGen')) -nologo '-t:PackModule' "-p:Configuration=$Configuration" }
    'Drill' {
        Assert-PostgreSql
        Invoke-Dotnet build $solution -c $Configuration -nologo -v minimal
        Import-Module ([IO.Path]::Combine($artifacts, 'module', 'Highflame.Dr', $version, 'Highflame.Dr.psd1'))
        & ([IO.Path]::Combine($PSScriptRoot, 'module', 'Runbooks', 'Invoke-HfDrill.ps1')) -OutputPath ([IO.Path]::Combine($artifacts, 'drill'))
        exit $LASTEXITCODE
    }
    'Soak' {
        Assert-PostgreSql
        Invoke-Dotnet build $solution -c $Configuration -nologo -v minimal
        $program = [IO.Path]::Combine($PSScriptRoot, 'tests', 'Highflame.Dr.Soak.Tests', 'bin', $Configuration, 'net10.0', 'Highflame.Dr.Soak.Tests.dll')
        $what = if ($EveryRecord) { @('--every-record') } else { '--runs', $Runs, '--seed', $Seed, '--parallel', $Parallel, '--output', [IO.Path]::Combine($artifacts, 'soak.json') }
        dotnet exec $program soak @what
        exit $LASTEXITCODE
    }
    'Test' {
        Assert-PostgreSql
        Invoke-Dotnet build $solution -c $Configuration -nologo -v minimal
        if ([IO.Directory]::Exists($results)) { [IO.Directory]::Delete($results, $true) }
        # Every sandbox of the suite writes what it answered; the last tests check all of it against Microsoft's API documents.
        $env:HFDR_RECORD_DIR = [IO.Path]::Combine($artifacts, 'exchanges')
        if ([IO.Directory]::Exists($env:HFDR_RECORD_DIR)) { [IO.Directory]::Delete($env:HFDR_RECORD_DIR, $true) }
        $null = [IO.Directory]::CreateDirectory($env:HFDR_RECORD_DIR)
        # Azure's documented request limits are in force in every sandbox that a test starts as a program.
        $env:HFDR_SANDBOX_THROTTLING = '1'
        dotnet test $solution -c $Configuration --no-build -nologo --logger trx --results-directory $results -m:1 --filter 'Stage!=Last'
        $code = $LASTEXITCODE
        dotnet test ([IO.Path]::Combine($PSScriptRoot, 'tests', 'Highflame.Dr.Sandbox.Tests')) -c $Configuration --no-build -nologo --logger trx --results-directory $results --filter 'Stage=Last'
        if ($LASTEXITCODE) { $code = $LASTEXITCODE }
        $summary = [IO.Path]::Combine($env:HFDR_RECORD_DIR, 'summary.txt')
        if ([IO.File]::Exists($summary)) { "contract: $([IO.File]::ReadAllText($summary).Trim())" }
        $total = Get-TestTotal
        if ($code -and -not $total.Failed) { Write-Host 'The test run broke off: counted as one failure.'; $total.Failed = 1 }
        $conformance = [IO.Path]::Combine($results, 'conformance.txt')
        if ([IO.File]::Exists($conformance)) { [IO.File]::ReadAllText($conformance).TrimEnd() }
        if (-not $total.Passed -and -not $code) { Write-Host 'No test ran.'; $code = 1 }
        "$($total.Passed) passed, $($total.Failed) failed" + $(if ($total.Skipped) { ", $($total.Skipped) skipped" })
        exit $code
    }
}
