using System.Globalization;
using System.Text.RegularExpressions;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Capacity;

/// <summary>
/// From an observation and a request to the steps that give a region the sizes of a role. Pure. What is wrong with one resource is a warning and a shortfall of that
/// one: a failover goes on with what can be had.
/// </summary>
internal static partial class CapacityPlanner
{
    public static CapacityPlan Plan(CapacityObservation seen, CapacityRequest request)
    {
        var location = AzureLocation.Normalize(request.Location);
        var role = RoleOf(seen, request);
        var plan = new CapacityPlan { Title = $"Give {location} the sizes of the {Word(role)} region", Request = request, Role = role, ObservedAt = seen.At };
        if (request.Pair.Capacity?.FindRegion(location)?.Of(role) is not { } wanted)
        {
            return plan with
            {
                Refusals =
                [
                    Refuse.Make("HfCapacityNotDeclared", DrErrorKind.InvalidState, location, $"{request.Pair.Path} says no sizes for {location} as the {Word(role)} region.",
                        $"capacity.regions with {location} and {Word(role)}.", "Add the sizes to the pair file and import it again."),
                ],
            };
        }

        if (role == RegionRole.Passive && AzureLocation.Same(seen.Active, location) && !request.AssumeTrafficMoved)
        {
            return plan with
            {
                Refusals =
                [
                    Refuse.Make("HfRegionIsActive", DrErrorKind.InvalidState, location, $"Traffic goes to {location}.", "A region that traffic has left.",
                        "Point Traffic Manager at the other region first, or set the sizes of the active region (-Role Active)."),
                ],
            };
        }

        var items = new List<CapacityItem>();
        var warnings = new List<string>();
        if (role == RegionRole.Passive && AzureLocation.Same(seen.Active, location)) warnings.Add($"Traffic goes to {location} now: until it has left, this is refused.");
        foreach (var part in Enum.GetValues<CapacityPart>().Where(p => request.Parts.Length == 0 || request.Parts.Contains(p)))
            items.AddRange(ItemsOf(part, seen, wanted, role, warnings));
        if (seen.Quota?.Unknown is { } unknown) warnings.Add($"The quota of cores in {location} is not known: {unknown} Pools are grown all the same.");
        warnings.AddRange(items.Where(i => i.Shortfall is not null).Select(i => $"{i.Name} stays smaller than the pair file says: {i.Shortfall}."));
        return plan with { Items = [.. items], Steps = [.. items.SelectMany(StepsOf)], Warnings = [.. warnings] };
    }

    /// <summary>The role that was asked for, else the one that the region has.</summary>
    public static RegionRole RoleOf(CapacityObservation seen, CapacityRequest request) =>
        request.Role ?? (AzureLocation.Same(seen.Active, request.Location) ? RegionRole.Active : RegionRole.Passive);

    /// <summary>The steps that change one resource; none when it is as it shall be.</summary>
    public static IEnumerable<PlanStep> StepsOf(CapacityItem item)
    {
        if (item.Before == item.After) yield break;
        var change = $"{item.Before} -> {item.After}";
        PlanStep Step(string name, string action) => new(name, item.ResourceId, action, StepClass.Reversible);
        switch (item)
        {
            case { Pool: { Running: false } }:
                yield return Step(CapacitySteps.StopPool, $"Stop pool {item.Name}: {change}");
                break;
            case { Pool: not null }:
                var stopped = item.Before.EndsWith("stopped", StringComparison.Ordinal);
                if (stopped) yield return Step(CapacitySteps.StartPool, $"Start pool {item.Name}: {item.Before} -> running");
                if (!stopped || item.Before != $"{item.After}, stopped") yield return Step(CapacitySteps.ScalePool, $"Scale pool {item.Name}: {change}");
                break;
            case { Gateway: not null }:
                yield return Step(CapacitySteps.ScaleGateway, $"Scale gateway {item.Name}: {change}");
                break;
            case { Cache: not null }:
                yield return Step(CapacitySteps.ScaleCache, $"Scale cache {item.Name}: {change}");
                break;
            case { Database: not null }:
                yield return Step(CapacitySteps.ScaleDatabase, $"Change the compute of {item.Name}, which restarts it: {change}");
                break;
        }
    }

