using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Dns;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Topology;

/// <summary>Reads the live state of a pair. A region in an outage leaves gaps and warnings, not an exception.</summary>
internal sealed class PairObservation
{
    private readonly IInventory _inventory;
    private readonly INameResolver _names;
    private readonly Func<RegionPair, RunStoreStatus> _runs;
    private readonly TimeProvider _time;
    private readonly Action<string> _warn;

    public PairObservation(IInventory inventory, INameResolver names, Func<RegionPair, RunStoreStatus> runs, TimeProvider time, Action<string> warn)
    {
        _inventory = inventory;
        _names = names;
        _runs = runs;
        _time = time;
        _warn = warn;
    }

    public async Task<RegionPairStatus> ReadAsync(RegionPair pair, CancellationToken cancellationToken)
    {
        var observedAt = _time.GetUtcNow();
        var readingProfile = TryAsync("Traffic Manager", () => _inventory.GetProfileAsync(pair.Traffic.ProfileId, cancellationToken));
        var readingServers = TryAsync("PostgreSQL", () => _inventory.GetServersAsync(new DbServerQuery(Pair: pair), cancellationToken));
        var profile = await readingProfile.ConfigureAwait(false);
        var endpoint = profile is null ? null : EndpointOf(profile, pair);
        var active = endpoint is null ? null : await ActiveAsync(pair, endpoint, cancellationToken).ConfigureAwait(false);
        var passive = active is null ? null : pair.OtherThan(active);
        var servers = await WithReplicationStateAsync(await readingServers.ConfigureAwait(false) ?? [], cancellationToken).ConfigureAwait(false);
        var reading = PairStateRules.Judge(active, passive, servers);
        if (reading.Warning is not null) _warn(reading.Warning);
        var store = await Task.Run(() => ReadStore(pair), cancellationToken).ConfigureAwait(false);

        return new()
        {
            Name = pair.Name,
            Pair = pair,
            State = store.UnfinishedRun is not null ? PairState.FailingOver : reading.State,
            Active = active?.Location,
            Passive = passive?.Location,
            PrimaryServer = reading.Primary?.Name,
            PrimaryResourceId = reading.Primary?.ResourceId,
            ReplicaServer = reading.Replica?.Name,
            ReplicaResourceId = reading.Replica?.ResourceId,
            EndpointTarget = endpoint?.Target,
            TrafficManagerFqdn = profile?.Fqdn,
            Ttl = profile?.Ttl,
            Servers = [.. servers],
            // A server that is a replica now has paid: the next run strikes its debt out.
            FenceDebt = [.. store.Debts.Where(d => !servers.Any(s => s.Role == DbRole.Replica && AzureId.Same(s.ResourceId, d.ServerId))).Select(d => d.Server)],
            LockDebt = [.. store.Locks.Select(d => d.ToString())],
            UnfinishedRun = store.UnfinishedRun,
            ObservedAt = observedAt,
        };
    }

    /// <summary>Location that traffic goes to now; null when it cannot be told.</summary>
    public async Task<string?> ActiveAsync(RegionPair pair, CancellationToken cancellationToken)
    {
        var profile = await TryAsync("Traffic Manager", () => _inventory.GetProfileAsync(pair.Traffic.ProfileId, cancellationToken)).ConfigureAwait(false);
        return profile is null ? null : (await ActiveAsync(pair, EndpointOf(profile, pair), cancellationToken).ConfigureAwait(false))?.Location;
    }

    private static TrafficEndpoint EndpointOf(TrafficProfile profile, RegionPair pair) =>
        pair.EndpointIn(profile)
        ?? throw new DrException("HfEndpointNotFound", DrErrorKind.NotFound,
            $"Profile {profile.Name} has no endpoint '{pair.Traffic.EndpointName}'. It has: {(profile.Endpoints.Length == 0 ? "none" : string.Join(", ", profile.Endpoints.Select(e => e.Name)))}.",
            profile.ResourceId, $"Correct traffic.endpointName in {pair.Path}.");

    /// <summary>The region whose gateway is what the endpoint points at: by the text, else by the addresses both resolve to.</summary>
    private async Task<PairRegion?> ActiveAsync(RegionPair pair, TrafficEndpoint endpoint, CancellationToken cancellationToken)
    {
        if (endpoint.Status == "Disabled")
        {
            _warn($"Endpoint {endpoint.Name} is disabled: traffic goes to neither region.");
            return null;
        }
        if (endpoint.Target is not { } target)
        {
            _warn($"Endpoint {endpoint.Name} has no target that could be compared.");
            return null;
        }
        if (await pair.FindRegionAtAsync(target, _names, _warn, cancellationToken).ConfigureAwait(false) is { } region) return region;
        _warn($"Endpoint {endpoint.Name} points at {target}, which is the gateway of neither {pair.Regions[0].Location} nor {pair.Regions[1].Location}.");
        return null;
    }

    /// <summary>Only the primary's own list of replicas tells how replication stands; a replica read by itself leaves it out.</summary>
    private async Task<IReadOnlyList<DbServer>> WithReplicationStateAsync(IReadOnlyList<DbServer> servers, CancellationToken cancellationToken)
    {
        var sources = servers.Where(s => s.Role == DbRole.Replica && s.ReplicationState is null && s.SourceServerResourceId is not null)
            .Select(s => servers.FirstOrDefault(p => AzureId.Same(p.ResourceId, s.SourceServerResourceId)))
            .Where(p => p is not null && p.State != ServerMapping.UnknownState).Select(p => p!.ResourceId).Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        if (sources.Length == 0) return servers;
        var lists = await Task.WhenAll(sources.Select(id => TryAsync(AzureId.NameOf(id), () => _inventory.GetReplicasAsync(id, cancellationToken)))).ConfigureAwait(false);
        var states = lists.SelectMany(l => l ?? []).ToArray();
        return [.. servers.Select(s => Array.Find(states, r => AzureId.Same(r.ResourceId, s.ResourceId)) is { ReplicationState: { } state } ? s with { ReplicationState = state } : s)];
    }

    private async Task<T?> TryAsync<T>(string what, Func<Task<T>> read)
        where T : class
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (DrException failure) when (failure.ErrorId is "HfArmUnavailable" or "HfThrottled")
        {
            _warn($"{what} could not be read: {failure.Message}");
            return null;
        }
    }

    private RunStoreStatus ReadStore(RegionPair pair)
    {
        try
        {
            return _runs(pair);
        }
        catch (DrException failure)
        {
            _warn($"Runs and fence debts of {pair.Name} are not known: {failure.Message}");
            return new([], null);
        }
    }
}
