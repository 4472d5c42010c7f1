<#
.SYNOPSIS
    Rehearses a whole regional failover on this computer: two regions, real PostgreSQL replication, real DNS, real gateways, clients that write.

.DESCRIPTION
    Starts the sandbox and the client load, fails over with the same runbook and the same cmdlets that serve on Azure, and writes one report per
    scenario. Each scenario gets fresh regions.

    planned      everything healthy: no acknowledged write may be lost.
    region-loss  the link is slowed until acknowledged writes are in flight, R1 is killed, forced failover to R2 with consent; then R1 comes back:
                 its old primary is fenced as soon as it answers, and the new replica is built there.

    automatic    a watcher with automatic failover: the regions' link is cut for 10, 30, 43 and 60 s, health flaps, R2 dies, and alone die our own network, the name servers and
                 Azure Resource Manager: no failover may be asked for. Then R1 is lost for good, and the watcher is stopped and started again in the hold-off: exactly one
                 failover, begun within 90 s of the hold-off's end. The watch's seconds are divided by -TimeScale too.

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

    [ValidateSet('planned', 'region-loss', 'automatic')]
    [string[]] $Scenario = @('planned', 'region-loss', 'automatic'),

    [double] $TimeScale = 20,

    [ValidateSet('Owner', 'Operator')]
    [string] $Role = 'Owner',

    [int] $MinimumWrites = 1000
)

$ErrorActionPreference = 'Stop'
$runbook = [System.IO.Path]::Combine($PSScriptRoot, 'Invoke-HfRegionFailover.ps1')
$watcher = [System.IO.Path]::Combine($PSScriptRoot, 'Watch-HfRegionPair.ps1')
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

# The pair's rules with automatic failover, their seconds divided by the time scale as Azure's are; notices go to the sandbox's own receivers.
function Set-AutomaticFailover($Sandbox) {
    $scale = if ($TimeScale -gt 0) { $TimeScale } else { 60 }
    $places = [System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText($Sandbox.Path))
    $file = [System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText($Sandbox.PairPath))
    $culture = [cultureinfo]::InvariantCulture
    foreach ($rule in @(@('holdOffSeconds', 180, 0), @('cooldownSeconds', 300, 0), @('intervalSeconds', 10, 0), @('timeoutSeconds', 5, 2), @('heartbeatSeconds', 45, 3))) {
        $file['watch'][$rule[0]] = [System.Text.Json.Nodes.JsonNode]::Parse([Math]::Max($rule[1] / $scale, $rule[2]).ToString($culture))
    }
    $file['watch']['automatic'] = [System.Text.Json.Nodes.JsonNode]::Parse('"failover"')
    $elsewhere = $places['elsewhere'].ToString()
    $insights = "InstrumentationKey=$([guid]::NewGuid());IngestionEndpoint=$elsewhere"
    $file['notifications'] = [System.Text.Json.Nodes.JsonNode]::Parse("{`"webhooks`":[{`"url`":`"$elsewhere/webhook`"}],`"applicationInsights`":`"$insights`"}")
    [System.IO.File]::WriteAllText($Sandbox.PairPath, $file.ToJsonString())
    $scale
}

# Watches while there is trouble, and after it until all is well again; tells what it came to.
function Watch-Trouble([string] $Name, [double] $Seconds, [scriptblock] $Begin, [scriptblock] $End) {
    Write-Host "Drill 'automatic': $Name."
    $null = & $Begin
    $found = @(Watch-HfRegionPair -Pair $pair -DurationSeconds $Seconds)
    $null = & $End
    $limit = [System.Diagnostics.Stopwatch]::StartNew()
    do {
        $found += Watch-HfRegionPair -Pair $pair -Once
        if ($limit.Elapsed.TotalSeconds -gt 60) { throw "After '$Name' the pair is $($found[-1].Verdict): $($found[-1].Reasons)" }
    } until ($found[-1].Verdict -eq 'Healthy')
    [Highflame.Dr.Rehearsal.DrillTrouble]@{
        Name      = $Name
        Rounds    = $found.Count
        Failovers = @($found | Where-Object Action -EQ Failover).Count
        Verdicts  = @([System.Collections.Generic.HashSet[Highflame.Dr.Watch.WatchVerdict]]::new([Highflame.Dr.Watch.WatchVerdict[]] @($found.Verdict)))
    }
}

