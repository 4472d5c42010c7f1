using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Capacity;

/// <summary>
/// Reads what the plan of a region's capacity needs, and nothing of the other region but where traffic goes, and that only where the plan asks: a region that
/// takes over from a lost one is grown without asking the lost one.
/// </summary>
internal sealed class CapacitySurvey
{
    private readonly IArm _arm;
    private readonly IInventory _inventory;
    private readonly Func<RegionPair, CancellationToken, Task<string?>> _active;
    private readonly TimeProvider _time;

    public CapacitySurvey(IArm arm, IInventory inventory, Func<RegionPair, CancellationToken, Task<string?>> active, TimeProvider time)
    {
        _arm = arm;
        _inventory = inventory;
        _active = active;
        _time = time;
    }

    public async Task<CapacityObservation> TakeAsync(CapacityRequest request, CancellationToken cancellationToken)
    {
        var seen = new CapacityObservation { At = _time.GetUtcNow() };
        if (request.Role != RegionRole.Active) seen = seen with { Active = await _active(request.Pair, cancellationToken).ConfigureAwait(false) };
        var role = CapacityPlanner.RoleOf(seen, request);
        var region = request.Pair.FindRegion(request.Location)!;
        if (request.Pair.Capacity?.FindRegion(request.Location) is not { } sizes || sizes.Of(role) is not { } wanted) return seen;

        var unreadable = new Dictionary<CapacityPart, string>();
        bool Asked(CapacityPart part) => request.Parts.Length == 0 || request.Parts.Contains(part);
        var group = $"/subscriptions/{request.Pair.SubscriptionId}/resourceGroups/{region.ResourceGroup}";
        var pools = TryAsync(CapacityPart.Pool, Asked(CapacityPart.Pool) && wanted.Pools.Length > 0, () => PoolsAsync(group, sizes.ClusterId, cancellationToken), unreadable);
        var gateway = TryAsync(CapacityPart.Gateway, Asked(CapacityPart.Gateway) && wanted.Gateway is not null, () => GatewayAsync(group, region.GatewayId, cancellationToken), unreadable);
        var cache = TryAsync(CapacityPart.Cache, Asked(CapacityPart.Cache) && wanted.Cache is not null, () => CacheAsync(group, sizes.CacheId, cancellationToken), unreadable);
        var server = TryAsync(CapacityPart.Database, Asked(CapacityPart.Database) && wanted.Database is not null, () => ServerAsync(region, role, cancellationToken), unreadable);
        seen = seen with
        {
            Pools = await pools.ConfigureAwait(false) ?? [],
            Gateway = await gateway.ConfigureAwait(false),
            Cache = await cache.ConfigureAwait(false),
            Server = await server.ConfigureAwait(false),
            Unreadable = unreadable,
        };
        if (seen.Server is { Role: DbRole.Replica, SourceServerResourceId: { } source }) seen = seen with { Primary = await TryPrimaryAsync(source, cancellationToken).ConfigureAwait(false) };
        var grows = wanted.Pools.Any(w => seen.Pools.FirstOrDefault(p => p.Name.Equals(w.Name, StringComparison.OrdinalIgnoreCase)) is { } pool && PoolSizing.Added(pool, PoolSizing.Target(pool, w, role)) > 0);
        return grows ? seen with { Quota = await QuotaAsync(request.Pair.SubscriptionId, AzureLocation.Normalize(region.Location), cancellationToken).ConfigureAwait(false) } : seen;
    }

    private static async Task<T?> TryAsync<T>(CapacityPart part, bool asked, Func<Task<T>> read, Dictionary<CapacityPart, string> unreadable)
        where T : class
    {
        if (!asked) return null;
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (DrException failure) when (!failure.EndsPipeline)
        {
            lock (unreadable) unreadable[part] = failure.Message;
            return null;
        }
    }

    private async Task<IReadOnlyList<PoolSeen>> PoolsAsync(string group, string? clusterId, CancellationToken cancellationToken)
    {
        var cluster = clusterId ?? await OnlyAsync(group, "Microsoft.ContainerService/managedClusters", ApiVersions.Clusters, "clusterId", cancellationToken).ConfigureAwait(false);
        var documents = await _arm.ListAsync($"{cluster}/agentPools", ApiVersions.Clusters, cancellationToken).ConfigureAwait(false);
        return [.. documents.Select(d => CapacityDocuments.Pool(d, cluster))];
    }

