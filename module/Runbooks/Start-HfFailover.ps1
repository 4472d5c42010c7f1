<#
.SYNOPSIS
    Fails one region pair or many over, as an Azure Automation runbook or on any machine with a managed identity.

.DESCRIPTION
    Signs in, reads the pair files and runs Invoke-HfRegionFailover.ps1 for each pair; several run side by side. One line for each pair tells how it ended, as soon as it has ended.

    A pair file is best kept as a blob beside the journal (https://ACCOUNT.blob.core.windows.net/pairs/prod.json), with a runStore that is a container: a job that Azure Automation interrupts is started again
    from its beginning, waits until the lease of the job that was interrupted has lapsed, finds the run in the journal and goes on with it. A run that stops half way (exit code 5) is taken up again here, too.
    Evidence and lost writes are kept beside the journal.

    The job fails when a pair ends otherwise than done (0) or done with something owed (3).

.PARAMETER PairPath
    Region-pair files: paths, or https URLs of blobs.

.PARAMETER To
    Location of the region that shall take over; without it the one that is passive when its run begins. Give it wherever you can: with it, a job that is started once too often changes nothing.

.PARAMETER Mode
    Planned or Forced.

.PARAMETER AllowDataLoss
    Consent to the loss that a forced failover states.

.PARAMETER ThrottleLimit
    How many pairs at once.

.PARAMETER Attempts
    How often a run that has stopped half way is begun again.

.PARAMETER ClientId
    Client id of a user-assigned managed identity; without it the system-assigned one.

.PARAMETER SubscriptionId
    Subscription to work in; without it the only one that the identity sees.

.PARAMETER DatabaseVault
    Address of the vault with the database administrator's name and password, in a region that is not going to be lost.

.PARAMETER OldPrimaryWaitSeconds
    How long to wait, after traffic is served, for an old primary that does not answer.

.PARAMETER Unlock
    Consent to take ReadOnly locks away for the time of the run, and put them back. The identity needs Roles/unlocker.json for it.

.PARAMETER LeaseWaitSeconds
    How long to wait for another job that holds the pair's run. One that was interrupted holds it for 60 s at most.

.PARAMETER Sandbox
    A sandbox.json: rehearse there.

.EXAMPLE
    ./Start-HfFailover.ps1 -PairPath https://hfdrstate.blob.core.windows.net/pairs/prod.json -To westus

.EXAMPLE
    ./Start-HfFailover.ps1 -PairPath ./a.json, ./b.json -To westus -Mode Forced -AllowDataLoss $true -ThrottleLimit 10
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string[]] $PairPath,

    [string] $To,

    [ValidateSet('Planned', 'Forced')]
    [string] $Mode = 'Planned',

    [bool] $AllowDataLoss = $false,

    [ValidateRange(1, 100)]
    [int] $ThrottleLimit = 5,

    [ValidateRange(1, 10)]
    [int] $Attempts = 3,

    [string] $ClientId,

    [string] $SubscriptionId,

    [string] $DatabaseVault,

    [double] $OldPrimaryWaitSeconds = 0,

    [bool] $Unlock = $false,

    [double] $LeaseWaitSeconds = 90,

    [string] $Sandbox
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
if (-not (Get-Module Highflame.Dr)) { Import-Module Highflame.Dr }
$module = Get-Module Highflame.Dr

$connect = @{ Identity = $true }
foreach ($name in 'ClientId', 'SubscriptionId', 'DatabaseVault', 'Sandbox') { if ($PSBoundParameters[$name]) { $connect[$name] = $PSBoundParameters[$name] } }

