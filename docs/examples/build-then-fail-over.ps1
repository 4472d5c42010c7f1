<#
.SYNOPSIS
    The guide's build phase and its first failover, from an empty subscription: prove that both locations fit, build both regions, then fail over as planned.

.DESCRIPTION
    Runs as it is against the sandbox. Against Azure, leave out the sandbox's lines: sign in with Connect-HfAzure -SubscriptionId ... -DatabaseCredential ..., and
    import your own pair file.

    New-HfRegion may be run again at any time: it follows a deployment that runs, completes one that failed, and changes nothing when all is there.

.PARAMETER TimeScale
    The sandbox divides Azure's modelled durations by this; 0 takes them away.

.EXAMPLE
    ./build-then-fail-over.ps1
#>
[CmdletBinding()]
param(
    [double] $TimeScale = 0
)

$ErrorActionPreference = 'Stop'
$module = (Get-Command New-HfRegion).Module.ModuleBase
$runbook = [System.IO.Path]::Combine($module, 'Runbooks', 'Invoke-HfRegionFailover.ps1')

$sandbox = Start-HfSandbox -Empty -TimeScale $TimeScale
try {
    $null = Connect-HfAzure -Sandbox $sandbox.Path
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

    # 3. All is there: run again, nothing is to be done.
    foreach ($location in $first, $second) {
        $again = New-HfRegion -Pair $pair -Location $location -Confirm:$false
        if ("$($again.Outcome)" -ne 'NoChange') { throw "A second run changed $location." }
    }

    # 4. The application serves through the first region, and the pair is protected.
    $null = Test-HfHealth -Pair $pair -Location $first -Via Gateway -WaitSeconds 60
    $status = Get-HfRegionPair -Name $pair.Name
    if ("$($status.State)" -ne 'Protected') { throw "The pair is $($status.State)." }

    # 5. The planned failover of every drill. Nobody has asked for the name yet, so nobody holds an answer for the 30 s of its TTL.
    $null = Set-HfTrafficProfile -Pair $pair -Ttl 1 -Confirm:$false
    & $runbook -PairPath $pair.Path -To $second -Mode Planned -Confirm:$false
    Get-HfRegionPair -Name $pair.Name
}
finally {
    Stop-HfSandbox -InputObject $sandbox
}
