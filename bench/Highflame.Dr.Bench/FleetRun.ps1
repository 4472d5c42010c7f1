<#
.SYNOPSIS
    One run of the fleet benchmark: many region pairs in one subscription, readiness-checked together, and then some of them failed over together, against a sandbox that enforces Azure Resource Manager's
    documented request limits.

.DESCRIPTION
    The first pairs have real databases; those of the others are documents (Start-HfSandbox -Pairs -RealPairs). Leaves fleet.json in OutputPath: for each part how many pairs, how long it took, what was asked of Azure Resource
    Manager; and what is wrong at the end, which is nothing.

.PARAMETER OutputPath
    Directory for the result.

.PARAMETER SandboxRoot
    Directory of the sandbox.

.PARAMETER Pairs
    How many are checked.

.PARAMETER RealPairs
    How many of them have real databases.

.PARAMETER Failovers
    How many of them are failed over, those with real databases among them.

.PARAMETER ThrottleLimit
    How many are checked at once.

.PARAMETER FailoverThrottleLimit
    How many are failed over at once.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $OutputPath,

    [Parameter(Mandatory)]
    [string] $SandboxRoot,

    [int] $Pairs = 100,

    [int] $RealPairs = 3,

    [int] $Failovers = 20,

    [int] $ThrottleLimit = 10,

    [int] $FailoverThrottleLimit = 10
)

$ErrorActionPreference = 'Stop'
$sandbox = Start-HfSandbox -Root $SandboxRoot -TimeScale 0 -Pairs $Pairs -RealPairs $RealPairs -Throttling -TimeoutSeconds 300
$log = ([System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText($sandbox.Path)))['requestLog'].ToString()

# What was asked of Azure Resource Manager since a line of its log.
function Measure-Request {
    param([int] $After)
    $counts = [System.Collections.Generic.Dictionary[string, double]]::new()
    foreach ($kind in 'reads', 'writes', 'deletes', 'tenantReads', 'refused') { $counts[$kind] = 0 }
    $lines = [System.IO.File]::ReadAllLines($log)
    for ($i = $After; $i -lt $lines.Count; $i++) {
        $request = [System.Text.Json.Nodes.JsonNode]::Parse($lines[$i])
        if ($request['status'].ToString() -eq '429') {
            $counts.refused++
            continue
        }
        $method = $request['method'].ToString()
        $kind = if ($method -in 'GET', 'HEAD') { if ($request['path'].ToString() -like '/subscriptions/*') { 'reads' } else { 'tenantReads' } } elseif ($method -eq 'DELETE') { 'deletes' } else { 'writes' }
        $counts[$kind]++
    }
    $counts
}

try {
    $null = Connect-HfAzure -Sandbox $sandbox.Path
    # The runbook signs in with the machine's identity.
    $identity = [System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText($sandbox.Path))['managedIdentity']
    [System.Environment]::SetEnvironmentVariable('IDENTITY_ENDPOINT', $identity['endpoint'].ToString())
    [System.Environment]::SetEnvironmentVariable('IDENTITY_HEADER', $identity['header'].ToString())
    $imported = @($sandbox.PairPaths | Import-HfRegionPair)

    # The buckets are full when each part begins.
    [System.Threading.Thread]::Sleep(21000)
    $before = [System.IO.File]::ReadAllLines($log).Count
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $first = 0.0
    $ready = 0
    $answered = 0
    $imported | Test-HfReadiness -To westus -ThrottleLimit $ThrottleLimit | Where-Object Code -EQ HfReadinessSummary | ForEach-Object {
        if (-not $answered) { $first = $clock.Elapsed.TotalSeconds }
        $answered++
        if ($_.Severity -ne 'Refusal') { $ready++ }
    }
    $readiness = Measure-Request -After $before
    $readiness.seconds = $clock.Elapsed.TotalSeconds
    $readiness.pairs = $Pairs
    $readiness.throttleLimit = $ThrottleLimit
    $readiness.ended = $answered
    $readiness.right = $ready
    $readiness.firstSeconds = $first

    [System.Threading.Thread]::Sleep(21000)
    $before = [System.IO.File]::ReadAllLines($log).Count
    $runbook = [System.IO.Path]::Combine((Get-Module Highflame.Dr).ModuleBase, 'Runbooks', 'Start-HfFailover.ps1')
    $moved = @($imported[0..($Failovers - 1)])
    $clock.Restart()
    $first = 0.0
    $ended = @(& $runbook -PairPath $moved.Path -To westus -ThrottleLimit $FailoverThrottleLimit -Sandbox $sandbox.Path -ErrorAction Continue -WarningAction SilentlyContinue | ForEach-Object {
        if (-not $first) { $first = $clock.Elapsed.TotalSeconds }
        $_
    })
    $failover = Measure-Request -After $before
    $failover.seconds = $clock.Elapsed.TotalSeconds
    $failover.pairs = $Failovers
    $failover.throttleLimit = $FailoverThrottleLimit
    $failover.ended = $ended.Count
    $failover.firstSeconds = $first

    # Each in its new region, none mixed up with another, one run each, and the others where they were.
    $wrong = @(
        foreach ($one in $ended | Where-Object ExitCode -NE 0) { "$($one.Pair): exit code $($one.ExitCode) $($one.Outcome) $($one.Reason)" }
        # Proven where the databases could be asked, and never claimed elsewhere.
        $proven = @(foreach ($one in $ended | Where-Object Evidence) { if ("$([System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText($one.Evidence))['zeroLossProven'])" -eq 'true') { $one.Pair } })
        foreach ($name in $moved.Name) {
            $real = $name -in $imported[0..($RealPairs - 1)].Name
            if (($name -in $proven) -ne $real) { "$($name): zero loss is $(if ($real) { 'not ' })proven" }
        }
        foreach ($status in Get-HfRegionPair -ThrottleLimit 5) {
            $to = if ($status.Name -in $moved.Name) { 'westus' } else { 'eastus' }
            $region = $status.Pair.FindRegion($to)
            $groups = $status.Pair.Regions.ResourceGroup
            if ($status.Active -ne $to) { "$($status.Name): active in $($status.Active), not in $to" }
            if ($status.EndpointTarget -ne $region.GatewayTarget) { "$($status.Name): traffic goes to $($status.EndpointTarget)" }
            if ($status.State -ne 'Protected') { "$($status.Name): $($status.State)" }
            foreach ($server in $status.Servers) {
                if ($server.ResourceGroup -notin $groups) { "$($status.Name): $($server.Name) lies in $($server.ResourceGroup)" }
                if ($server.Name -notlike "$($status.Name)-*") { "$($status.Name): $($server.Name) has another pair's name" }
            }
            $runs = @(Get-HfRun -Pair $status.Pair)
            $expected = if ($to -eq 'westus') { 1 } else { 0 }
            if ($runs.Count -ne $expected) { "$($status.Name): $($runs.Count) runs" }
            foreach ($run in $runs | Where-Object Pair -NE $status.Name) { "$($status.Name): run $($run.Id) is $($run.Pair)'s" }
        }
    )
    $failover.right = @($ended | Where-Object ExitCode -EQ 0).Count
    $parts = foreach ($part in $readiness, $failover, ([string[]] $wrong)) { [System.Text.Json.JsonSerializer]::Serialize($part, $part.GetType()) }
    [System.IO.File]::WriteAllText([System.IO.Path]::Combine($OutputPath, 'fleet.json'), "{`"readiness`":$($parts[0]),`"failover`":$($parts[1]),`"wrong`":$($parts[2])}")
}
finally {
    Stop-HfSandbox -InputObject $sandbox
}
exit 0
