namespace Highflame.Dr.Planning;

/// <summary>How much harm a step can do (design/safety.md rule 5).</summary>
public enum StepClass
{
    ReadOnly,
    Reversible,
    Irreversible,
}

/// <summary>One intended change.</summary>
/// <param name="Name">Stable name, for example <c>FenceOldPrimary</c>.</param>
/// <param name="Target">Resource id, or name, that it changes.</param>
/// <param name="Action">What -WhatIf prints: the change and its effect, one line.</param>
/// <param name="Class">How much harm it can do.</param>
public sealed record PlanStep(string Name, string Target, string Action, StepClass Class)
{
    /// <summary>True for the step that cannot be taken back. Whatever fails before it is rolled back, writes on the old primary included; from it on there is only forward.</summary>
    public bool PointOfNoReturn { get; init; }
}

/// <summary>A reason not to act, as data.</summary>
public sealed record Refusal
{
    /// <summary>Stable code; it becomes the error id.</summary>
    public required string Code { get; init; }

    public required DrErrorKind Kind { get; init; }

    public required string Resource { get; init; }

    public required string Observed { get; init; }

    public required string Required { get; init; }

    /// <summary>What to do next.</summary>
    public required string Remedy { get; init; }

    public override string ToString() => $"{Observed} Required: {Required}";
}

/// <summary>Intended changes or reasons not to make them. Made by a pure function of an observation and a request; executing never re-plans.</summary>
public abstract record Plan
{
    /// <summary>One line, for a confirmation prompt.</summary>
    public required string Title { get; init; }

    public PlanStep[] Steps { get; init; } = [];

    public Refusal[] Refusals { get; init; } = [];

    public string[] Warnings { get; init; } = [];

    /// <summary>When the observation was made that the plan rests on.</summary>
    public required DateTimeOffset ObservedAt { get; init; }

    /// <summary>True when the world is already as asked.</summary>
    public bool NoChange => Refusals.Length == 0 && Steps.Length == 0;
}

/// <summary>How the primary is left.</summary>
public enum FailoverMode
{
    /// <summary>The primary is healthy: writes are fenced first and no acknowledged write is lost.</summary>
    Planned,

    /// <summary>The primary is lost: what it had not sent is lost.</summary>
    Forced,
}

/// <summary>Azure's two ways to promote a read replica.</summary>
public enum DbPromotion
{
    /// <summary>The replica becomes a server of its own; the old primary stays one, is fenced, and is replaced by a new replica.</summary>
    Standalone,

    /// <summary>The two servers exchange their roles: the old primary becomes the replica. Planned only, and only through a virtual endpoint.</summary>
    Switchover,
}

/// <summary>What Invoke-HfDbFailover asks for.</summary>
public sealed record FailoverRequest
{
    /// <summary>Resource id or name of the replica to promote.</summary>
    public required string Server { get; init; }

    public string? ResourceGroup { get; init; }

    public required FailoverMode Mode { get; init; }

    public DbPromotion Promotion { get; init; }

    public bool AllowDataLoss { get; init; }

    /// <summary>Plan as if Unlock-HfResource had taken the ReadOnly locks away: what -WhatIf of a chain needs.</summary>
    public bool AssumeUnlocked { get; init; }

    /// <summary>Plan as if Set-HfRegionCapacity had given the replica the compute that the pair file says: what -WhatIf of a chain needs.</summary>
    public bool AssumeGrown { get; init; }

    /// <summary>Longest time in seconds that writes may stay fenced while the replica catches up before the fence is lifted again.</summary>
    public double CatchUpTimeoutSeconds { get; init; } = 120;
}

public sealed record FailoverPlan : Plan
{
    public required FailoverRequest Request { get; init; }

    public Topology.DbServer? Replica { get; init; }

    public Topology.DbServer? Primary { get; init; }

    public Topology.ReplicationStatus? Replication { get; init; }
}

/// <summary>What New-HfReadReplica asks for.</summary>
public sealed record ReplicaRequest
{
    /// <summary>Resource id or name of the primary.</summary>
    public required string Source { get; init; }

    public required string Location { get; init; }

    /// <summary>Name of the new server; null chooses the next free name.</summary>
    public string? Name { get; init; }

    /// <summary>Resource group of the new server; null takes the pair's group of that location, else the source's.</summary>
    public string? ResourceGroup { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>Plan as if the source had been promoted already: what -WhatIf of a chain needs.</summary>
    public bool AssumePromoted { get; init; }
}

public sealed record ReplicaPlan : Plan
{
    public required ReplicaRequest Request { get; init; }

    public Topology.DbServer? Source { get; init; }

    /// <summary>The replica that is there already.</summary>
    public Topology.DbServer? Existing { get; init; }

    /// <summary>Resource id that the new server gets.</summary>
    public string? NewResourceId { get; init; }
}

/// <summary>What Set-HfTrafficEndpoint asks for. Null means: leave as it is.</summary>
public sealed record EndpointRequest
{
    /// <summary>Resource id of the endpoint.</summary>
    public required string EndpointId { get; init; }

    /// <summary>New target: FQDN, Private Link FQDN, IPv4 or IPv6 address, or the resource id of a public IP or gateway.</summary>
    public string? Target { get; init; }

    public bool? Enabled { get; init; }

    public long? Priority { get; init; }

    public long? Weight { get; init; }

    public bool? AlwaysServe { get; init; }

    /// <summary>Send a private address although Azure documents that it refuses one.</summary>
    public bool AllowPrivateAddress { get; init; }
}

public sealed record EndpointPlan : Plan
{
    public required EndpointRequest Request { get; init; }

    public Traffic.TrafficProfile? Profile { get; init; }

    public Traffic.TrafficEndpoint? Endpoint { get; init; }

    /// <summary>The target as it will be sent, after a resource id was resolved.</summary>
    public string? ResolvedTarget { get; init; }
}

/// <summary>What Set-HfTrafficProfile asks for.</summary>
public sealed record ProfileRequest
{
    public required string ProfileId { get; init; }

    /// <summary>Seconds that a resolver may keep an answer, 0 to 2147483647.</summary>
    public required long Ttl { get; init; }

    /// <summary>Wait until every answer given under the old TTL has expired.</summary>
    public bool WaitForOldTtl { get; init; }
}

public sealed record ProfilePlan : Plan
{
    public required ProfileRequest Request { get; init; }

    public Traffic.TrafficProfile? Profile { get; init; }

    /// <summary>Until when answers of an old TTL may be kept that this run lowered before; null when it is lowered now, or when nothing is known.</summary>
    public DateTimeOffset? OldTtlUntil { get; init; }
}

/// <summary>What Complete-HfFence asks for: that an old primary cannot take a write and is stopped.</summary>
public sealed record FenceRequest
{
    /// <summary>Resource id or name of the old primary.</summary>
    public required string Server { get; init; }

    public string? ResourceGroup { get; init; }

    /// <summary>Leave the server running, read-only, so that it can be compared.</summary>
    public bool KeepRunning { get; init; }

    /// <summary>How long to wait for a server that does not answer, in seconds.</summary>
    public double WaitSeconds { get; init; }

    /// <summary>Plan as if its replica had been promoted already: what -WhatIf of a chain needs.</summary>
    public bool AssumePromoted { get; init; }
}

public sealed record FencePlan : Plan
{
    public required FenceRequest Request { get; init; }

    public Topology.DbServer? Server { get; init; }
}