# What is done for one pair, in a session of its own when there are several: a session holds one run at a time.
$one = {
    param($Path, $Settings)
    $ErrorActionPreference = 'Stop'
    $ProgressPreference = 'SilentlyContinue'
    $began = [datetime]::UtcNow
    $result = [pscustomobject]@{ PSTypeName = 'Highflame.Dr.PairFailover'; Pair = $Path; To = $Settings.To; ExitCode = 1; Outcome = 'Failed'; Seconds = 0.0; Evidence = $null; Reason = $null }
    try {
        foreach ($needed in $Settings.Modules) { Import-Module $needed }
        $connect = $Settings.Connect
        if (-not (Get-HfContext -ErrorAction Ignore)) { $null = Connect-HfAzure @connect }
        $pair = Import-HfRegionPair -Path $Path
        $result.Pair = $pair.Name

        # A run that was interrupted goes on to where it went.
        $unfinished = @(Get-HfRun -Pair $pair -Unfinished)
        if (-not $result.To) {
            $result.To = if ($unfinished) { $unfinished[0].To } else { (Get-HfRegionPair -Name $pair.Name).Passive }
            if (-not $result.To) { throw "It cannot be told which region of '$($pair.Name)' is passive: give -To." }
        }

        $failover = @{ PairPath = $Path; To = $result.To; Mode = $Settings.Mode; AllowDataLoss = $Settings.AllowDataLoss; Unlock = $Settings.Unlock; OldPrimaryWaitSeconds = $Settings.OldPrimaryWaitSeconds; LeaseWaitSeconds = $Settings.LeaseWaitSeconds; Confirm = $false }
        for ($attempt = 1; $attempt -le $Settings.Attempts; $attempt++) {
            & $Settings.Runbook @failover | ForEach-Object { if ($_.GetType().Name -eq 'RunEvidence') { $result.Evidence = $_.Path } }
            $result.ExitCode = $LASTEXITCODE
            if ($result.ExitCode -ne 5) { break }
        }
        $result.Outcome = @{ 0 = 'Succeeded'; 2 = 'RolledBack'; 3 = 'Owing'; 4 = 'Refused'; 5 = 'Incomplete'; 6 = 'ProofFailed' }[$result.ExitCode]
    }
    catch {
        $result.Reason = "$($_.FullyQualifiedErrorId): $($_.Exception.Message)"
        Write-Error -ErrorRecord $_ -ErrorAction Continue
    }
    $result.Seconds = [math]::Round(([datetime]::UtcNow - $began).TotalSeconds, 1)
    $result
}

$settings = @{
    Connect = $connect; To = $To; Mode = $Mode; AllowDataLoss = $AllowDataLoss; Unlock = $Unlock; OldPrimaryWaitSeconds = $OldPrimaryWaitSeconds; LeaseWaitSeconds = $LeaseWaitSeconds; Attempts = $Attempts
    Modules = @()
    Runbook = [System.IO.Path]::Combine($module.ModuleBase, 'Runbooks', 'Invoke-HfRegionFailover.ps1')
}
$ended = [System.Collections.Generic.List[object]]::new()
& {
    if ($PairPath.Count -eq 1) { & $one $PairPath[0] $settings }
    else {
        # Other sessions have neither the module nor, where the host brings them itself (Highflame.Dr.Shell), the commands that write to the streams.
        $writes = Get-Command Write-Warning
        $settings.Modules = @([System.IO.Path]::Combine($module.ModuleBase, "$($module.Name).psd1")) + @(if (-not $writes.ModuleName) { $writes.ImplementingType.Assembly.Location })
        # What one pair writes to the error stream must not end the others: here, and nowhere else, an error goes by.
        $ErrorActionPreference = 'Continue'
        # A script block does not cross into other sessions; its text does.
        $text = "$one"
        $PairPath | ForEach-Object -ThrottleLimit $ThrottleLimit -Parallel { & ([scriptblock]::Create($using:text)) $_ $using:settings }
    }
} | ForEach-Object {
    $ended.Add($_)
    $_
}

$bad = @($ended | Where-Object ExitCode -NotIn 0, 3)
foreach ($pair in @($ended | Where-Object ExitCode -EQ 3)) { Write-Warning "$($pair.Pair): traffic is served by $($pair.To), and something is owed. Run this again when the region that was left answers." }
if ($bad) { throw "$($bad.Count) of $($PairPath.Count) pairs did not fail over: $(@($bad | ForEach-Object { "$($_.Pair) $($_.Outcome)" }) -join ', ')." }
