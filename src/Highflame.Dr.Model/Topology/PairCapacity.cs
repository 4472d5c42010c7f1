namespace Highflame.Dr.Topology;

/// <summary>What a region is now: traffic goes to it, or it waits.</summary>
public enum RegionRole
{
    Active,
    Passive,
}

/// <summary>The capacity part of a pair: how large each region is while it is active and while it is passive.</summary>
public sealed record PairCapacity
{
    /// <summary>True: traffic moves only when the region that takes over has grown. False: it grows beside the promotion, and nothing waits for it.</summary>
    public bool WaitBeforeTraffic { get; init; }

    public RegionCapacity[] Regions { get; init; } = [];

    public RegionCapacity? FindRegion(string location) => Array.Find(Regions, r => AzureLocation.Same(r.Location, location));
}

/// <summary>The sizes of one region.</summary>
public sealed record RegionCapacity
{
    public required string Location { get; init; }

    /// <summary>Resource id of the AKS cluster; null means the only one in the region's resource group.</summary>
    public string? ClusterId { get; init; }

    /// <summary>Resource id of the Azure Cache for Redis; null means the only one in the region's resource group.</summary>
    public string? CacheId { get; init; }

    public RoleCapacity? Active { get; init; }

    public RoleCapacity? Passive { get; init; }

    public RoleCapacity? Of(RegionRole role) => role == RegionRole.Active ? Active : Passive;
}

/// <summary>The sizes of a region in one role. What is null or not named is left as it is.</summary>
public sealed record RoleCapacity
{
    public PoolCapacity[] Pools { get; init; } = [];

    public GatewayCapacity? Gateway { get; init; }

    public CacheCapacity? Cache { get; init; }

    public DatabaseCapacity? Database { get; init; }
}

/// <summary>Size of an AKS node pool.</summary>
public sealed record PoolCapacity
{
    public required string Name { get; init; }

    /// <summary>Nodes. With the autoscaler it is where the pool begins, and must lie within its limits.</summary>
    public int? Count { get; init; }

    /// <summary>Fewest nodes that the autoscaler keeps. Given together with <see cref="Max"/>; both turn the autoscaler on.</summary>
    public int? Min { get; init; }

    /// <summary>Most nodes that the autoscaler makes.</summary>
    public int? Max { get; init; }

    /// <summary>False stops the pool, true starts it; null leaves it.</summary>
    public bool? Running { get; init; }
}

/// <summary>Size of an Application Gateway v2, in capacity units that it keeps ready.</summary>
public sealed record GatewayCapacity
{
    public required int Min { get; init; }

    /// <summary>Most capacity units; null leaves the limit, as long as it is not below <see cref="Min"/>.</summary>
    public int? Max { get; init; }
}

/// <summary>Size of an Azure Cache for Redis.</summary>
public sealed record CacheCapacity
{
    /// <summary>Basic, Standard or Premium.</summary>
    public required string Sku { get; init; }

    /// <summary>0 to 6 of family C (Basic, Standard), 1 to 5 of family P (Premium).</summary>
    public required int Capacity { get; init; }
}

/// <summary>Compute of the region's database server. Changing it restarts the server.</summary>
public sealed record DatabaseCapacity
{
    /// <summary>For example <c>Standard_D4ads_v5</c>.</summary>
    public required string Sku { get; init; }

    /// <summary>GeneralPurpose, MemoryOptimized or Burstable.</summary>
    public required string Tier { get; init; }
}
