using Highflame.Dr.Watch;

namespace Highflame.Dr.Engine.Watch;

/// <summary>
/// What a watch must not forget, kept in the pair's run store as <c>watch.json</c> and shared by all watchers of the pair. Every change is one compare-and-swap, so of two
/// watchers exactly one raises an alert or asks for a failover.
/// </summary>
internal sealed record WatchMemory
{
    /// <summary>How many changes of what witnesses said are kept.</summary>
    public const int KeptChanges = 200;

    public DateTimeOffset At { get; init; }

    public WatchVerdict Verdict { get; init; } = WatchVerdict.Us;

    /// <summary>Observations in a row with this verdict.</summary>
    public int Confirmed { get; init; }

    public string? Incident { get; init; }

    /// <summary>Since when the active region has failed without a break.</summary>
    public DateTimeOffset? FirstFailure { get; init; }

    /// <summary>Last look that could tell anything: a longer blindness than the hold-off begins it anew.</summary>
    public DateTimeOffset? LastSeen { get; init; }

    public DateTimeOffset? RecoveredAt { get; init; }

    public DateTimeOffset? CooldownUntil { get; init; }

    /// <summary>The failover that was asked for and is not seen to have ended.</summary>
    public AskedFailover? Asked { get; init; }

    /// <summary>What has been alerted of the incident already.</summary>
    public string[] Alerted { get; init; } = [];

    /// <summary>When each witness was last seen up.</summary>
    public Dictionary<string, DateTimeOffset> LastUp { get; init; } = [];

    /// <summary>The last time both databases were seen: for the price of a failover.</summary>
    public SeenPosition? Position { get; init; }

    public KnownPair? Pair { get; init; }

    /// <summary>What witnesses said, each time that it changed: the raw record of the last incidents.</summary>
    public WitnessChange[] Changes { get; init; } = [];
}

/// <summary>A failover that a watcher asked for.</summary>
internal sealed record AskedFailover(string To, DateTimeOffset First, DateTimeOffset Last, string By);

/// <summary>How far the primary had written when it was last seen.</summary>
internal sealed record SeenPosition(DateTimeOffset At, ulong PrimaryLsn);

/// <summary>What the pair looked like when Azure last told: enough to go on looking when Azure does not answer.</summary>
internal sealed record KnownPair
{
    public required string Active { get; init; }

    public string? PrimaryId { get; init; }

    public string? PrimaryHost { get; init; }

    public string? ReplicaId { get; init; }

    public string? ReplicaHost { get; init; }
}

/// <summary>A witness says something else than before.</summary>
internal sealed record WitnessChange(DateTimeOffset At, string Watcher, string Witness, WitnessWord Word, string? Detail);
