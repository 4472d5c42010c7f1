using System.Globalization;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Capacity;

/// <summary>An AKS node pool as it is. <see cref="Min"/> and <see cref="Max"/> are null without the autoscaler.</summary>
internal sealed record PoolSeen(string Id, string Name, string Size, bool IsSystem, bool Running, int Count, int? Min, int? Max)
{
    public string Words => Describe(Running, Count, Min, Max);

    public static string Describe(bool running, int count, int? min, int? max) => string.Create(
        CultureInfo.InvariantCulture, $"{count} node{(count == 1 ? "" : "s")}{(min is null ? "" : $", autoscaled {min} to {max}")}{(running ? "" : ", stopped")}");
}

/// <summary>An application gateway as it is: autoscaled between <see cref="Min"/> and <see cref="Max"/>, or of a fixed size.</summary>
internal sealed record GatewaySeen(string Id, string Name, string Tier, int? Min, int? Max, int? Fixed)
{
    public string Words => Describe(Min, Max, Fixed);

    public static string Describe(int? min, int? max, int? fixedSize) => string.Create(
        CultureInfo.InvariantCulture, $"{(fixedSize is { } size ? $"{size} units, fixed" : $"{min ?? 0} to {max?.ToString(CultureInfo.InvariantCulture) ?? "(no limit)"} units")}");
}

/// <summary>An Azure Cache for Redis as it is.</summary>
internal sealed record CacheSeen(string Id, string Name, string Sku, int Capacity)
{
    public string Words => Describe(Sku, Capacity);

    public static string Describe(string sku, int capacity) => string.Create(CultureInfo.InvariantCulture, $"{sku} {(sku == "Premium" ? "P" : "C")}{capacity}");
}

/// <summary>All that the plan of a region's capacity rests on.</summary>
internal sealed record CapacityObservation
{
    public required DateTimeOffset At { get; init; }

    /// <summary>Location that traffic goes to; null when it was not asked for or is not known.</summary>
    public string? Active { get; init; }

    public IReadOnlyList<PoolSeen> Pools { get; init; } = [];

    public GatewaySeen? Gateway { get; init; }

    public CacheSeen? Cache { get; init; }

    /// <summary>The region's database server.</summary>
    public DbServer? Server { get; init; }

    /// <summary>The primary of the region's server, when that is a replica.</summary>
    public DbServer? Primary { get; init; }

    /// <summary>Null when no pool is to grow.</summary>
    public ComputeQuota? Quota { get; init; }

    /// <summary>Parts that could not be read, with the reason.</summary>
    public IReadOnlyDictionary<CapacityPart, string> Unreadable { get; init; } = new Dictionary<CapacityPart, string>();
}
