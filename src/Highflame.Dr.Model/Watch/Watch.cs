using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Watch;

/// <summary>What is wrong with the active region, if anything.</summary>
public enum WatchVerdict
{
    /// <summary>We cannot see far enough to judge: our own network, name servers or sign-in.</summary>
    Us,

    Healthy,

    /// <summary>The region lives and its application or gateway does not serve.</summary>
    Application,

    /// <summary>The application answers and its database is gone.</summary>
    Database,

    /// <summary>Everything of the region is silent, and independent witnesses agree.</summary>
    Region,

    /// <summary>Parts are cut off from each other while somebody still sees the region alive, or too few witnesses agree.</summary>
    Network,
}

/// <summary>What a witness looks at.</summary>
public enum WitnessKind
{
    /// <summary>Something that depends on neither region.</summary>
    SelfCheck,

    /// <summary>The active region's application through its gateway, from here.</summary>
    Gateway,

    /// <summary>The passive region's application through its gateway, from here.</summary>
    StandbyGateway,

    /// <summary>The primary's database, from here.</summary>
    Primary,

    /// <summary>The primary as its replica in the passive region hears it: the WAL stream.</summary>
    Replica,

    /// <summary>Traffic Manager's own probes.</summary>
    TrafficManager,

    /// <summary>Azure's own word about the active region's resources.</summary>
    ResourceHealth,

    /// <summary>A declared probe in another place.</summary>
    VantagePoint,
}

/// <summary>What a witness says.</summary>
public enum WitnessWord
{
    /// <summary>It could not look, or what it looks at tells nothing.</summary>
    Silent,

    Up,

    /// <summary>It answers, and is not well.</summary>
    Failing,

    /// <summary>It does not answer.</summary>
    Down,
}

/// <summary>One witness's raw observation.</summary>
public sealed record Witness
{
    public required string Name { get; init; }

    public required WitnessKind Kind { get; init; }

    public required WitnessWord Word { get; init; }

    /// <summary>Where it looks from. Witnesses of one place are one witness.</summary>
    public required string Place { get; init; }

    /// <summary>True when that place lies outside both regions.</summary>
    public bool Outside { get; init; }

    /// <summary>False for one that has not been seen up in the hour before the failure: it proves nothing, and is not counted.</summary>
    public bool Counts { get; init; } = true;

    public string? Target { get; init; }

    /// <summary>What was seen, in words; never a secret.</summary>
    public string? Detail { get; init; }

    public double Milliseconds { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>What waiting costs.</summary>
public sealed record WatchPrice
{
    /// <summary>True when the application does not serve, as far as anybody sees; null when nobody sees it.</summary>
    public bool? UsersFailing { get; init; }

    /// <summary>Seconds that they have been failing.</summary>
    public double FailingSeconds { get; init; }

    /// <summary>Seconds of committed writes that a failover now would lose at most; null when that is not known.</summary>
    public double? LossSeconds { get; init; }

    /// <summary>Bytes of WAL that the primary was last seen to have and the replica has not received; null when that is not known.</summary>
    public long? LossBytes { get; init; }
}

/// <summary>Where a watch stands.</summary>
public enum WatchPhase
{
    /// <summary>Nothing that a failover would answer.</summary>
    Watching,

    /// <summary>The active region fails, and the hold-off runs.</summary>
    HoldOff,

    /// <summary>The hold-off is over and the witnesses agree.</summary>
    Due,

    /// <summary>A failover was asked for and has not ended.</summary>
    FailingOver,

    /// <summary>A failover has ended a short time ago.</summary>
    Cooldown,
}

/// <summary>What somebody should do now.</summary>
public enum WatchAction
{
    None,

    /// <summary>Tell a person. Said once for each new finding.</summary>
    Alert,

    /// <summary>Fail over to <see cref="WatchEvent.Passive"/>, forced. Said once for each incident; again only when nobody has taken it up.</summary>
    Failover,
}

/// <summary>One round of a watch: every witness, the verdict, what it costs to wait, and what to do. Output of Watch-HfRegionPair.</summary>
public sealed record WatchEvent
{
    /// <summary>Name of the pair.</summary>
    public required string Name { get; init; }

    public required RegionPair Pair { get; init; }

    public required DateTimeOffset At { get; init; }

    public string? Active { get; init; }

    public string? Passive { get; init; }

    public required WatchVerdict Verdict { get; init; }

    public string[] Reasons { get; init; } = [];

    public required WatchPhase Phase { get; init; }

    public required WatchAction Action { get; init; }

    /// <summary>What an alert is about, in one sentence; null when there is none.</summary>
    public string? Alert { get; init; }

    /// <summary>Independent places whose witnesses say that the region, or its database, is gone.</summary>
    public string[] Agreeing { get; init; } = [];

    /// <summary>Observations in a row with this verdict.</summary>
    public int Confirmed { get; init; }

    public WatchAutomatic Automatic { get; init; }

    /// <summary>Reasons that forbid a failover now, though it is due. While the one that was asked for goes on: who holds its run (HfRunHeld).</summary>
    public Refusal[] Refusals { get; init; } = [];

    public required WatchPrice Price { get; init; }

    /// <summary>Id of the trouble that is being watched; null when there is none.</summary>
    public string? Incident { get; init; }

    /// <summary>Since when the active region has failed without a break.</summary>
    public DateTimeOffset? FirstFailure { get; init; }

    public DateTimeOffset? HoldOffUntil { get; init; }

    public DateTimeOffset? CooldownUntil { get; init; }

    public Witness[] Witnesses { get; init; } = [];

    /// <summary>Process and machine that watch.</summary>
    public required string Watcher { get; init; }
}
