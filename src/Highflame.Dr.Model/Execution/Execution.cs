namespace Highflame.Dr.Execution;

/// <summary>How a step, an operation or a run ended. Unknown is never shown as failed, Pending never as done (design/safety.md rule 8).</summary>
public enum StepOutcome
{
    Unknown,
    Pending,
    Succeeded,
    NoChange,
    Failed,
}

/// <summary>What one step did.</summary>
public sealed record StepResult
{
    public required string Name { get; init; }

    public required string Target { get; init; }

    public required DateTimeOffset Started { get; init; }

    public DateTimeOffset? Finished { get; init; }

    public required StepOutcome Outcome { get; init; }

    /// <summary>What was seen, in words; never a secret.</summary>
    public string? Detail { get; init; }

    /// <summary>Seconds it took, or null while it runs.</summary>
    public double? Seconds => Finished is { } end ? Math.Round((end - Started).TotalSeconds, 3) : null;
}

/// <summary>A long-running operation that Azure has accepted. It goes on whether or not anybody waits for it.</summary>
public sealed record DrOperation
{
    /// <summary>Short id that Get-HfOperation and Wait-HfOperation take.</summary>
    public required string Id { get; init; }

    /// <summary>What it does, for example <c>Promote</c>, <c>CreateReplica</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Resource id that it works on.</summary>
    public required string Target { get; init; }

    /// <summary>The URL Azure gave to ask for its state; kept to the letter, signed query included.</summary>
    public required string OperationUrl { get; init; }

    public required StepOutcome Outcome { get; init; }

    /// <summary>Azure's own word: InProgress, Succeeded, Failed, Canceled.</summary>
    public required string Status { get; init; }

    public required DateTimeOffset Started { get; init; }

    public DateTimeOffset? Finished { get; init; }

    /// <summary>Azure's error code and message when it failed.</summary>
    public string? Error { get; init; }

    /// <summary>Id of the error that Wait-HfOperation writes for it, where it is more than HfOperationFailed: HfPromotionFailed says that the server was seen to be a replica still.</summary>
    public string? ErrorId { get; init; }
}

/// <summary>Output of Invoke-HfDbFailover. Binds by name to New-HfReadReplica (SourceServerResourceId) and Wait-HfOperation.</summary>
public sealed record DbFailover
{
    /// <summary>Name of the promoted server.</summary>
    public required string Name { get; init; }

    /// <summary>Resource id of the promoted server.</summary>
    public required string ResourceId { get; init; }

    public required string Location { get; init; }

    public required Planning.FailoverMode Mode { get; init; }

    public Planning.DbPromotion Promotion { get; init; }

    public required StepOutcome Outcome { get; init; }

    /// <summary>Resource id of the promoted server again, under the name that New-HfReadReplica takes.</summary>
    public string SourceServerResourceId => ResourceId;

    public string? OldPrimary { get; init; }

    public string? OldPrimaryResourceId { get; init; }

    /// <summary>True when the old primary was seen to refuse writes before the promotion; false when that is owed.</summary>
    public bool Fenced { get; init; }

    /// <summary>Position of the old primary after the fence; null when it was not seen.</summary>
    public string? FinalLsn { get; init; }

    /// <summary>Position that the replica had replayed when it was promoted.</summary>
    public string? ReplayedLsn { get; init; }

    /// <summary>True only when both databases proved that nothing acknowledged is missing; null when it is not proven; false when they proved the contrary.</summary>
    public bool? ZeroLossProven { get; init; }

    /// <summary>What the promoted server has to show, taken after the fence; null without a database credential and in a forced failover.</summary>
    public HandoverToken? Token { get; init; }

    /// <summary>Bytes behind when the replica was promoted, as far as it could be known.</summary>
    public long? LagBytesBefore { get; init; }

    public double? LagSecondsBefore { get; init; }

    /// <summary>The promotion, when it is still going on.</summary>
    public DrOperation? Operation { get; init; }

    public StepResult[] Steps { get; init; } = [];
}

/// <summary>
/// What a fenced primary hands over, journaled before the promotion. The promoted server must be the same system on a later timeline, at or past the position,
/// and must hold the heartbeat.
/// </summary>
/// <param name="SystemIdentifier">system_identifier of pg_control_system().</param>
/// <param name="Timeline">Timeline of the old primary.</param>
/// <param name="Lsn">Its last position, after the fence.</param>
/// <param name="HeartbeatId">Id of the last transaction it committed: a marker of this product's own, which no table sees; null where it may not write one.</param>
/// <param name="NextTransactionId">Its next transaction id, which must not grow any more.</param>
public sealed record HandoverToken(string? SystemIdentifier, int? Timeline, string? Lsn, string? HeartbeatId, string? NextTransactionId);

/// <summary>Output of New-HfReadReplica.</summary>
public sealed record DbReplica
{
    public required string Name { get; init; }

    public required string ResourceId { get; init; }

    public required string Location { get; init; }

    public required string SourceServerResourceId { get; init; }

    public required StepOutcome Outcome { get; init; }

