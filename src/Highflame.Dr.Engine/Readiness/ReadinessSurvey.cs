using System.Collections.Concurrent;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Azure.Wire;
using Highflame.Dr.Engine.Dns;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Parity;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Engine.Traffic;
using Highflame.Dr.Parity;
using Highflame.Dr.Planning;
using Highflame.Dr.Readiness;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>
/// Looks at everything a failover needs, all at once, each look with a time limit of its own. One that fails says why and hides nothing else. In forced mode nothing of the
/// region that is left is called. Nothing is changed.
/// </summary>
internal sealed class ReadinessSurvey
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan ForcedPatience = TimeSpan.FromSeconds(4);
    private readonly AzureConnection _connection;
    private readonly AzureInventory _inventory;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;
    private readonly ConcurrentQueue<string> _looked = new();
    private TimeSpan _patience = Patience;

    public ReadinessSurvey(AzureConnection connection, AzureInventory inventory, TimeProvider time, IDrObserver observer)
    {
        _connection = connection;
        _inventory = inventory;
        _time = time;
        _observer = observer;
    }

    /// <summary>Errors: HfRegionNotInPair.</summary>
    public async Task<ReadinessObservation> TakeAsync(ReadinessRequest request, RunHandle? run, CancellationToken cancellationToken)
    {
        var pair = request.Pair;
        var to = pair.RequireRegion(request.To);
        var from = pair.OtherThan(to);
        var forced = request.Mode == FailoverMode.Forced;
        _patience = forced ? ForcedPatience : Patience;
        var began = _time.GetTimestamp();

        var servers = LookAsync("servers", token => ServersAsync(pair, to, run, token), cancellationToken);
        var choosing = ChooseAsync(servers, from, run is not null);
        var failover = FailoverAsync(request, choosing, run, cancellationToken);
        var traffic = LookAsync("Traffic Manager", token => TrafficAsync(pair, token), cancellationToken);
        var retarget = LookAsync("the change of the endpoint", token => RetargetAsync(pair, to, token), cancellationToken);
        var locks = LookAsync("locks", async token => await _inventory.GetLocksAsync(pair.Traffic.ProfileId, token).ConfigureAwait(false), cancellationToken);
        var dns = LookAsync("DNS", async token => await new RouteTest(_connection, _inventory, _time, _observer).RunAsync(new RouteRequest(pair, request.Resolvers), token).ConfigureAwait(false), cancellationToken);
        var gateway = GatewayAsync(to, cancellationToken);
        var other = forced ? Task.FromResult(default(Glimpse<GatewaySight>)) : GatewayAsync(from, cancellationToken);
        var hosts = HostsAsync(pair, to, gateway, cancellationToken);
        var secrets = SecretsAsync(pair, to, choosing, cancellationToken);
        var details = DetailsAsync(choosing, forced, cancellationToken);
        var access = AccessAsync(pair, to, choosing, forced, request.Unlock ? ScopesAsync(failover, locks) : null, cancellationToken);
        var last = await LookAsync<LastFailover>("the last failover", token => Task.Run(() => LastFailover.Of(RunStores.For(pair, _connection, _time), run?.Run.Id), token), cancellationToken).ConfigureAwait(false);
        var parity = ParityAsync(pair, from, to, !forced && last.Value is { } left && left.Left(to) && run?.Journal.State.Steps.Any(s => s.Name == StepNames.Promote) != true, cancellationToken);
        await Task.WhenAll(parity, servers, failover, traffic, retarget, locks, dns, gateway, other, hosts, secrets, details, access).ConfigureAwait(false);

        var (permissions, clocks) = await access.ConfigureAwait(false);
        return new ReadinessObservation
        {
            At = _time.GetUtcNow(),
            Pair = pair,
            To = to,
            Mode = request.Mode,
            Promotion = request.Promotion,
            Unlock = request.Unlock,
            Account = _connection.Context.Account,
            Servers = await servers.ConfigureAwait(false),
            Failover = await failover.ConfigureAwait(false),
            Traffic = await traffic.ConfigureAwait(false),
            Retarget = await retarget.ConfigureAwait(false),
            TrafficLocks = await locks.ConfigureAwait(false),
            Dns = await dns.ConfigureAwait(false),
            Gateway = await gateway.ConfigureAwait(false),
            OtherGateway = await other.ConfigureAwait(false),
            Hosts = await hosts.ConfigureAwait(false),
            Secrets = await secrets.ConfigureAwait(false),
            Details = await details.ConfigureAwait(false),
            Last = last.Value,
            Parity = await parity.ConfigureAwait(false),
            Permissions = permissions,
            Clocks = clocks,
            Looked = [.. _looked.Distinct().Order(StringComparer.OrdinalIgnoreCase)],
            Seconds = _time.GetElapsedTime(began).TotalSeconds,
        };
    }

    private async Task<Glimpse<T>> LookAsync<T>(string what, Func<CancellationToken, Task<T?>> look, CancellationToken cancellationToken, int times = 1)
        where T : class
    {
        _looked.Enqueue(what);
        var seen = await Glimpse.OfAsync(look, _patience * times, _time, cancellationToken).ConfigureAwait(false);
        if (seen.Problem is { } problem) _observer.Verbose($"Preflight, {what}: {problem}");
        return seen;
    }

    private static async Task<DbServer?> ChooseAsync(Task<Glimpse<IReadOnlyList<DbServer>>> servers, PairRegion from, bool ofRun) =>
        (await servers.ConfigureAwait(false)).Value is { } found ? Choose(found, from, ofRun) : null;

    private Task<Glimpse<GatewaySight>> GatewayAsync(PairRegion region, CancellationToken cancellationToken) => region.GatewayId is not { } id
        ? Task.FromResult(default(Glimpse<GatewaySight>))
        : LookAsync<GatewaySight>(
            "gateway and listeners",
            async token => GatewaySight.From(
                await _connection.Arm.TryGetAsync(id, ApiVersions.Network, token).ConfigureAwait(false)
                    ?? throw new DrException("HfGatewayMissing", DrErrorKind.NotFound, $"There is no application gateway {AzureId.NameOf(id)}.", id, $"Correct gatewayId of {region.Location} in the pair file."),
                AzureId.NameOf(id)),
            cancellationToken);

    private async Task<HostSight[]> HostsAsync(RegionPair pair, PairRegion to, Task<Glimpse<GatewaySight>> gateway, CancellationToken cancellationToken)
    {
        _looked.Enqueue("certificates and health of each host");
        var probe = new HostProbe(_connection, _patience, _time, _observer);
        var hosts = HostProbe.HostsOf(pair, to, (await gateway.ConfigureAwait(false)).Value);
        return await Task.WhenAll(hosts.Select(h => probe.LookAsync(pair, to, h, cancellationToken))).ConfigureAwait(false);
    }

    private async Task<Glimpse<SecretsSight>> SecretsAsync(RegionPair pair, PairRegion to, Task<DbServer?> choosing, CancellationToken cancellationToken)
    {
        var replica = await choosing.ConfigureAwait(false);
        return await LookAsync("database secrets and their login", token => new SecretProbe(_connection, _patience, _time).LookAsync(pair, to, replica, token), cancellationToken, times: 3).ConfigureAwait(false);
    }

    private async Task<ServerSight[]> DetailsAsync(Task<DbServer?> choosing, bool forced, CancellationToken cancellationToken)
    {
        if (await choosing.ConfigureAwait(false) is not { } replica) return [];
        _looked.Enqueue("keys and storage");
        var probe = new ServerProbe(_connection, _inventory, _patience, _time);
        var looks = new List<Task<ServerSight>> { probe.LookAsync(replica.ResourceId, promoted: true, cancellationToken) };
        if (!forced && replica.SourceServerResourceId is { } primary) looks.Add(probe.LookAsync(primary, promoted: false, cancellationToken));
        return await Task.WhenAll(looks).ConfigureAwait(false);
    }

    private async Task<(PermissionSight[] Permissions, Glimpse<ClockSight>[] Clocks)> AccessAsync(RegionPair pair, PairRegion to, Task<DbServer?> choosing, bool forced, Task<string[]>? unlocking, CancellationToken cancellationToken)
    {
        var replica = await choosing.ConfigureAwait(false);
        _looked.Enqueue("permissions");
        _looked.Enqueue("clocks");
        var probe = new AccessProbe(_connection, _patience, _time);
        var permissions = probe.LookAsync(pair, to, replica, forced, unlocking is null ? [] : await unlocking.ConfigureAwait(false), cancellationToken);
        var clocks = probe.ClocksAsync(pair, replica, cancellationToken);
        return (await permissions.ConfigureAwait(false), await clocks.ConfigureAwait(false));
    }

    /// <summary>Scopes of the ReadOnly locks that the run would take away.</summary>
    private static async Task<string[]> ScopesAsync(Task<Glimpse<FailoverObservation>> failover, Task<Glimpse<IReadOnlyList<ResourceLock>>> traffic) =>
        [.. LockRules.Hindering((await failover.ConfigureAwait(false)).Value, (await traffic.ConfigureAwait(false)).Value).Select(l => l.Scope).Distinct(StringComparer.OrdinalIgnoreCase)];

    private Task<Glimpse<ParityReport>> ParityAsync(RegionPair pair, PairRegion from, PairRegion to, bool back, CancellationToken cancellationToken) => !back || !pair.Failback.Parity
        ? Task.FromResult(default(Glimpse<ParityReport>))
        : LookAsync<ParityReport>(
            "parity of the regions",
            async token => await new ParityTest(_connection, (_, _) => Task.FromResult<PairRegion?>(from), _time, _observer).RunAsync(new ParityRequest { Pair = pair, Reference = from.Location, Difference = to.Location }, token).ConfigureAwait(false),
            cancellationToken, times: 5);

    /// <summary>The run's own replica where a run is open, else every server of the region that shall take over.</summary>
    private async Task<IReadOnlyList<DbServer>?> ServersAsync(RegionPair pair, PairRegion to, RunHandle? run, CancellationToken cancellationToken) =>
        run?.Run.Before?.ReplicaResourceId is { } own
            ? [await _inventory.GetServerAsync(own, null, cancellationToken).ConfigureAwait(false)]
            : [.. (await _inventory.GetServersAsync(new DbServerQuery(ResourceGroup: to.ResourceGroup), cancellationToken).ConfigureAwait(false)).Where(s => s.Location.Length == 0 || AzureLocation.Same(s.Location, to.Location))];

    private async Task<Glimpse<FailoverObservation>> FailoverAsync(ReadinessRequest request, Task<DbServer?> choosing, RunHandle? run, CancellationToken cancellationToken)
    {
        if (await choosing.ConfigureAwait(false) is not { } replica) return default;
        var asked = new FailoverRequest { Server = replica.ResourceId, Mode = request.Mode, Promotion = request.Promotion, AllowDataLoss = true };
        return await LookAsync<FailoverObservation>(
            "roles, replication, lag, databases",
            async token => await new FailoverSurvey(_connection, _inventory, _time).TakeAsync(asked, request.Pair, run, token, lookAtPrimary: request.Mode == FailoverMode.Planned).ConfigureAwait(false),
            cancellationToken, times: 2).ConfigureAwait(false);
    }

    /// <summary>The replica of the region: one that copies from the other region, and is ready, before others. A run's own server is taken whatever it is now.</summary>
    internal static DbServer? Choose(IReadOnlyList<DbServer> servers, PairRegion from, bool ofRun) => ofRun && servers is [var own] ? own : servers
        .Where(s => s.Role != DbRole.Primary)
        .OrderByDescending(s => s.SourceServerResourceId is { } source && AzureId.GroupOf(source).Equals(from.ResourceGroup, StringComparison.OrdinalIgnoreCase))
        .ThenByDescending(s => AzureWord.Is(s.State, "Ready"))
        .ThenBy(s => s.Name, StringComparer.OrdinalIgnoreCase)
        .FirstOrDefault();

    private async Task<TrafficSight?> TrafficAsync(RegionPair pair, CancellationToken cancellationToken)
    {
        var id = pair.Traffic.ProfileId;
        var document = await _connection.Arm.TryGetAsync(id, ApiVersions.TrafficManager, cancellationToken).ConfigureAwait(false)
            ?? throw new DrException("HfProfileNotFound", DrErrorKind.NotFound, "There is no Traffic Manager profile with this resource id.", id, "Correct traffic.profileId in the pair file.");
        var wire = WireJson.Read(document, WireJson.Default.ProfileWire, id);
        return new TrafficSight(TrafficMapping.From(wire, id), wire.Properties?.MonitorConfig);
    }

    /// <summary>Null when the profile has no such endpoint, which the profile's own rules say.</summary>
    private async Task<EndpointPlan?> RetargetAsync(RegionPair pair, PairRegion to, CancellationToken cancellationToken)
    {
        var profile = await _inventory.GetProfileAsync(pair.Traffic.ProfileId, cancellationToken).ConfigureAwait(false);
        return pair.EndpointIn(profile) is not { } endpoint ? null
            : await TrafficObservation.Of(_connection, _observer).PlanAsync(new EndpointRequest { EndpointId = endpoint.ResourceId, Target = to.GatewayTarget }, cancellationToken).ConfigureAwait(false);
    }
}
