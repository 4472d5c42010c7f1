<#
.SYNOPSIS
    Watches region pairs, and fails over by itself where the pair file says so.

.DESCRIPTION
    Watch-HfRegionPair hears the witnesses and decides; this script acts on what it says:

    Alert     a warning here; the receivers that the pair file names have been told already.
    Failover  Invoke-HfRegionFailover.ps1 -Mode Forced -AllowDataLoss to the passive region. Only a pair file with "automatic": "failover" ever leads to this; that line is the
              consent to a loss of data within the RPO.

    Kill it at any moment and start it again: what was seen is in the run store, the failover is resumed, nothing irreversible is done twice. Run it in two places: one of them is
    asked, and the run's lease lets one in.

    Uses the connection of the session (Connect-HfAzure); without one it signs in with the machine's own identity.

    Exit codes: 0 nothing to tell; 2 an alert was raised, a pair is in trouble still, or a failover was rolled back; else the exit code of the last failover (3 done with something
    owed, 4 refused, 5 incomplete).

.PARAMETER PairPath
    Region-pair files.

.PARAMETER Once
    One round, then end: for schedulers.

.PARAMETER Count
    This many rounds, then end; default is never.

.PARAMETER Board
    Show a board that refreshes in place.

.PARAMETER IntervalSeconds
    Seconds from the beginning of one round to the next; default is what the pair file says.

.PARAMETER StopAfterFailover
    End when a failover has been run, here or by another watcher.

.PARAMETER EvidencePath
    Where the evidence of a failover is written; beside the journal when not given.

.EXAMPLE
    ./Watch-HfRegionPair.ps1 -PairPath ./prod.json -Board

.EXAMPLE
    ./Watch-HfRegionPair.ps1 -PairPath ./prod.json -Once
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string[]] $PairPath,

    [switch] $Once,

    [ValidateRange(1, 2147483647)]
    [int] $Count = 2147483647,

    [switch] $Board,

    [ValidateRange(0.001, 3600)]
    [double] $IntervalSeconds,

    [switch] $StopAfterFailover,

    [string] $EvidencePath
)

$ErrorActionPreference = 'Stop'
$runbook = [System.IO.Path]::Combine($PSScriptRoot, 'Invoke-HfRegionFailover.ps1')
if (-not (Get-HfContext -ErrorAction Ignore)) { $null = Connect-HfAzure }

$rounds = @{ Count = if ($Once) { 1 } else { $Count } }
if ($IntervalSeconds) { $rounds.IntervalSeconds = $IntervalSeconds }
$alerted = $false
$trouble = @{}
$awaited = @{}
$exitCode = 0

# A loop of one turn: break leaves it, and with it the watch.
do {
    $PairPath | Import-HfRegionPair | Watch-HfRegionPair @rounds -Board:$Board | ForEach-Object {
        $found = $_
        $trouble[$found.Name] = $found.Incident -and $found.Verdict -ne 'Healthy'
        # Another watcher was asked, and its failover is over.
        $moved = $awaited[$found.Name] -and $awaited[$found.Name] -eq $found.Active
        $awaited[$found.Name] = if ($found.Phase -eq 'FailingOver' -and -not $moved) { $found.Passive }
        if ($found.Action -eq 'None') {
            if ($moved -and $StopAfterFailover) { break }
            return
        }

        # What was found, for whoever runs this script.
        $found
        if ($found.Action -eq 'Alert') {
            $alerted = $true
            Write-Warning "$($found.Name): $($found.Alert)"
            if ($moved -and $StopAfterFailover) { break }
            return
        }

        Write-Warning "$($found.Name): $($found.Alert)"
        try {
            $failover = @{ PairPath = $found.Pair.Path; To = $found.Passive; Mode = 'Forced'; AllowDataLoss = $true; Confirm = $false }
            if ($EvidencePath) { $failover.EvidencePath = $EvidencePath }
            & $runbook @failover
            $exitCode = $LASTEXITCODE
        }
        catch {
            # Somebody else holds the run, or it broke off: the watch goes on and asks again if nobody takes it up.
            Write-Error -ErrorRecord $_ -ErrorAction Continue
            $exitCode = 5
        }
        if ($StopAfterFailover -and $exitCode -in 0, 3) { break }
    }
} while ($false)

if (-not $exitCode -and ($alerted -or $trouble.Values -contains $true)) { $exitCode = 2 }
exit $exitCode
