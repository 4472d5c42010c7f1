<#
.SYNOPSIS
    The guide's build phase and its first failover, from an empty subscription: prove that both locations fit, build both regions, prove that they are equal, tag and document them,
    then fail over as planned.

.DESCRIPTION
    Runs as it is against the sandbox. Against Azure, leave out the sandbox's lines: sign in with Connect-HfAzure -SubscriptionId ... -DatabaseCredential ..., and
    import your own pair file, which then has what is added here: the differences that are meant, each with its reason, and the tags.

    New-HfRegion may be run again at any time: it follows a deployment that runs, completes one that failed, and changes nothing when all is there. So may everything else here.

.PARAMETER TimeScale
    The sandbox divides Azure's modelled durations by this; 0 takes them away.

.PARAMETER DocumentPath
    Folder for the document of both regions.

.EXAMPLE
    ./build-then-fail-over.ps1 -DocumentPath ./paper
#>
[CmdletBinding()]
param(
    [double] $TimeScale = 0,
    [string] $DocumentPath = './paper'
)

$ErrorActionPreference = 'Stop'
$module = (Get-Command New-HfRegion).Module.ModuleBase
$runbook = [System.IO.Path]::Combine($module, 'Runbooks', 'Invoke-HfRegionFailover.ps1')

# What the regions differ in, or have otherwise than a failover would like it, and why that is meant. Everything else has to be equal.
$differences = '[
    { "type": "Microsoft.Cache/redis", "property": "persistence", "reason": "The cache is cold after a failover: the database carries the load until it is warm." },
    { "type": "Microsoft.ContainerService/managedClusters", "property": "sku.tier", "reason": "The Free tier is accepted." },
    { "type": "Microsoft.Network/trafficManagerProfiles", "property": "endpoint*", "reason": "A failover changes the target of the one endpoint." },
    { "type": "Microsoft.Network/trafficManagerProfiles", "property": "monitor.path", "reason": "Test-HfHealth probes the real path." },
    { "type": "Microsoft.Network/virtualNetworks", "property": "addressSpace", "reason": "Equal ranges, as the guide asks; the networks are never joined.",
      "values": { "eastus": "10.51.0.0/16", "westus": "10.51.0.0/16" } }
]'
$tags = '{ "dr-owner": "platform", "dr-tier": "1" }'

$sandbox = Start-HfSandbox -Empty -TimeScale $TimeScale
try {
    # The sandbox's lines.
    $null = Connect-HfAzure -Sandbox $sandbox.Path
    $file = [System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText($sandbox.PairPath))
    $file['differences'] = [System.Text.Json.Nodes.JsonNode]::Parse($differences)
    $file['tags'] = [System.Text.Json.Nodes.JsonNode]::Parse($tags)
    [System.IO.File]::WriteAllText($sandbox.PairPath, $file.ToJsonString())

    $pair = Import-HfRegionPair -Path $sandbox.PairPath
    $first, $second = $pair.Regions.Location

    # 1. Does Azure have in both locations what the pair file asks for?
    $short = Test-HfRegionSupport -Pair $pair | Where-Object Verdict -NotIn 'Supported', 'Advised'
    if ($short) {
        $short
        throw 'A location lacks something: see its remedy.'
    }

    # 2. Build the first region, with the Traffic Manager profile, then the second one with a replica of the first one's database.
    New-HfRegion -Pair $pair -Location $first -Confirm:$false
    New-HfRegion -Pair $pair -Location $second -Confirm:$false

    # All is there: run again, nothing is to be done.
    foreach ($location in $first, $second) {
        $again = New-HfRegion -Pair $pair -Location $location -Confirm:$false
        if ("$($again.Outcome)" -ne 'NoChange') { throw "A second run changed $location." }
    }

    # The application serves through the first region, and the pair is protected.
    $null = Test-HfHealth -Pair $pair -Location $first -Via Gateway -WaitSeconds 60
    $status = Get-HfRegionPair -Name $pair.Name
    if ("$($status.State)" -ne 'Protected') { throw "The pair is $($status.State)." }

    # 3. The regions are equal but for what is declared.
    $drifts = Test-HfParity -Pair $pair
    if ($drifts) {
        $drifts
        throw 'The regions differ: see why and what to do.'
    }

    # 4. Tags for audit on every resource, and both regions on paper.
    Set-HfTag -Pair $pair -Confirm:$false
    Export-HfRegionDocument -Path $DocumentPath -Pair $pair

    # 5. The planned failover of every drill. Nobody has asked for the name yet, so nobody holds an answer for the 30 s of its TTL.
    $null = Set-HfTrafficProfile -Pair $pair -Ttl 1 -Confirm:$false
    & $runbook -PairPath $pair.Path -To $second -Mode Planned -Confirm:$false
    Get-HfRegionPair -Name $pair.Name
}
finally {
    Stop-HfSandbox -InputObject $sandbox
}
