<#
.SYNOPSIS
    Fails the application over to the other region of a pair: the deployment guide's four operate steps as one readable chain.

.DESCRIPTION
    Step 1  promote the read replica in the region that takes over (it detaches for good);
    Step 3  point Traffic Manager at that region, as soon as Azure has accepted the promotion;
    Step 4  validate health through Traffic Manager and straight at the gateway, with a write that is read back;
    then    stop the old primary and (step 2) build a new read replica in the region that was left, with traffic already served.

    Planned: the primary is healthy. The profile's TTL is lowered first and the old TTL waited out while everything still serves; writes are
    fenced on the old primary; the replica is shown to have caught up; only then is it promoted. No acknowledged write is lost.

    Forced: the primary is lost. What it had not sent is lost with it: seconds, bytes and the last heartbeat are stated first, and nothing happens
    without consent, by -AllowDataLoss or, in an interactive session without -Confirm:$false, by the answer to a question that shows the numbers.
    Nothing waits for the lost region before traffic is served. What could not be fenced is owed: run the same command again when the region
    answers, and it pays the fence first and rebuilds the replica.

    Running it again is resuming it: what is done already is seen and reported as NoChange. -WhatIf prints every step and changes nothing.

    Uses the connection of the session (Connect-HfAzure); without one it signs in with the machine's own identity.

    Exit codes: 0 done, 1 an error before the run began, 2 failed and rolled back (writes and traffic are where they were), 3 done with something
    owed, 4 refused with nothing changed, 5 incomplete (run it again), 6 done and the proof of zero loss failed (keep the old primary, compare).

.PARAMETER PairPath
    Region-pair file.

.PARAMETER To
    Location of the region that shall be active, for example westus.

.PARAMETER Mode
    Planned or Forced.

.PARAMETER Promotion
    Standalone (default): the replica becomes a server of its own; the old primary is stopped, and a new replica is built. Switchover: the two servers
    exchange their roles, names and all; planned only, and it needs a virtual endpoint whose reader is the replica (New-HfVirtualEndpoint).

.PARAMETER AllowDataLoss
    Consent, given beforehand, to the loss that a forced failover states. Without it an interactive session is asked; one that cannot be asked, or is
    told not to ask (-Confirm:$false), is refused with the numbers.

.PARAMETER Unlock
    Consent to take ReadOnly locks away for the time of the run: those that hinder a step of it, on the servers, the Traffic Manager profile, their resource groups and the subscription. Each is
    written down before, is a step of its own, and is put back as it was when the run ends, however it ends. Without it such a lock is a refusal.

.PARAMETER OldPrimaryWaitSeconds
    How long to wait, after traffic is served, for an old primary that does not answer.

.PARAMETER LeaseWaitSeconds
    How long to wait for another process that holds the pair's run. One that is dead holds it no longer than its lease: 60 s in a container.

.PARAMETER EvidencePath
    Where the run's evidence is written, a path or the https URL of a blob; beside the journal when not given.

.PARAMETER SalvagePath
    Where the rows that a forced failover lost are written, as JSON lines, a path or the https URL of a blob; beside an evidence file that was given, else beside the journal.

.EXAMPLE
    ./Invoke-HfRegionFailover.ps1 -PairPath ./prod.json -To westus -WhatIf

.EXAMPLE
    ./Invoke-HfRegionFailover.ps1 -PairPath ./prod.json -To westus -Promotion Switchover

.EXAMPLE
    ./Invoke-HfRegionFailover.ps1 -PairPath ./prod.json -To westus -Mode Forced -AllowDataLoss
#>
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
param(
    [Parameter(Mandatory)]
    [string] $PairPath,

    [Parameter(Mandatory)]
    [string] $To,

    [ValidateSet('Planned', 'Forced')]
    [string] $Mode = 'Planned',

    [ValidateSet('Standalone', 'Switchover')]
    [string] $Promotion = 'Standalone',

    [switch] $AllowDataLoss,

    [switch] $Unlock,

    [double] $OldPrimaryWaitSeconds = 0,

    [double] $LeaseWaitSeconds = 0,

    [string] $EvidencePath,

    [string] $SalvagePath
)

$ErrorActionPreference = 'Stop'
if (-not (Get-HfContext -ErrorAction Ignore)) { $null = Connect-HfAzure }

# Which region is active and which server is primary is read live. The file only says which two regions belong together.
$pair = Import-HfRegionPair -Path $PairPath

