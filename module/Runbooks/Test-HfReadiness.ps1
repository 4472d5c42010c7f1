<#
.SYNOPSIS
    Checks on a schedule whether region pairs could fail over, and tells people of new refusals only.

.DESCRIPTION
    Runs Test-HfReadiness for each pair towards the region that is passive now. A refusal is told once, when it comes, to the receivers that the pair file names, and again only after it had gone; the last
    findings are kept in the pair's run store. The job fails when there is a new refusal, or when a pair could not be checked, so that an alert rule on failed jobs hears of it too; its output is the new refusals.

.PARAMETER PairPath
    Region-pair files: paths, or https URLs of blobs.

.PARAMETER Mode
    Planned or Forced.

.PARAMETER ThrottleLimit
    How many pairs at once.

.PARAMETER ClientId
    Client id of a user-assigned managed identity; without it the system-assigned one.

.PARAMETER SubscriptionId
    Subscription to work in; without it the only one that the identity sees.

.PARAMETER DatabaseVault
    Address of the vault with the database administrator's name and password.

.PARAMETER Sandbox
    A sandbox.json: rehearse there.

.EXAMPLE
    ./Test-HfReadiness.ps1 -PairPath https://hfdrstate.blob.core.windows.net/pairs/prod.json
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string[]] $PairPath,

    [ValidateSet('Planned', 'Forced')]
    [string] $Mode = 'Planned',

    [ValidateRange(1, 100)]
    [int] $ThrottleLimit = 5,

    [string] $ClientId,

    [string] $SubscriptionId,

    [string] $DatabaseVault,

    [string] $Sandbox
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
if (-not (Get-Module Highflame.Dr)) { Import-Module Highflame.Dr }

$connect = @{ Identity = $true }
foreach ($name in 'ClientId', 'SubscriptionId', 'DatabaseVault', 'Sandbox') { if ($PSBoundParameters[$name]) { $connect[$name] = $PSBoundParameters[$name] } }
if (-not (Get-HfContext -ErrorAction Ignore)) { $null = Connect-HfAzure @connect }

# One pair that cannot be checked does not keep the others from it.
$trouble = @()
$new = @()
$pairs = @($PairPath | Import-HfRegionPair -ErrorAction Continue -ErrorVariable +trouble)
$status = @(if ($pairs) { Get-HfRegionPair -Name $pairs.Name -ThrottleLimit $ThrottleLimit -ErrorAction Continue -ErrorVariable +trouble })
$unknown = @($status | Where-Object { -not $_.Passive })
foreach ($one in $unknown) { Write-Warning "$($one.Name): it cannot be told which region is passive, so it was not checked." }

# Pairs that would go to the same region are checked together.
foreach ($to in @($status.Passive | Where-Object { $_ } | ForEach-Object -Begin { $seen = @{} } -Process { if (-not $seen[$_]) { $seen[$_] = $true; $_ } })) {
    $status | Where-Object Passive -EQ $to | Test-HfReadiness -To $to -Mode $Mode -NewOnly -ThrottleLimit $ThrottleLimit -ErrorAction Continue -ErrorVariable +trouble | ForEach-Object {
        $new += $_
        $_
    }
}

if ($new) { throw "New refusals: $(@($new | ForEach-Object { "$($_.Pair): $($_.Code)" }) -join ', ')." }
if ($trouble -or $unknown) { throw "$($trouble.Count + $unknown.Count) pairs could not be checked." }
