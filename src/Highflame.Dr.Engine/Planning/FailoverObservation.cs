using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Engine.Replication;
using Highflame.Dr.Execution;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Planning;

/// <summary>All that a failover's plan rests on. What could not be seen is null, with the reason beside it.</summary>
internal sealed record FailoverObservation
{
    public required DateTimeOffset At { get; init; }

    public required DbServer Replica { get; init; }

    /// <summary>The server the replica copies from, as Azure shows it.</summary>
    public DbServer? Primary { get; init; }

    /// <summary>Why <see cref="Primary"/> or its database could not be seen.</summary>
    public string? PrimaryProblem { get; init; }

    /// <summary>Azure's replicationState from the primary's list of replicas.</summary>
    public string? ReplicationState { get; init; }

    /// <summary>Whether the primary's list of replicas names the replica; null when the list was not seen.</summary>
    public bool? Listed { get; init; }

    public IReadOnlyList<ResourceLock> ReplicaLocks { get; init; } = [];

    public IReadOnlyList<ResourceLock> PrimaryLocks { get; init; } = [];

    /// <summary>False when the connection has no database credential for these servers.</summary>
    public required bool DatabaseAccess { get; init; }

    public DatabaseObservation? ReplicaDatabase { get; init; }

    /// <summary>Why <see cref="ReplicaDatabase"/> could not be seen.</summary>
    public string? ReplicaProblem { get; init; }

    /// <summary>The error behind <see cref="ReplicaProblem"/>, when there was one.</summary>
    public DrException? ReplicaFailure { get; init; }

    public DatabaseObservation? PrimaryDatabase { get; init; }

    public IReadOnlyList<WalSender>? Senders { get; init; }

    public double? MetricSeconds { get; init; }

    /// <summary>What a switchover needs besides; null when it was not looked at.</summary>
    public SwitchoverSight? Switchover { get; init; }

    /// <summary>Compute that the pair file gives the replica's region while it is active; null when it says none.</summary>
    public DatabaseCapacity? Grows { get; init; }

    /// <summary>What this run's journal says of the promotion of this server.</summary>
    public RecordedPromotion? Recorded { get; init; }

    /// <summary>How the recorded operation stands now; null when there is none or it could not be asked.</summary>
    public StepOutcome? RecordedOutcome { get; init; }

    /// <summary>Region that the run of this session fails over to; null outside a run.</summary>
    public string? RunTarget { get; init; }

    /// <summary>Id of an ended run that promoted this server.</summary>
    public string? PromotedByRun { get; init; }

    public IReadOnlyList<FenceDebt> Debts { get; init; } = [];

    /// <summary>Recovery point objective of the pair, in seconds.</summary>
    public double? RpoSeconds { get; init; }

    public ReplicationSight Sight => new()
    {
        Replica = Replica,
        Primary = Primary,
        ReplicaDatabase = ReplicaDatabase,
        PrimaryDatabase = PrimaryDatabase,
        Senders = Senders,
        ReplicationState = ReplicationState,
        MetricSeconds = MetricSeconds,
        At = At,
    };
}