# Somebody holds the run. Whoever that is ends it, or is dead and loses the lease: what is seen before that would be old by then.
$waited = [System.Diagnostics.Stopwatch]::StartNew()
$held = $null
while ($waited.Elapsed.TotalSeconds -lt $LeaseWaitSeconds -and ($holding = Get-HfRun -Pair $pair -Unfinished | Where-Object Hold -EQ Held)) {
    if (-not $held) { Write-Warning "Run $($holding.Id) is held by $($holding.Holder) since $($holding.HeldSince.ToString('u')): waiting for it, $LeaseWaitSeconds s at most." }
    $held = $holding
    [System.Threading.Thread]::Sleep(500)
}
$status = Get-HfRegionPair -Name $pair.Name
$target = $pair.FindRegion($To)
if (-not $target) { throw "The pair '$($pair.Name)' has no region '$To'. It has: $($pair.Regions.Location)." }
$from = $pair.OtherThan($target).Location

# Already there, and no unfinished run to go on with: nothing to do.
if (-not $status.UnfinishedRun -and $status.Active -eq $target.Location -and ($status.Servers | Where-Object Role -EQ Primary | Where-Object Location -EQ $target.Location)) {
    Write-Warning "$($target.Location) is active already and holds the primary: nothing to fail over. The pair is $($status.State)."
    $owed = if ($status.FenceDebt) { Complete-HfFence -Pair $pair -WaitSeconds $OldPrimaryWaitSeconds -Confirm:$false | Where-Object Outcome -EQ Pending }
    if ($status.LockDebt) { $owed = @($owed) + @(Lock-HfResource -Pair $pair -Confirm:$false | Where-Object State -EQ Owed) | Where-Object { $_ } }
    exit $(if ($owed) { 3 } else { 0 })
}

# The run holds the pair's lease and the journal. An unfinished one is resumed, on what it saw when it first began. With -WhatIf there is none.
$run = Start-HfRun -Pair $pair -To $To -Mode $Mode -Confirm:$false
$before = if ($run) { $run.Before } else { $status }
$failover = @{ Pair = $pair; ResourceId = $before.ReplicaResourceId; Mode = $Mode; Promotion = $Promotion; AllowDataLoss = $AllowDataLoss }

# What a ReadOnly lock would hinder. Of a lost region nothing is asked before traffic is served.
$locked = @{ Pair = $pair; ResourceId = @($pair.Traffic.ProfileId, $before.ReplicaResourceId, $(if ($Mode -eq 'Planned') { $before.PrimaryResourceId }) | Where-Object { $_ }) }
$outcome = 'Failed'
$exitCode = 4
$asked = $null
$consented = $false

# A resumed run that has asked for the promotion is never given up for a reason to not begin: it goes on, or stays open.
$begun = [bool]($run.Steps | Where-Object Name -EQ PromoteReplica | Where-Object Outcome -NE Failed)

$owed = @()

# How the region that takes over grows, where the pair file says so. Its database is only made larger while it is a replica: it restarts.
$growth = if ($pair.Capacity -and $pair.Capacity.FindRegion($To).Active) { @{ Pair = $pair; Location = $To; Role = 'Active'; Confirm = $false; ErrorAction = 'Continue' } }
$beside = @{ Part = 'Pool', 'Gateway', 'Cache' }

