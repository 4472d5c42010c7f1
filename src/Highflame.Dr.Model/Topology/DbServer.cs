namespace Highflame.Dr.Topology;

/// <summary>What a database server does now.</summary>
public enum DbRole
{
    Unknown,
    Primary,
    Replica,
}

/// <summary>A PostgreSQL flexible server as it is now.</summary>
public sealed record DbServer
{
    public required string Name { get; init; }

    public required string ResourceId { get; init; }

    public required string ResourceGroup { get; init; }

    /// <summary>Normalised location, for example <c>eastus</c>.</summary>
    public required string Location { get; init; }

    public required DbRole Role { get; init; }

    /// <summary>Azure's own word: Ready, Stopped, Updating, Inaccessible and so on; <c>Unknown</c> when Azure does not answer for it.</summary>
    public required string State { get; init; }

    public required string HostName { get; init; }

    public string? Version { get; init; }

    public string? Sku { get; init; }

    public string? Tier { get; init; }

    public int? StorageGB { get; init; }

    /// <summary>Resource id of the primary it was created from; only a replica has one that means anything.</summary>
    public string? SourceServerResourceId { get; init; }

    /// <summary>Active, Catchup, Provisioning, Updating, Broken, Reconfiguring; null when Azure did not say.</summary>
    public string? ReplicationState { get; init; }

    /// <summary>Azure's raw role field (None, Primary, AsyncReplica, GeoAsyncReplica). It can read wrong right after a promotion (azure-rest-api-specs issue 22499).</summary>
    public string? ReplicationRole { get; init; }
}

/// <summary>Where a measurement of lag came from.</summary>
public enum LagSource
{
    /// <summary>Both databases were asked.</summary>
    Database,

    /// <summary>The replica alone was asked; the primary did not answer.</summary>
    ReplicaOnly,

    /// <summary>Azure Monitor's metrics.</summary>
    Metrics,
}

/// <summary>Replication from a primary to one replica, measured. Output of Get-HfReplication.</summary>
public sealed record ReplicationStatus
{
    /// <summary>Name of the replica.</summary>
    public required string Name { get; init; }

    /// <summary>Resource id of the replica.</summary>
    public required string ResourceId { get; init; }

    public required string Location { get; init; }

    public string? Primary { get; init; }

    public string? PrimaryResourceId { get; init; }

    /// <summary>Azure's replication state, or <c>streaming</c>, <c>catchup</c>, <c>disconnected</c> as the primary's pg_stat_replication says.</summary>
    public string? State { get; init; }

    /// <summary>Bytes of WAL that the primary has written and the replica has not replayed; null when the primary could not be asked.</summary>
    public long? LagBytes { get; init; }

    /// <summary>
    /// Seconds since the last transaction that the replica has replayed was committed, or 0 when it has replayed all it knows of and the primary agrees.
    /// Mirrors PostgreSQL's <c>now() - pg_last_xact_replay_timestamp()</c>; grows on an idle primary that cannot be asked.
    /// </summary>
    public double? LagSeconds { get; init; }

    public string? PrimaryLsn { get; init; }

    public string? ReplayLsn { get; init; }

    public required LagSource Source { get; init; }

    public required DateTimeOffset MeasuredAt { get; init; }
}
