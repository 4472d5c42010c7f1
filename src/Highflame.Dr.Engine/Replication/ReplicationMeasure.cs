using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Replication;

/// <summary>What was seen of one replica and its primary. Everything but the replica itself may be missing.</summary>
internal sealed record ReplicationSight
{
    public required DbServer Replica { get; init; }

    public DbServer? Primary { get; init; }

    public DatabaseObservation? ReplicaDatabase { get; init; }

    public DatabaseObservation? PrimaryDatabase { get; init; }

    /// <summary>pg_stat_replication of the primary; null when it was not asked.</summary>
    public IReadOnlyList<WalSender>? Senders { get; init; }

    /// <summary>Azure's replicationState, from the primary's list of replicas.</summary>
    public string? ReplicationState { get; init; }

    public double? MetricSeconds { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>From what was seen to one measurement. Pure.</summary>
internal static class ReplicationMeasure
{
    public static ReplicationStatus From(ReplicationSight sight)
    {
        var replica = sight.ReplicaDatabase;
        var primary = sight.PrimaryDatabase is { InRecovery: false } writing ? sight.PrimaryDatabase : null;
        var bytes = replica is { InRecovery: true } && primary is not null && Lsn.Difference(primary.Lsn, replica.Lsn) is { } behind ? Math.Max(0, behind) : (long?)null;
        return new ReplicationStatus
        {
            Name = sight.Replica.Name,
            ResourceId = sight.Replica.ResourceId,
            Location = sight.Replica.Location,
            Primary = sight.Primary?.Name,
            PrimaryResourceId = sight.Primary?.ResourceId ?? sight.Replica.SourceServerResourceId,
            State = StateOf(sight, primary is not null),
            LagBytes = bytes,
            // Up to date with a primary that agrees is no lag, however long ago the last commit was.
            LagSeconds = replica is null ? sight.MetricSeconds : bytes == 0 ? 0 : replica.ReplayAgeSeconds is { } age ? Math.Round(age, 3) : null,
            PrimaryLsn = primary?.Lsn,
            ReplayLsn = replica is { InRecovery: true } ? replica.Lsn : null,
            Source = replica is null ? LagSource.Metrics : primary is null ? LagSource.ReplicaOnly : LagSource.Database,
            MeasuredAt = sight.At,
        };
    }

    // PostgreSQL names a sender after its receiver's application_name, which Azure does not document: with one sender there is no question.
    private static string? StateOf(ReplicationSight sight, bool primaryAnswered)
    {
        if (!primaryAnswered || sight.Senders is not { } senders) return sight.ReplicationState ?? sight.Replica.ReplicationState;
        var own = senders.FirstOrDefault(s => s.ApplicationName?.Contains(sight.Replica.Name, StringComparison.OrdinalIgnoreCase) == true)
            ?? (senders.Count == 1 ? senders[0] : null);
        if (own is not null) return own.State;
        return senders.Count == 0 ? "disconnected" : sight.ReplicationState ?? sight.Replica.ReplicationState;
    }
}