    private static IEnumerable<CapacityItem> ItemsOf(CapacityPart part, CapacityObservation seen, RoleCapacity wanted, RegionRole role, List<string> warnings)
    {
        var declared = part switch { CapacityPart.Pool => wanted.Pools.Length > 0, CapacityPart.Gateway => wanted.Gateway is not null, CapacityPart.Cache => wanted.Cache is not null, _ => wanted.Database is not null };
        if (!declared) return [];
        if (seen.Unreadable.TryGetValue(part, out var reason))
        {
            warnings.Add($"{part}: {reason}");
            return [];
        }

        return part switch
        {
            CapacityPart.Pool => Pools(seen, wanted, role, warnings),
            CapacityPart.Gateway => [Gateway(seen.Gateway!, wanted.Gateway!, role)],
            CapacityPart.Cache => [Cache(seen.Cache!, wanted.Cache!, role)],
            _ => [Database(seen, seen.Server!, wanted.Database!, role)],
        };
    }

    private static List<CapacityItem> Pools(CapacityObservation seen, RoleCapacity wanted, RegionRole role, List<string> warnings)
    {
        var items = new List<CapacityItem>();
        foreach (var pool in wanted.Pools)
        {
            if (seen.Pools.FirstOrDefault(p => p.Name.Equals(pool.Name, StringComparison.OrdinalIgnoreCase)) is { } known) items.Add(Pool(known, pool, role, seen.Quota, warnings));
            else warnings.Add($"Pool: the cluster has no pool '{pool.Name}'. It has: {string.Join(", ", seen.Pools.Select(p => p.Name))}.");
        }

        return items;
    }

    private static CapacityItem Pool(PoolSeen seen, PoolCapacity wanted, RegionRole role, ComputeQuota? quota, List<string> warnings)
    {
        var target = PoolSizing.Target(seen, wanted, role);
        string? shortfall = null;
        if (seen.IsSystem && (target.Running == false || target.Count == 0))
            (target, shortfall) = (AsItIs(seen), "it is a system pool, which runs and keeps at least one node");
        else if (PoolSizing.Added(seen, target) is > 0 and var more && quota is not null)
        {
            var (granted, reason) = quota.Take(seen.Size, more);
            if (reason is not null) (target, shortfall) = (Within(seen, target, granted), reason);
            if (reason is null && target is { Max: { } most, Count: { } count } && quota.Take(seen.Size, most - count) is { Reason: { } short1 } headroom)
                warnings.Add(string.Create(CultureInfo.InvariantCulture, $"The autoscaler of {seen.Name} can reach {count + headroom.Nodes} of {most} nodes: {short1}."));
        }

        return new()
        {
            Part = CapacityPart.Pool,
            Name = seen.Name,
            ResourceId = seen.Id,
            Before = seen.Words,
            After = PoolSizing.Same(seen, target) ? seen.Words : PoolSeen.Describe(target.Running!.Value, target.Count!.Value, target.Min, target.Max),
            Shortfall = shortfall,
            Pool = target,
        };
    }

    /// <summary>The target with only so many nodes more. A stopped pool comes back with the nodes it had, or not at all.</summary>
    private static PoolCapacity Within(PoolSeen seen, PoolCapacity target, int granted)
    {
        if (!seen.Running && granted < seen.Count) return AsItIs(seen);
        var count = (seen.Running ? seen.Count : 0) + granted;
        return target with { Count = count, Min = target.Min is { } least ? Math.Min(least, count) : null };
    }

