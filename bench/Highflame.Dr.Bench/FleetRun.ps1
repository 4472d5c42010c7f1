<#
.SYNOPSIS
    One run of the fleet benchmark: many pair files, readiness-checked together against a sandbox that enforces Azure Resource Manager's documented request limits.

.DESCRIPTION
    Each pair file has a name and a run store of its own and names the sandbox's two regions: for the limits of one subscription it is the same whether a hundred pairs have two hundred regions or two.
    Leaves fleet.json in OutputPath: how many were checked, how long it took, what was asked of Azure Resource Manager.

.PARAMETER OutputPath
    Directory for the result.

.PARAMETER SandboxRoot
    Directory of the sandbox.

.PARAMETER Pairs
    How many.

.PARAMETER ThrottleLimit
    How many at once.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $OutputPath,

    [Parameter(Mandatory)]
    [string] $SandboxRoot,

    [int] $Pairs = 100,

    [int] $ThrottleLimit = 10
)

$ErrorActionPreference = 'Stop'
[System.Environment]::SetEnvironmentVariable('HFDR_SANDBOX_THROTTLING', '1')
$sandbox = Start-HfSandbox -Root $SandboxRoot -TimeScale 0
try {
    $null = Connect-HfAzure -Sandbox $sandbox.Path
    $text = [System.IO.File]::ReadAllText($sandbox.PairPath)
    $files = foreach ($n in 1..$Pairs) {
        $file = [System.Text.Json.Nodes.JsonNode]::Parse($text)
        $file['name'] = [System.Text.Json.Nodes.JsonNode]"pair-$n"
        $path = [System.IO.Path]::Combine($SandboxRoot, "pair-$n.json")
        [System.IO.File]::WriteAllText($path, $file.ToJsonString())
        $path
    }
    $imported = @($files | Import-HfRegionPair)
    $log = ([System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText($sandbox.Path)))['requestLog'].ToString()
    $before = [System.IO.File]::ReadAllLines($log).Count

    # The bucket is full when it begins.
    [System.Threading.Thread]::Sleep(11000)
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $first = 0.0
    $ready = 0
    $answered = 0
    $imported | Test-HfReadiness -To westus -ThrottleLimit $ThrottleLimit | Where-Object Code -EQ HfReadinessSummary | ForEach-Object {
        if (-not $answered) { $first = $clock.Elapsed.TotalSeconds }
        $answered++
        if ($_.Severity -ne 'Refusal') { $ready++ }
    }
    $seconds = $clock.Elapsed.TotalSeconds

    $counts = @{ reads = 0; writes = 0; deletes = 0; tenantReads = 0; refused = 0 }
    $lines = [System.IO.File]::ReadAllLines($log)
    for ($i = $before; $i -lt $lines.Count; $i++) {
        $request = [System.Text.Json.Nodes.JsonNode]::Parse($lines[$i])
        $method = $request['method'].ToString()
        $kind = if ($method -in 'GET', 'HEAD') { if ($request['path'].ToString() -like '/subscriptions/*') { 'reads' } else { 'tenantReads' } } elseif ($method -eq 'DELETE') { 'deletes' } else { 'writes' }
        $counts[$kind]++
        if ($request['status'].ToString() -eq '429') { $counts.refused++ }
    }
    $result = [System.Collections.Generic.Dictionary[string, double]]::new()
    $result.pairs = $Pairs
    $result.throttleLimit = $ThrottleLimit
    $result.answered = $answered
    $result.ready = $ready
    $result.seconds = $seconds
    $result.firstSeconds = $first
    foreach ($kind in $counts.Keys) { $result[$kind] = $counts[$kind] }
    [System.IO.File]::WriteAllText([System.IO.Path]::Combine($OutputPath, 'fleet.json'), [System.Text.Json.JsonSerializer]::Serialize($result, $result.GetType()))
}
finally {
    Stop-HfSandbox -InputObject $sandbox
}
exit 0
