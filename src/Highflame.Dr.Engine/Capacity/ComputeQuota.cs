using System.Globalization;

namespace Highflame.Dr.Engine.Capacity;

/// <summary>A size of virtual machine: its quota family, its cores, and why it cannot be had (null when it can).</summary>
internal sealed record VmSize(string Name, string Family, int Cores, string? Restriction);

/// <summary>Cores used and allowed, of a family or of the whole region.</summary>
internal sealed record CoreUsage(string Name, long Used, long Limit)
{
    public long Free => Math.Max(0, Limit - Used);
}

/// <summary>
/// What is left of a subscription's quota of cores in a region (Microsoft.Compute usages). Nodes that a plan grants are taken from it, so that two pools of one
/// family do not count on the same cores.
/// </summary>
internal sealed class ComputeQuota
{
    /// <summary>Usage of all families together.</summary>
    public const string Region = "cores";

    private readonly string _location;
    private readonly Dictionary<string, VmSize> _sizes;
    private readonly Dictionary<string, CoreUsage> _usages;

    public ComputeQuota(string location, IEnumerable<VmSize> sizes, IEnumerable<CoreUsage> usages)
    {
        _location = location;
        _sizes = sizes.ToDictionary(s => s.Name, StringComparer.OrdinalIgnoreCase);
        _usages = usages.ToDictionary(u => u.Name, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Why the quota is not known; null when it is.</summary>
    public string? Unknown { get; init; }

    public static ComputeQuota NotKnown(string location, string reason) => new(location, [], []) { Unknown = reason };

    /// <summary>Takes as many of the nodes as fit, and tells with the numbers why not all.</summary>
    /// <returns>Nodes granted; the reason when that is fewer than wanted.</returns>
    public (int Nodes, string? Reason) Take(string size, int wanted)
    {
        if (wanted <= 0 || Unknown is not null || !_sizes.TryGetValue(size, out var vm)) return (wanted, null);
        if (vm.Restriction is { } restriction) return (0, $"{size} cannot be had in {_location}: {restriction}");
        CoreUsage[] limits = [.. new[] { vm.Family, Region }.Select(n => _usages.GetValueOrDefault(n)).OfType<CoreUsage>()];
        var nodes = wanted;
        CoreUsage? tight = null;
        foreach (var limit in limits.Where(l => l.Free / vm.Cores < nodes))
        {
            nodes = (int)(limit.Free / vm.Cores);
            tight = limit;
        }

        foreach (var limit in limits) _usages[limit.Name] = limit with { Used = limit.Used + ((long)nodes * vm.Cores) };
        return (nodes, tight is null ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"{wanted} more node{(wanted == 1 ? "" : "s")} of {size} need {(long)wanted * vm.Cores} cores; quota {tight.Name} in {_location} has {tight.Free} left of {tight.Limit} ({tight.Used} used)"));
    }
}
