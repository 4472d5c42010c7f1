using Highflame.Dr.Topology;

namespace Highflame.Dr.Planning;

/// <summary>How far a lock reaches: it holds for its scope and for everything below.</summary>
public enum LockReach
{
    Resource,
    ResourceGroup,
    Subscription,
}

/// <summary>What Unlock-HfResource asks for: that no ReadOnly lock hinders a change of these resources.</summary>
public sealed record UnlockRequest
{
    public required RegionPair Pair { get; init; }

    /// <summary>Resource ids. A lock above one of them counts too.</summary>
    public string[] ResourceIds { get; init; } = [];
}

/// <summary>One lock, as it is or as it was.</summary>
public sealed record LockItem
{
    public required string Name { get; init; }

    /// <summary>Resource id of the lock.</summary>
    public required string ResourceId { get; init; }

    /// <summary>ReadOnly or CanNotDelete.</summary>
    public required string Level { get; init; }

    /// <summary>Resource id of what it locks.</summary>
    public required string Scope { get; init; }

    public required LockReach Reach { get; init; }

    public string? Notes { get; init; }

    /// <summary>Azure's own properties of it, as JSON to the letter: level, notes, owners and whatever else there is.</summary>
    public required string Properties { get; init; }

    /// <summary>Names of the resources that it hinders.</summary>
    public string[] Hinders { get; init; } = [];

    /// <summary>When it was taken away; null while it stands.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Why it is not to be written again, in words: it stands, or what it locked is gone; null when it is to be written.</summary>
    public string? Settled { get; init; }
}

/// <summary>Locks to take away, or to put back.</summary>
public sealed record LockPlan : Plan
{
    public required RegionPair Pair { get; init; }

    /// <summary>True to put back what was taken away.</summary>
    public required bool Restores { get; init; }

    public LockItem[] Items { get; init; } = [];
}
