using Highflame.Dr.Topology;

namespace Highflame.Dr.Planning;

/// <summary>A part of a region whose size can be set.</summary>
public enum CapacityPart
{
    Pool,
    Gateway,
    Cache,
    Database,
}

/// <summary>What Set-HfRegionCapacity asks for.</summary>
public sealed record CapacityRequest
{
    public required RegionPair Pair { get; init; }

    public required string Location { get; init; }

    /// <summary>Whose sizes the region shall have; null means those of the role that it has now.</summary>
    public RegionRole? Role { get; init; }

    /// <summary>Only these parts; empty means all.</summary>
    public CapacityPart[] Parts { get; init; } = [];

    /// <summary>Plan as if traffic had left the region already: what -WhatIf of a chain needs.</summary>
    public bool AssumeTrafficMoved { get; init; }
}

/// <summary>One resource of a region, as it is and as it shall be. Exactly one of the four targets is set.</summary>
public sealed record CapacityItem
{
    public required CapacityPart Part { get; init; }

    public required string Name { get; init; }

    public required string ResourceId { get; init; }

    /// <summary>Its size now, in words.</summary>
    public required string Before { get; init; }

    /// <summary>Its size after the change, in words.</summary>
    public required string After { get; init; }

    /// <summary>Why it does not reach what the pair file says, with the numbers; null when it does.</summary>
    public string? Shortfall { get; init; }

    public PoolCapacity? Pool { get; init; }

    public GatewayCapacity? Gateway { get; init; }

    public CacheCapacity? Cache { get; init; }

    public DatabaseCapacity? Database { get; init; }
}

public sealed record CapacityPlan : Plan
{
    public required CapacityRequest Request { get; init; }

    public RegionRole Role { get; init; }

    public CapacityItem[] Items { get; init; } = [];
}
