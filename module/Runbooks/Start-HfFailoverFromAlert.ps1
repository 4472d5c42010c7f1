<#
.SYNOPSIS
    Answers an alert of Azure Monitor, as the runbook of a webhook in Azure Automation.

.DESCRIPTION
    An action group posts its alerts (common alert schema) to the webhook. This runbook acts on an alert that fired, and once: what it decided is kept in the pair's run store, so an alert that is
    delivered again changes nothing, one that says Resolved changes nothing, and a job that Azure Automation interrupted and starts again goes on towards the same region.

    What acting means is said by -Mode:

    Judged    the default. An alert is one witness: Watch-HfRegionPair hears the others and judges by the rules of the pair file (hold-off, three witnesses, "automatic": "failover"). Without that consent it
              only alerts people.
    Planned   a planned failover: for alerts that announce something, such as maintenance. Nothing is lost, or nothing is done.
    Forced    a forced failover at once. With -AllowDataLoss it needs no further consent: only for an alert rule that is as careful as the watch is.

    The payload that PowerShell 7 runbooks are handed is not the JSON that was sent; ConvertFrom-HfAlert mends it.

.PARAMETER WebhookData
    What the webhook hands over.

.PARAMETER PairPath
    Region-pair file: a path, or the https URL of a blob. Set in the webhook: whoever calls it cannot change it.

.PARAMETER Mode
    Judged, Planned or Forced.

.PARAMETER AllowDataLoss
    Consent to the loss that a forced failover states. Judged has it from the pair file.

.PARAMETER WatchMinutes
    Judged: how long to go on watching after the alert.

.PARAMETER LeaseWaitSeconds
    How long to wait for another job that holds the pair's run. One that was interrupted holds it for 60 s at most.

.PARAMETER ClientId
    Client id of a user-assigned managed identity; without it the system-assigned one.

.PARAMETER SubscriptionId
    Subscription to work in; without it the only one that the identity sees.

.PARAMETER DatabaseVault
    Address of the vault with the database administrator's name and password, in a region that is not going to be lost.

.PARAMETER Sandbox
    A sandbox.json: rehearse there.

.EXAMPLE
    ./Start-HfFailoverFromAlert.ps1 -WebhookData ([System.IO.File]::ReadAllText('./alert.json')) -PairPath ./prod.json
#>
[CmdletBinding()]
param(
    [object] $WebhookData,

    [Parameter(Mandatory)]
    [string] $PairPath,

    [ValidateSet('Judged', 'Planned', 'Forced')]
    [string] $Mode = 'Judged',

    [bool] $AllowDataLoss = $false,

    [ValidateRange(1, 170)]
    [double] $WatchMinutes = 15,

    [double] $LeaseWaitSeconds = 90,

    [string] $ClientId,

    [string] $SubscriptionId,

    [string] $DatabaseVault,

    [string] $Sandbox
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
if (-not (Get-Module Highflame.Dr)) { Import-Module Highflame.Dr }
$runbook = [System.IO.Path]::Combine((Get-Module Highflame.Dr).ModuleBase, 'Runbooks', 'Invoke-HfRegionFailover.ps1')

# What cannot be read is an error of the job, and nothing is done.
if (-not $WebhookData) { throw 'There is no WebhookData: start this runbook by its webhook.' }
$alert = ConvertFrom-HfAlert -InputObject $WebhookData

$connect = @{ Identity = $true }
foreach ($name in 'ClientId', 'SubscriptionId', 'DatabaseVault', 'Sandbox') { if ($PSBoundParameters[$name]) { $connect[$name] = $PSBoundParameters[$name] } }
if (-not (Get-HfContext -ErrorAction Ignore)) { $null = Connect-HfAzure @connect }
$pair = Import-HfRegionPair -Path $PairPath

# The first one to register an alert decides where its answer leads to; everybody after it is told the same.
$receipt = Register-HfAlert -Alert $alert -Pair $pair
$receipt
if (-not $receipt.Act) { return }

# A job with this alert has begun to fail over and was interrupted: nothing is left to judge.
$begun = $receipt.Times -gt 1 -and $receipt.FirstSeen -and (Get-HfRun -Pair $pair -Unfinished | Where-Object To -EQ $receipt.To | Where-Object Mode -EQ Forced | Where-Object Started -GE $receipt.FirstSeen)
$exitCode = $null
if ($Mode -eq 'Judged' -and -not $begun) {
    # A loop of one turn: break leaves it, and with it the watch.
    do {
        Watch-HfRegionPair -Pair $pair -DurationSeconds ($WatchMinutes * 60) | ForEach-Object {
            if ($_.Action -ne 'None') {
                $_
                Write-Warning "$($_.Name): $($_.Alert)"
            }
            if ($_.Action -eq 'Failover') {
                if ($_.Passive -ne $receipt.To) { throw "The alert was to be answered towards $($receipt.To), and the watch says $($_.Passive)." }
                & $runbook -PairPath $pair.Path -To $receipt.To -Mode Forced -AllowDataLoss -Confirm:$false
                $exitCode = $LASTEXITCODE
                break
            }
            # Fine again, and nothing was asked for.
            if ($_.Verdict -eq 'Healthy' -and -not $_.Incident -and $_.Confirmed -ge $pair.Watch.Confirmations) { break }
        }
    } while ($false)
    if ($null -eq $exitCode) {
        Register-HfAlert -Alert $alert -Pair $pair -Outcome NoChange
        return
    }
}
else {
    $how = if ($Mode -eq 'Judged') { @{ Mode = 'Forced'; AllowDataLoss = $true } } else { @{ Mode = $Mode; AllowDataLoss = $AllowDataLoss } }
    & $runbook -PairPath $pair.Path -To $receipt.To @how -LeaseWaitSeconds $LeaseWaitSeconds -Confirm:$false
    $exitCode = $LASTEXITCODE
}

# What has stopped half way stays open: the next job with this alert goes on.
$outcome = if ($exitCode -in 0, 3, 6) { 'Succeeded' } elseif ($exitCode -eq 5) { 'Pending' } else { 'Failed' }
Register-HfAlert -Alert $alert -Pair $pair -Outcome $outcome
if ($exitCode -eq 3) { Write-Warning "$($pair.Name): traffic is served by $($receipt.To), and something is owed. Run the failover again when the region that was left answers." }
elseif ($exitCode -ne 0) { throw "The failover of '$($pair.Name)' to $($receipt.To) ended with exit code $exitCode." }