    private async Task<GatewaySeen> GatewayAsync(string group, string? gatewayId, CancellationToken cancellationToken)
    {
        var id = gatewayId ?? await OnlyAsync(group, "Microsoft.Network/applicationGateways", ApiVersions.Network, "gatewayId", cancellationToken).ConfigureAwait(false);
        return CapacityDocuments.Gateway(await _arm.GetAsync(id, ApiVersions.Network, cancellationToken).ConfigureAwait(false), id);
    }

    private async Task<CacheSeen> CacheAsync(string group, string? cacheId, CancellationToken cancellationToken)
    {
        var id = cacheId ?? await OnlyAsync(group, "Microsoft.Cache/redis", ApiVersions.Caches, "cacheId", cancellationToken).ConfigureAwait(false);
        return CapacityDocuments.Cache(await _arm.GetAsync(id, ApiVersions.Caches, cancellationToken).ConfigureAwait(false), id);
    }

    /// <summary>The server that serves the region: one that runs, the primary where the region is active, the replica where it is passive.</summary>
    private async Task<DbServer> ServerAsync(PairRegion region, RegionRole role, CancellationToken cancellationToken)
    {
        var all = await _inventory.GetServersAsync(new DbServerQuery(ResourceGroup: region.ResourceGroup), cancellationToken).ConfigureAwait(false);
        var running = all.Where(s => AzureLocation.Same(s.Location, region.Location) && s.State != "Stopped").ToArray();
        var first = role == RegionRole.Active ? DbRole.Primary : DbRole.Replica;
        DbServer[] fitting = running.Length > 1 && running.Any(s => s.Role == first) ? [.. running.Where(s => s.Role == first)] : running;
        return fitting is [var only] ? only : throw Ambiguous(region.ResourceGroup, "database server that runs", [.. fitting.Select(s => s.Name)], null);
    }

    private async Task<DbServer?> TryPrimaryAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return await _inventory.TryGetServerAsync(id, cancellationToken).ConfigureAwait(false);
        }
        catch (DrException failure) when (!failure.EndsPipeline)
        {
            return null;
        }
    }

    private async Task<string> OnlyAsync(string group, string type, string apiVersion, string member, CancellationToken cancellationToken)
    {
        var documents = await _arm.ListAsync($"{group}/providers/{type}", apiVersion, cancellationToken).ConfigureAwait(false);
        string[] ids = [.. documents.Select(d => CapacityDocuments.Text(d, "id")).OfType<string>()];
        return ids is [var only] ? only : throw Ambiguous(AzureId.NameOf(group), type, [.. ids.Select(AzureId.NameOf)], member);
    }

    private async Task<ComputeQuota> QuotaAsync(string subscription, string location, CancellationToken cancellationToken)
    {
        var root = $"/subscriptions/{subscription}/providers/Microsoft.Compute";
        try
        {
            var reading = _arm.ListAsync($"{root}/locations/{location}/usages", ApiVersions.ComputeUsages, cancellationToken);
            var skus = await _arm.ListAsync($"{root}/skus?$filter={Uri.EscapeDataString($"location eq '{location}'")}", ApiVersions.ComputeSkus, cancellationToken).ConfigureAwait(false);
            return new(location, CapacityDocuments.Sizes(skus), CapacityDocuments.Usages(await reading.ConfigureAwait(false)));
        }
        catch (DrException failure) when (!failure.EndsPipeline)
        {
            return ComputeQuota.NotKnown(location, failure.Message);
        }
    }

    private static DrException Ambiguous(string group, string what, string[] found, string? member) => new(
        "HfCapacityAmbiguous", DrErrorKind.InvalidState,
        $"resource group {group} has {(found.Length == 0 ? "no" : $"{found.Length}")} {what}{(found.Length == 0 ? "" : $": {string.Join(", ", found)}")}.{(member is null ? "" : $" Name the one that is meant in the pair file ({member}).")}", group);
}