foreach ($name in $Scenario) {
    Write-Host "Drill '$name': starting two regions on this computer."
    $sandbox = Start-HfSandbox -TimeScale $TimeScale -Role $Role
    try {
        $null = Connect-HfAzure -Sandbox $sandbox.Path
        if ($name -eq 'automatic') { $scale = Set-AutomaticFailover $sandbox }
        $pair = Import-HfRegionPair -Path $sandbox.PairPath
        $status = Get-HfRegionPair -Name $pair.Name
        $from = $status.Active
        $to = $status.Passive
        $reportOptions = @{}
        $evidencePath = [System.IO.Path]::Combine($OutputPath, "$name.evidence.json")

        $null = Start-HfSandboxLoad -Sandbox $sandbox
        Wait-ClientIn $from $MinimumWrites
        Write-Host "Drill '$name': $MinimumWrites writes acknowledged in $from.$(if ($name -ne 'automatic') { " Failing over to $to." })"

        if ($name -eq 'planned') {
            $evidence = & $runbook -PairPath $pair.Path -To $to -Mode Planned -EvidencePath $evidencePath -Confirm:$false
        }
        elseif ($name -eq 'automatic') {
            $standby = $status.ReplicaServer
            $troubles = @(
                Watch-Trouble 'nothing at all' (30 / $scale) { } { }
                foreach ($seconds in 10, 30, 43, 60) {
                    Watch-Trouble "the link of the regions cut for $seconds s" ($seconds / $scale) { Invoke-HfSandboxFault -Sandbox $sandbox -Fault Link -Cut } { Invoke-HfSandboxFault -Sandbox $sandbox -Fault Link -LatencyMilliseconds 0 }
                }
                # Fails for 60 s, passes for 30 s, three times: longer together than the hold-off, and never for as long.
                Watch-Trouble "health of $from flapping, three turns" (270 / $scale) {
                    foreach ($turn in 0..2) {
                        Invoke-HfSandboxFault -Sandbox $sandbox -Fault HealthFailing -Region $from -DelaySeconds ($turn * 90 / $scale)
                        Invoke-HfSandboxFault -Sandbox $sandbox -Fault HealthPassing -Region $from -DelaySeconds (($turn * 90 + 60) / $scale)
                    }
                } { Invoke-HfSandboxFault -Sandbox $sandbox -Fault HealthPassing -Region $from }
                Watch-Trouble "$to dead" (60 / $scale) {
                    Invoke-HfSandboxFault -Sandbox $sandbox -Fault GatewayDown -Region $to
                    Invoke-HfSandboxFault -Sandbox $sandbox -Fault DatabaseCrash -Server $standby
                } {
                    Invoke-HfSandboxFault -Sandbox $sandbox -Fault DatabaseStart -Server $standby
                    Invoke-HfSandboxFault -Sandbox $sandbox -Fault GatewayUp -Region $to
                }
                Watch-Trouble 'our own network dead' (60 / $scale) { Invoke-HfSandboxFault -Sandbox $sandbox -Fault NetworkDown } { Invoke-HfSandboxFault -Sandbox $sandbox -Fault NetworkUp }
                Watch-Trouble 'name servers alone dead' (60 / $scale) { Invoke-HfSandboxFault -Sandbox $sandbox -Fault DnsDown } { Invoke-HfSandboxFault -Sandbox $sandbox -Fault DnsUp }
                Watch-Trouble 'Azure Resource Manager alone dead' (60 / $scale) { Invoke-HfSandboxFault -Sandbox $sandbox -Fault ArmError -Count 100000 -Status 503 } { Invoke-HfSandboxFault -Sandbox $sandbox -Fault Clear }
            )

            $lost = Invoke-HfSandboxFault -Sandbox $sandbox -Fault RegionLost -Region $from
            Write-Host "Drill 'automatic': $from is lost for good. The watcher is on its own, and is started anew in the hold-off."
            $found = @(& $watcher -PairPath $pair.Path -Count 6)
            $found += @(& $watcher -PairPath $pair.Path -StopAfterFailover -Count 600 -EvidencePath $evidencePath)
            $evidence = $found | Where-Object { $_ -is [Highflame.Dr.Evidence.RunEvidence] }
            if (-not $evidence) { throw "The watcher has not failed over: $(($found | ForEach-Object { $_.Alert }) -join '; ')" }
            Wait-ClientIn $to 100
            # The watch goes on in the region that took over, and asks for nothing more.
            $found += Watch-HfRegionPair -Pair $pair -Count 3
            $reportOptions.Watch = [Highflame.Dr.Rehearsal.DrillWatchRequest]::new($lost.At, @($found | Where-Object { $_ -is [Highflame.Dr.Watch.WatchEvent] }), $troubles, 90 / $scale, @(Get-HfRun -Pair $pair).Count)
            [System.IO.File]::Copy([System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName($sandbox.Path), 'logs', 'notices.jsonl'), [System.IO.Path]::Combine($OutputPath, "$name.notices.jsonl"), $true)
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
        $report = Export-HfDrillReport -Scenario $name -Evidence $evidence -Load $load -Path ([System.IO.Path]::Combine($OutputPath, "$name.json")) @reportOptions
        $report
        if (-not $report.Passed) { $failed++ }
    }
    finally {
        Stop-HfSandbox -InputObject $sandbox
    }
}
exit $(if ($failed) { 1 } else { 0 })
