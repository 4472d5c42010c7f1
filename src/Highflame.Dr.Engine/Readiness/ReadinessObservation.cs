using Highflame.Dr.Engine.Azure.Wire;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Health;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>All that a preflight saw. A probe that was not made is empty; one that failed says why.</summary>
internal sealed record ReadinessObservation
{
    public required DateTimeOffset At { get; init; }

    public required RegionPair Pair { get; init; }

    /// <summary>Region that shall take over.</summary>
    public required PairRegion To { get; init; }

    public required FailoverMode Mode { get; init; }

    public DbPromotion Promotion { get; init; }

    /// <summary>The run takes ReadOnly locks away itself, and puts them back.</summary>
    public bool Unlock { get; init; }

    public PairRegion From => Pair.OtherThan(To);

    public bool Forced => Mode == FailoverMode.Forced;

    /// <summary>Servers in the region that shall take over.</summary>
    public Glimpse<IReadOnlyList<DbServer>> Servers { get; init; }

    /// <summary>The replica that would be promoted, and all that its failover rests on; empty when there is no replica.</summary>
    public Glimpse<FailoverObservation> Failover { get; init; }

    public Glimpse<TrafficSight> Traffic { get; init; }

    /// <summary>The change of the endpoint's target, as it would be planned.</summary>
    public Glimpse<EndpointPlan> Retarget { get; init; }

    public Glimpse<IReadOnlyList<ResourceLock>> TrafficLocks { get; init; }

    public Glimpse<IReadOnlyList<TrafficRoute>> Dns { get; init; }

    /// <summary>The gateway of the region that shall take over; empty when the pair file names none.</summary>
    public Glimpse<GatewaySight> Gateway { get; init; }

    /// <summary>The gateway of the region that is left; planned only.</summary>
    public Glimpse<GatewaySight> OtherGateway { get; init; }

    /// <summary>Every public host at the gateway of the region that shall take over.</summary>
    public IReadOnlyList<HostSight> Hosts { get; init; } = [];

    public Glimpse<SecretsSight> Secrets { get; init; }

    /// <summary>Keys and storage: of the replica, and in a planned failover of the primary.</summary>
    public IReadOnlyList<ServerSight> Details { get; init; } = [];

    public IReadOnlyList<PermissionSight> Permissions { get; init; } = [];

    public IReadOnlyList<Glimpse<ClockSight>> Clocks { get; init; } = [];

    /// <summary>The pair's last failover; null when its run store has none.</summary>
    public LastFailover? Last { get; init; }

    /// <summary>The comparison of the two regions; only for a planned way back.</summary>
    public Glimpse<Highflame.Dr.Parity.ParityReport> Parity { get; init; }

    /// <summary>Who is signed in.</summary>
    public string? Account { get; init; }

    /// <summary>Which probes were made, in words.</summary>
    public IReadOnlyList<string> Looked { get; init; } = [];

    /// <summary>How long all of it took, in seconds.</summary>
    public double Seconds { get; init; }
}

/// <summary>The profile in front of the pair.</summary>
internal sealed record TrafficSight(TrafficProfile Profile, MonitorConfigWire? Monitor);