try {
    # Every reason not to go on, all at once, before anything is changed or asked. With the region lost nothing of it is called.
    $findings = @(Test-HfReadiness -Pair $pair -To $To -Mode $Mode -Promotion $Promotion -Unlock:$Unlock)
    foreach ($finding in $findings) {
        if ($finding.Severity -eq 'Warning') { Write-Warning "$($finding.Code): $($finding.Observed) $($finding.Remedy)" }
        elseif ($finding.Severity -ne 'Refusal') { Write-Verbose "$finding" }
    }
    $refusals = @($findings | Where-Object Severity -EQ Refusal)
    foreach ($refusal in $refusals) {
        Write-Error -Message "$($refusal.Observed) Required: $($refusal.Required)" -ErrorId $refusal.Code -Category InvalidOperation -TargetObject $refusal.Resource -RecommendedAction $refusal.Remedy -ErrorAction Continue
    }

    # The plan, as it is going to be approved. By the same rules; what it can still refuse for is a loss that nobody has consented to.
    if (-not $refusals) {
        if ($Unlock) { $null = Unlock-HfResource @locked -WhatIf -ErrorAction Continue }
        if ($WhatIfPreference -and $Mode -eq 'Planned') { $null = Set-HfTrafficProfile -Pair $pair -Ttl 0 -WaitForOldTtl }
        Invoke-HfDbFailover @failover -WhatIf -AssumeUnlocked:$Unlock -ErrorAction Continue -ErrorVariable refusals -WarningAction $(if ($Mode -eq 'Forced') { 'Continue' } else { 'SilentlyContinue' })
        $null = Set-HfTrafficEndpoint -Pair $pair -Location $To -WhatIf -ErrorAction Continue
    }

    # The loss was stated just now. Whoever can be asked is asked; consent to it stands for the confirmation.
    if ($Mode -eq 'Forced' -and -not $AllowDataLoss -and -not $WhatIfPreference -and $ConfirmPreference -ne 'None' -and -not ($refusals | Where-Object FullyQualifiedErrorId -NotLike 'HfDataLossConsentRequired,*')) {
        try { $consented = $refusals -and $PSCmdlet.ShouldContinue("$($refusals[0].Exception.Message) Promote the replica in $To all the same?", 'Accept the loss of data?') }
        catch { Write-Warning "Nobody can be asked here: $($_.Exception.Message)" }
        if ($consented) {
            $failover.AllowDataLoss = $true
            $refusals = @()
        }
    }

    if (-not $refusals -and ($WhatIfPreference -or $consented -or $PSCmdlet.ShouldProcess($pair.Name, "$Mode failover from $from to $To"))) {
        $outcome = 'Pending'
        $exitCode = 5

        # Locks that would hinder a step, by the operator's consent. They are put back at the end, whatever that is.
        if ($Unlock -and -not $WhatIfPreference) { $null = Unlock-HfResource @locked -Confirm:$false }

        # Room for the load, before anything is fenced: it grows beside all that follows, or is waited for here, while everything still serves.
        if ($growth -and $Mode -eq 'Planned') {
            $null = Set-HfRegionCapacity @growth -Part Database
            $null = Set-HfRegionCapacity @growth @beside -NoWait:(-not $pair.Capacity.WaitBeforeTraffic)
        }

        # Clients follow within a second when no resolver may keep the old answer.
        if ($Mode -eq 'Planned' -and -not $WhatIfPreference) {
            $null = Set-HfTrafficProfile -Pair $pair -Ttl 0 -WaitForOldTtl -Confirm:$false
        }

        # Step 1: fence (planned), catch up, promote. Returns as soon as Azure has accepted the promotion.
        # -WhatIf has shown both steps above.
        if (-not $WhatIfPreference) { $asked = Invoke-HfDbFailover @failover -NoWait -Confirm:$false }

        # A lost region is replaced at once: growing begins when the promotion is under way.
        if ($growth -and $Mode -eq 'Forced') { $null = Set-HfRegionCapacity @growth @beside -NoWait:(-not $pair.Capacity.WaitBeforeTraffic) }

        # Step 3: the old primary takes no write any more (planned) or is lost (forced), so traffic need not wait for the promotion's end.
        if (-not $WhatIfPreference) { $null = Set-HfTrafficEndpoint -Pair $pair -Location $To -Confirm:$false }
        if ($asked.Operation) {
            # A proof that failed is an error of its own, and no reason to leave the application without its health check.
            $ended = $asked | Wait-HfOperation -ErrorAction SilentlyContinue -ErrorVariable trouble
            $trouble | Where-Object FullyQualifiedErrorId -Like 'HfHandoverProofFailed,*' | ForEach-Object { Write-Error -ErrorRecord $_ -ErrorAction Continue }
            if ($ended.Outcome -ne 'Succeeded') { throw @($trouble | Where-Object FullyQualifiedErrorId -NotLike 'HfHandoverProofFailed,*')[0] }
        }

        # What grew beside the promotion is seen through; what could not be had is owed.
        if ($growth) {
            $owed += @(Set-HfRegionCapacity @growth @beside | Where-Object Shortfall | ForEach-Object { "the size of $($_.Name): $($_.Shortfall)" })
            if ($Mode -eq 'Forced' -and $pair.Capacity.FindRegion($To).Active.Database) {
                Write-Warning "The database of $To keeps its compute: changing it would restart it. When that suits: Set-HfRegionCapacity -Location $To -Part Database"
            }
        }

        # Step 4: the right region, the right database, a write that is read back, and DNS that leads there.
        if (-not $WhatIfPreference) {
            $health = Test-HfHealth -Pair $pair -Location $To -ExpectedRole Primary -Function -WaitSeconds 120
            $route = Test-HfTrafficRoute -Pair $pair -Location $To -WaitSeconds 60
            $wrong = @($health | Where-Object Healthy -EQ $false) + @($route | Where-Object Current -EQ $false)
            if ($wrong) { throw "The application in $To is not shown healthy: $($wrong.Reason) $($wrong.Failure)" }
        }

        # What Azure does not carry over to a promoted server, from what the run kept of the old primary. A new replica takes its parameters from here.
        if ($before.PrimaryResourceId) {
            $owed += @(Copy-HfDbSetting -Pair $pair -Server $before.ReplicaResourceId -From $before.PrimaryResourceId -Confirm:$false -ErrorAction Continue |
                Where-Object Outcome -In Failed, Unknown | ForEach-Object { "$($_.Kind) $($_.Name) of $($_.Server), $($_.After): $($_.Shortfall)" })
        }

        # The old primary: seen to refuse writes; after a forced failover compared, so that the loss is told exactly and kept for salvage; then stopped. One that
        # does not answer stays owed.
        # After a switchover it is the replica: it is seen to follow, and stays.
        $swapped = $(if ($asked) { $asked.Promotion } else { $Promotion }) -eq 'Switchover'
        $fence = if ($before.PrimaryResourceId -and -not ($swapped -and $WhatIfPreference)) {
            $old = @{ Pair = $pair; ResourceId = $before.PrimaryResourceId; Confirm = $false }
            # Its locks, too, now that traffic is served: fencing and stopping it are changes.
            if ($Unlock -and $Mode -eq 'Forced' -and -not $WhatIfPreference) { $null = Unlock-HfResource -Pair $pair -ResourceId $before.PrimaryResourceId -Confirm:$false -ErrorAction Continue }
            if ($Mode -eq 'Forced' -and -not $WhatIfPreference) {
                $kept = Complete-HfFence @old -KeepRunning -WaitSeconds $OldPrimaryWaitSeconds
                if ($kept -and $kept.Outcome -ne 'Pending' -and $kept.State -ne 'Stopped') {
                    $lost = @(Get-HfLostWrite -Pair $pair -OldPrimary $before.PrimaryResourceId -ErrorAction Continue)
                    if ($lost) {
                        # Beside the journal they outlive this machine, where the run store is a container.
                        $salvaging = @{ Pair = $pair; OldPrimary = $before.PrimaryResourceId; ErrorAction = 'Continue'; Confirm = $false }
                        if ($SalvagePath) { $salvaging.Path = $SalvagePath }
                        elseif ($EvidencePath -and $EvidencePath -notlike 'https://*') { $salvaging.Path = [System.IO.Path]::Combine("$([System.IO.Path]::GetDirectoryName($EvidencePath))", "lost-writes-$($run.Id).jsonl") }
                        $salvage = Export-HfLostWrite @salvaging
                        if ($salvage) { Write-Warning "$($kept.Name) had committed $($salvage.WithRows) writes that are not in $To. Their rows, for salvage: $($salvage.Path)" }
                    }
                }
            }
            if ($kept -and $kept.Outcome -eq 'Pending') { $kept } else { Complete-HfFence @old -WaitSeconds $OldPrimaryWaitSeconds }
        }

        # Step 2: redundancy again, from the new primary, in the region that was left.
        if ($fence -and $fence.Outcome -eq 'Pending') {
            Write-Warning "Traffic is served by $To. Still owed: the fence of $($fence.Name) and a new replica in $from. Run this runbook again when $from answers."
            $exitCode = 3
        }
        else {
            $replica = if (-not $swapped) { New-HfReadReplica -Pair $pair -SourceServerResourceId $before.ReplicaResourceId -Location $from -Confirm:$false }
            elseif (-not $WhatIfPreference) { Get-HfDbServer -ResourceId $before.PrimaryResourceId }
            # It has a name of its own: the region that was left must find it, or its pods could not serve when they are needed again.
            if ($replica -and -not (Set-HfDbBinding -Pair $pair -Server $replica.ResourceId -Location $from -Confirm:$false -ErrorAction Continue)) {
                $owed += "the secrets and private endpoint of $($from): Set-HfDbBinding -Server $($replica.Name) -Location $from"
            }
            if ($Mode -eq 'Planned' -and $null -ne $before.Ttl) {
                $null = Set-HfTrafficProfile -Pair $pair -Ttl $before.Ttl -Confirm:$false
            }
            # The region that was left shrinks last, and never below what the pair file says.
            if ($pair.Capacity -and $pair.Capacity.FindRegion($from).Passive) {
                $null = Set-HfRegionCapacity -Pair $pair -Location $from -Role Passive -Confirm:$false -ErrorAction Continue
            }
            $outcome = 'Succeeded'
            $exitCode = if ($owed) { 3 } else { 0 }
            foreach ($debt in $owed) { Write-Warning "Still owed: $debt." }
        }
    }
}
catch {
    $failed = $_.FullyQualifiedErrorId
    $unclear = @('HfOutcomeUnknown,*', 'HfJournalNotWritten,*', 'HfLeaseLost,*') | Where-Object { $failed -like $_ }
    if ($failed -like 'HfPromotionFailed,*' -or (-not $asked -and -not $begun -and -not $unclear)) {
        # Nothing was promoted, and the cmdlets have taken back their fence: leave Traffic Manager as it was found, too.
        Write-Error -ErrorRecord $_ -ErrorAction Continue
        $stays = @()
        if ($before.EndpointTarget) { $null = Set-HfTrafficEndpoint -Pair $pair -Target $before.EndpointTarget -AllowPrivateAddress -Confirm:$false -ErrorAction Continue -ErrorVariable stays }
        if ($Mode -eq 'Planned' -and $null -ne $before.Ttl) { $null = Set-HfTrafficProfile -Pair $pair -Ttl $before.Ttl -Confirm:$false -ErrorAction Continue -ErrorVariable +stays }
        $lifting = @((Get-HfRun -Pair $pair -Id $run.Id -ErrorAction Ignore).Steps | Where-Object Name -EQ LiftFence)
        if ($lifting -and $lifting[-1].Outcome -ne 'Succeeded') { Write-Warning "Nothing was promoted, and the fence of the primary in $from is not lifted: IT REFUSES WRITES. Run this runbook again: it lifts the fence first." }
        elseif ($stays) { Write-Warning 'Nothing was promoted, and Traffic Manager could not be put back. Run this runbook again with the same parameters.' }
        else {
            $outcome = 'Failed'
            $exitCode = 2
            Write-Warning "The failover has failed and is rolled back: $from serves, nothing was promoted."
        }
    }
    else {
        Write-Error -ErrorRecord $_ -ErrorAction Continue
        Write-Warning 'The run is not finished. Run this runbook again with the same parameters: it goes on from what is done already.'
    }
}
finally {
    if ($outcome -eq 'Failed' -and $exitCode -eq 4 -and $begun) {
        $outcome = 'Pending'
        $exitCode = 5
        Write-Warning 'The promotion of this run has been asked for already: the run stays open. Put right what is refused and run this runbook again.'
    }
    # Refused now, but a process that was killed had lowered the TTL already: nobody after this one knows what it was.
    if ($exitCode -eq 4 -and $null -ne $before.Ttl -and ($run.Steps | Where-Object Name -EQ SetTtl)) {
        $null = Set-HfTrafficProfile -Pair $pair -Ttl $before.Ttl -Confirm:$false -ErrorAction Continue
    }
    # What was taken away, by this process or by one that was killed, is put back: the same locks. What cannot be is owed.
    if ($run -and ($Unlock -or $run.Owed -like 'Lock *')) {
        try { $away = @(Lock-HfResource -Pair $pair -Confirm:$false -ErrorAction Continue | Where-Object State -EQ Owed) }
        catch {
            Write-Error -ErrorRecord $_ -ErrorAction Continue
            $away = @($_)
        }
        if ($away) {
            Write-Warning 'Still owed: locks that the run has taken away. Lock-HfResource puts them back, and so does the next run before anything else.'
            if ($exitCode -eq 0) { $exitCode = 3 }
        }
    }
    $closed = $null
    if ($run) {
        try { $closed = Complete-HfRun -Outcome $outcome -Confirm:$false }
        catch {
            # Its journal cannot be written. What is done is done, and the next process finds it so.
            Write-Error -ErrorRecord $_ -ErrorAction Continue
            $exitCode = 5
        }
    }
    if ($closed) {
        if ($exitCode -ne 4) {
            $evidence = @{ Run = $closed; Pair = $pair }
            if ($EvidencePath) { $evidence.Path = $EvidencePath }
            $shown = Export-HfEvidence @evidence
            $shown
            if ($exitCode -eq 0 -and $shown.ZeroLossProven -eq $false) { $exitCode = 6 }
        }
    }
}
exit $exitCode