    public DrOperation? Operation { get; init; }

    public StepResult[] Steps { get; init; } = [];
}

/// <summary>Output of Complete-HfFence.</summary>
public sealed record DbFence
{
    public required string Name { get; init; }

    public required string ResourceId { get; init; }

    /// <summary>Pending while the fence is still owed.</summary>
    public required StepOutcome Outcome { get; init; }

    /// <summary>Ready, Stopped and so on, as Azure says.</summary>
    public required string State { get; init; }

    public bool ReadOnly { get; init; }

    public int SessionsEnded { get; init; }

    public StepResult[] Steps { get; init; } = [];
}

/// <summary>What the pair was when a run began. Journaled with the run's first line, so that a resumed run works on what the first one saw.</summary>
public sealed record RunBefore
{
    public string? Active { get; init; }

    public string? PrimaryResourceId { get; init; }

    public string? ReplicaResourceId { get; init; }

    public string? EndpointTarget { get; init; }

    /// <summary>Seconds of the profile's TTL; a planned run lowers it and puts it back.</summary>
    public long? Ttl { get; init; }
}

/// <summary>One guarded execution. Output of Start-HfRun and Complete-HfRun.</summary>
public sealed record DrRun
{
    public required string Id { get; init; }

    public required string Pair { get; init; }

    /// <summary>Region that was active when it began.</summary>
    public string? From { get; init; }

    public required string To { get; init; }

    public required Planning.FailoverMode Mode { get; init; }

    public required StepOutcome Outcome { get; init; }

    /// <summary>True when this process continues a run that an earlier one left unfinished.</summary>
    public bool Resumed { get; init; }

    /// <summary>Number that grows with every holder of the pair's lease.</summary>
    public required long FencingNumber { get; init; }

    public required DateTimeOffset Started { get; init; }

    public DateTimeOffset? Finished { get; init; }

    public required string JournalPath { get; init; }

    /// <summary>What is still owed, for example a fence.</summary>
    public string[] Owed { get; init; } = [];

    /// <summary>The pair as it was when the run first began.</summary>
    public required RunBefore Before { get; init; }

    public StepResult[] Steps { get; init; } = [];
}

/// <summary>Whether anybody works on a run now.</summary>
public enum RunHold
{
    /// <summary>It has ended.</summary>
    Ended,

    /// <summary>It has begun, has not ended, and nobody holds the pair's lease: the next Start-HfRun goes on with it.</summary>
    Free,

    /// <summary>A living process holds it.</summary>
    Held,
}

/// <summary>A run as its store tells it. Output of Get-HfRun.</summary>
public sealed record RunStatus
{
    public required string Id { get; init; }

    public required string Pair { get; init; }

    public string? From { get; init; }

    public required string To { get; init; }

    public required Planning.FailoverMode Mode { get; init; }

    public required StepOutcome Outcome { get; init; }

    public required RunHold Hold { get; init; }

    /// <summary>The step it is at: the one begun and not ended, else the last one.</summary>
    public string? Step { get; init; }

    /// <summary>Process, machine and user that hold it, or held it last.</summary>
    public string? Holder { get; init; }

    /// <summary>When the holder took the lease.</summary>
    public DateTimeOffset? HeldSince { get; init; }

    /// <summary>Number that grew with every holder of the pair's lease.</summary>
    public required long FencingNumber { get; init; }

    public required DateTimeOffset Started { get; init; }

    public DateTimeOffset? Finished { get; init; }

    /// <summary>What the pair still owes, for example a fence.</summary>
    public string[] Owed { get; init; } = [];

    public StepResult[] Steps { get; init; } = [];

    /// <summary>Path or URL.</summary>
    public required string JournalPath { get; init; }
}

/// <summary>What Start-HfRun asks for.</summary>
/// <param name="Pair">The pair.</param>
/// <param name="To">Region that shall be active.</param>
/// <param name="Mode">How the primary is left.</param>
/// <param name="Before">The pair as it is now; kept only when a new run begins, a resumed one keeps its own.</param>
public sealed record RunRequest(Topology.RegionPair Pair, string To, Planning.FailoverMode Mode, RunBefore Before);

/// <summary>A run that this runspace holds: the lease and the open journal. The engine derives from it; the cmdlets only hold it.</summary>
public abstract class DrRunHandle : IDisposable
{
    public abstract DrRun Run { get; }

    /// <summary>Tells those whom the pair file names, some time soon. Never waits, never throws.</summary>
    public virtual void Tell(Watch.DrNotice notice)
    {
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

/// <summary>How a plan is carried out.</summary>
/// <param name="Run">The run it belongs to; null opens one of its own for the time of the call where a step is irreversible.</param>
/// <param name="NoWait">Return as soon as Azure has accepted the operation.</param>
/// <param name="Pair">The pair that the servers belong to, where one is known: its run store keeps lease, journal and fence debt.</param>
public sealed record ExecutionOptions(DrRunHandle? Run = null, bool NoWait = false, Topology.RegionPair? Pair = null);