    private static PoolCapacity AsItIs(PoolSeen seen) => new() { Name = seen.Name, Count = seen.Count, Min = seen.Min, Max = seen.Max, Running = seen.Running };

    private static CapacityItem Gateway(GatewaySeen seen, GatewayCapacity wanted, RegionRole role)
    {
        var item = new CapacityItem { Part = CapacityPart.Gateway, Name = seen.Name, ResourceId = seen.Id, Before = seen.Words, After = seen.Words, Gateway = wanted };
        if (!seen.Tier.EndsWith("_v2", StringComparison.OrdinalIgnoreCase)) return item with { Shortfall = $"{seen.Tier} is not scaled by capacity units" };
        var grows = role == RegionRole.Active;
        if (seen.Fixed is { } units && wanted.Max is null)
        {
            var size = Math.Max(1, grows ? Math.Max(units, wanted.Min) : wanted.Min);
            return item with { After = GatewaySeen.Describe(null, null, size), Gateway = new() { Min = size } };
        }

        var least = grows ? Math.Max(wanted.Min, seen.Min ?? seen.Fixed ?? 0) : wanted.Min;
        var most = wanted.Max ?? seen.Max;
        if (grows && seen.Max is { } now && most is { } new1) most = Math.Max(now, new1);
        if (most < least) most = least;
        return item with { After = GatewaySeen.Describe(least, most, null), Gateway = new() { Min = least, Max = most } };
    }

    private static CapacityItem Cache(CacheSeen seen, CacheCapacity wanted, RegionRole role)
    {
        static int Rank(string sku) => sku switch { "Basic" => 0, "Standard" => 1, "Premium" => 2, _ => 3 };
        var item = new CapacityItem { Part = CapacityPart.Cache, Name = seen.Name, ResourceId = seen.Id, Before = seen.Words, After = seen.Words, Cache = wanted };
        var (now, then) = ((Rank(seen.Sku), seen.Capacity), (Rank(wanted.Sku), wanted.Capacity));
        if (now == then || (role == RegionRole.Active && now.CompareTo(then) > 0)) return item;
        if (then.Item1 < now.Item1) return item with { Shortfall = $"Azure does not move a cache from {seen.Sku} to {wanted.Sku}" };
        if (wanted.Capacity == 0) return item with { Shortfall = "Azure does not make a cache as small as C0 again" };
        return item with { After = CacheSeen.Describe(wanted.Sku, wanted.Capacity) };
    }

    private static CapacityItem Database(CapacityObservation seen, DbServer server, DatabaseCapacity wanted, RegionRole role)
    {
        var item = new CapacityItem { Part = CapacityPart.Database, Name = server.Name, ResourceId = server.ResourceId, Before = $"{server.Sku} ({server.Tier})", After = $"{server.Sku} ({server.Tier})", Database = wanted };
        if (string.Equals(server.Sku, wanted.Sku, StringComparison.OrdinalIgnoreCase) && string.Equals(server.Tier, wanted.Tier, StringComparison.OrdinalIgnoreCase)) return item;
        if (role == RegionRole.Active && Cores(wanted.Sku) < Cores(server.Sku)) return item;
        if (server.State != "Ready") return item with { Shortfall = $"{server.Name} is {server.State}" };
        if (seen.Primary is { } primary && Cores(wanted.Sku) < Cores(primary.Sku))
            return item with { Shortfall = $"a replica needs at least the compute of its primary, and {primary.Name} has {primary.Sku}" };
        return item with { After = $"{wanted.Sku} ({wanted.Tier})" };
    }

    /// <summary>Cores as the name of a compute size tells them: 4 of Standard_D4ads_v5; 0 when it does not.</summary>
    internal static int Cores(string? sku) => Digits().Match(sku ?? "") is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    private static string Word(RegionRole role) => role == RegionRole.Active ? "active" : "passive";

    [GeneratedRegex("^[A-Za-z]+_[A-Za-z]+([0-9]+)")]
    private static partial Regex Digits();
}
