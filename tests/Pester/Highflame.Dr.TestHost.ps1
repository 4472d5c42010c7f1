<#
.SYNOPSIS
    What every Pester file here needs: the built module, a sandbox of its own, a second session, and the ARM server's record of writes.
.DESCRIPTION
    Dot-source it in BeforeAll. From then on an error that a test does not expect ends the test.

    The module is the one that `./build.ps1 Build` laid out in artifacts/module; HFDR_MODULE names another manifest to test instead.
#>

$ErrorActionPreference = 'Stop'

function Get-BuiltModulePath {
    [CmdletBinding()]
    [OutputType([string])]
    param()

    if ($env:HFDR_MODULE) { return $env:HFDR_MODULE }
    $root = $PSScriptRoot
    while ($root -and -not (Test-Path -LiteralPath (Join-Path $root 'Highflame.Dr.sln'))) { $root = Split-Path -Path $root -Parent }
    if (-not $root) { throw "There is no Highflame.Dr.sln above $PSScriptRoot." }

    # One folder for each version that was built; the newest version counts.
    $manifest = Get-ChildItem -Path (Join-Path $root 'artifacts' 'module' 'Highflame.Dr' '*' 'Highflame.Dr.psd1') -ErrorAction Ignore |
        Sort-Object -Property { [version] $_.Directory.Name } |
        Select-Object -Last 1
    if (-not $manifest) { throw "The module is not built. Run ./build.ps1 Build in $root first." }
    $manifest.FullName
}

function Import-BuiltModule {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.PSModuleInfo])]
    param()

    Import-Module -Name (Get-BuiltModulePath) -Scope Global -PassThru
}

# Two fresh regions, this session signed in to them, and their pair imported.
function Enter-TestSandbox {
    [CmdletBinding()]
    param(
        [double] $TimeScale = 0
    )

    $null = Import-BuiltModule
    $sandbox = Start-HfSandbox -TimeScale $TimeScale
    try {
        $null = Connect-HfAzure -Sandbox $sandbox.Path
        $null = Import-HfRegionPair -Path $sandbox.PairPath
    }
    catch {
        Exit-TestSandbox -Sandbox $sandbox
        throw
    }
    $sandbox
}

# Ends the sandbox and every process of it, and takes its directory away. Without one (BeforeAll failed) there is nothing to do.
function Exit-TestSandbox {
    [CmdletBinding()]
    param(
        [AllowNull()]
        [object] $Sandbox
    )

    if (-not $Sandbox) { return }
    Stop-HfSandbox -InputObject $Sandbox -Confirm:$false
    Remove-Item -LiteralPath $Sandbox.Root -Recurse -Force -ErrorAction SilentlyContinue
}

# What sandbox.json says: addresses, credentials and the path of the ARM server's request log.
function Get-SandboxFile {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)]
        [object] $Sandbox
    )

    Get-Content -LiteralPath $Sandbox.Path -Raw | ConvertFrom-Json
}

# Every request that the ARM server has taken and that was more than a look, in order. -WhatIf and a refusal must add none. Azure wants a POST for the
# question whether a name is free; it changes nothing.
function Get-ArmWrite {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)]
        [object] $Sandbox
    )

    Get-Content -LiteralPath (Get-SandboxFile -Sandbox $Sandbox).requestLog |
        ConvertFrom-Json |
        Where-Object { $_.method -notin 'GET', 'HEAD' -and $_.path -notlike '*/checkNameAvailability' }
}

# Returns when the clients have so many acknowledged writes, in all or in one region; an error when that takes too long. After the endpoint has moved they
# follow no sooner than the TTL of the answer that they hold.
function Wait-SandboxLoad {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)]
        [object] $Sandbox,

        [Parameter(Mandatory)]
        [int] $Acknowledged,

        [string] $Location,

        [int] $TimeoutSeconds = 120
    )

    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    while ($true) {
        $load = Get-HfSandboxLoad -Sandbox $Sandbox
        $counted = if ($Location) { $load.Shares | Where-Object Region -EQ $Location } else { $load }
        if ($counted -and $counted.Acknowledged -ge $Acknowledged) { return }
        if ($clock.Elapsed.TotalSeconds -gt $TimeoutSeconds) { throw "After $TimeoutSeconds s the clients have $($load.Acknowledged) acknowledged writes and $($load.Failed) failed ones." }
        Start-Sleep -Milliseconds 100
    }
}

# Another session in this process, with the module and nothing else. The caller disposes of it.
function Open-FreshSession {
    [CmdletBinding()]
    [OutputType([powershell])]
    param()

    $initial = [initialsessionstate]::CreateDefault2()
    if ($IsWindows) { $initial.ExecutionPolicy = 'Bypass' }
    $session = [powershell]::Create($initial)
    $null = $session.AddCommand('Import-Module').AddParameter('Name', (Get-BuiltModulePath)).Invoke()
    $session
}

# Runs a script in a session from Open-FreshSession: its output, and the ids of its errors in their order.
function Invoke-InSession {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)]
        [powershell] $Session,

        [Parameter(Mandatory)]
        [string] $Script,

        [hashtable] $Argument = @{}
    )

    $Session.Commands.Clear()
    $Session.Streams.ClearStreams()
    $null = $Session.AddScript($Script).AddParameters($Argument)
    $output = @()
    $ids = @()
    try {
        $output = @($Session.Invoke())
    }
    catch {
        $ids += $_.Exception.InnerException.ErrorRecord.FullyQualifiedErrorId
    }
    [pscustomobject]@{
        Output  = $output
        ErrorId = @($Session.Streams.Error | ForEach-Object FullyQualifiedErrorId) + $ids
    }
}
