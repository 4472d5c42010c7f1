<#
.SYNOPSIS
    One run of the write-outage benchmark: fresh regions, client load, the shipped planned runbook, then the floor on the reversed pair.

.DESCRIPTION
    Highflame.Dr.Bench runs this in a process of its own each time, as an operator would run the runbook: nothing is warm from the run before.
    It leaves in OutputPath: load.json (what the clients saw), planned.json (the drill's report), evidence.json and floor.json.

.PARAMETER OutputPath
    Directory for the results of this run.

.PARAMETER SandboxRoot
    Directory of the sandbox, new for each run.

.PARAMETER Bench
    Path of Highflame.Dr.Bench.dll, which measures the floor.

.PARAMETER MinimumWrites
    Acknowledged writes before the failover begins.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $OutputPath,

    [Parameter(Mandatory)]
    [string] $SandboxRoot,

    [Parameter(Mandatory)]
    [string] $Bench,

    [int] $MinimumWrites = 1000
)

$ErrorActionPreference = 'Stop'

function Wait-ClientIn([string] $Location, [long] $Writes) {
    $limit = [System.Diagnostics.Stopwatch]::StartNew()
    do {
        [System.Threading.Thread]::Sleep(250)
        $served = (Get-HfSandboxLoad -Sandbox $sandbox).Shares | Where-Object Region -EQ $Location
        if ($limit.Elapsed.TotalSeconds -gt 120) { throw "After 120 s the clients have $(($served.Acknowledged) + 0) of $Writes writes acknowledged in $Location." }
    } until ($served.Acknowledged -ge $Writes)
}

$sandbox = Start-HfSandbox -Root $SandboxRoot -TimeScale 0
try {
    $null = Connect-HfAzure -Sandbox $sandbox.Path
    $pair = Import-HfRegionPair -Path $sandbox.PairPath
    $status = Get-HfRegionPair -Name $pair.Name
    $runbook = [System.IO.Path]::Combine((Get-Module Highflame.Dr).ModuleBase, 'Runbooks', 'Invoke-HfRegionFailover.ps1')

    # The runbook waits out the profile's old TTL before it fences: 1 s instead of 30 s makes the run shorter, not the outage.
    $null = Set-HfTrafficProfile -Pair $pair -Ttl 1 -Confirm:$false

    $null = Start-HfSandboxLoad -Sandbox $sandbox
    Wait-ClientIn $status.Active $MinimumWrites
    $evidence = & $runbook -PairPath $pair.Path -To $status.Passive -EvidencePath ([System.IO.Path]::Combine($OutputPath, 'evidence.json')) -Confirm:$false
    if ($LASTEXITCODE) { throw "The runbook ended with exit code $LASTEXITCODE." }
    Wait-ClientIn $status.Passive 100
    $load = Stop-HfSandboxLoad -Sandbox $sandbox
    [System.IO.File]::WriteAllText([System.IO.Path]::Combine($OutputPath, 'load.json'), [System.Text.Json.JsonSerializer]::Serialize($load, $load.GetType()))
    $report = Export-HfDrillReport -Scenario planned -Evidence $evidence -Load $load -Path ([System.IO.Path]::Combine($OutputPath, 'planned.json'))
    if (-not $report.Passed) { throw "The failover did not reach what it must: $($report.Failures)" }

    # The same pair the other way round, under the same load: clients write to the new primary, its replica streams in the region that was left.
    $primary = Get-HfDbServer -Role Primary | Where-Object Location -EQ $status.Passive
    $replica = Get-HfDbServer -Role Replica | Where-Object Location -EQ $status.Active
    $null = Start-HfSandboxLoad -Sandbox $sandbox
    Wait-ClientIn $status.Passive 200
    dotnet $Bench floor --sandbox $sandbox.Path --primary $primary.Name --replica $replica.Name --output ([System.IO.Path]::Combine($OutputPath, 'floor.json'))
    if ($LASTEXITCODE) { throw "The floor could not be measured: exit code $LASTEXITCODE." }
}
finally {
    Stop-HfSandbox -InputObject $sandbox
}
exit 0
