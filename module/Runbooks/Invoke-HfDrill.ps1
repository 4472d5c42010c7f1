<#
.SYNOPSIS
    Rehearses a whole regional failover on this computer: two regions, real PostgreSQL replication, real DNS, real gateways, clients that write.

.DESCRIPTION
    Starts the sandbox and the client load, fails over with the same runbook and the same cmdlets that serve on Azure, and writes one report per
    scenario. Each scenario gets fresh regions.

    planned      everything healthy: no acknowledged write may be lost.
    region-loss  the link is slowed until acknowledged writes are in flight, R1 is killed, forced failover to R2 with consent; then R1 comes back:
                 its old primary is fenced as soon as it answers, and the new replica is built there.

    Exit code 0 when every scenario reached what it had to reach.

.PARAMETER OutputPath
    Directory for <scenario>.json and <scenario>.evidence.json.

.PARAMETER Scenario
    Which scenarios to play.

.PARAMETER TimeScale
    Azure's modelled durations (promotion 120 s, replica 300 s and so on) are divided by this; 0 takes them away.

.PARAMETER Role
    What the signed-in principal may do: Owner (everything), or the module's operator role on the two resource groups and nothing more.

.PARAMETER MinimumWrites
    Acknowledged writes before the failover begins.

.EXAMPLE
    ./Invoke-HfDrill.ps1 -OutputPath ./artifacts/drill
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $OutputPath,

    [ValidateSet('planned', 'region-loss')]
    [string[]] $Scenario = @('planned', 'region-loss'),

    [double] $TimeScale = 20,

    [ValidateSet('Owner', 'Operator')]
    [string] $Role = 'Owner',

    [int] $MinimumWrites = 1000
)

$ErrorActionPreference = 'Stop'
$runbook = [System.IO.Path]::Combine($PSScriptRoot, 'Invoke-HfRegionFailover.ps1')
$failed = 0

# Until the clients' writes are acknowledged in a region: they follow DNS no sooner than the TTL of the answer they hold lets them.
function Wait-ClientIn([string] $Location, [long] $Writes) {
    $limit = [System.Diagnostics.Stopwatch]::StartNew()
    do {
        [System.Threading.Thread]::Sleep(250)
        $served = (Get-HfSandboxLoad -Sandbox $sandbox).Shares | Where-Object Region -EQ $Location
        if ($limit.Elapsed.TotalSeconds -gt 120) { throw "After 120 s the clients have $(($served.Acknowledged) + 0) of $Writes writes acknowledged in $Location." }
    } until ($served.Acknowledged -ge $Writes)
}

foreach ($name in $Scenario) {
    Write-Host "Drill '$name': starting two regions on this computer."
    $sandbox = Start-HfSandbox -TimeScale $TimeScale -Role $Role
    try {
        $null = Connect-HfAzure -Sandbox $sandbox.Path
        $pair = Import-HfRegionPair -Path $sandbox.PairPath
        $status = Get-HfRegionPair -Name $pair.Name
        $from = $status.Active
        $to = $status.Passive
        $evidencePath = [System.IO.Path]::Combine($OutputPath, "$name.evidence.json")

        $null = Start-HfSandboxLoad -Sandbox $sandbox
        Wait-ClientIn $from $MinimumWrites
        Write-Host "Drill '$name': $MinimumWrites writes acknowledged in $from. Failing over to $to."

        if ($name -eq 'planned') {
            $evidence = & $runbook -PairPath $pair.Path -To $to -Mode Planned -EvidencePath $evidencePath -Confirm:$false
        }
        else {
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault Link -LatencyMilliseconds 1500
            [System.Threading.Thread]::Sleep(4000)
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault RegionLost -Region $from
            Write-Host "Drill '$name': $from is lost."
            $null = & $runbook -PairPath $pair.Path -To $to -Mode Forced -AllowDataLoss -EvidencePath $evidencePath -Confirm:$false

            Wait-ClientIn $to 100
            Write-Host "Drill '$name': clients are served by $to. $from comes back. Resuming the run: fence first, then the new replica."
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault Link -LatencyMilliseconds 0
            $null = Invoke-HfSandboxFault -Sandbox $sandbox -Fault RegionRestored -Region $from -DelaySeconds 2
            $evidence = & $runbook -PairPath $pair.Path -To $to -Mode Forced -AllowDataLoss -OldPrimaryWaitSeconds 120 -EvidencePath $evidencePath -Confirm:$false
        }

        Wait-ClientIn $to 100
        $load = Stop-HfSandboxLoad -Sandbox $sandbox
        $report = Export-HfDrillReport -Scenario $name -Evidence $evidence -Load $load -Path ([System.IO.Path]::Combine($OutputPath, "$name.json"))
        $report
        if (-not $report.Passed) { $failed++ }
    }
    finally {
        Stop-HfSandbox -InputObject $sandbox
    }
}
exit $(if ($failed) { 1 } else { 0 })
