using System.Collections.Concurrent;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Azure.Wire;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Engine.Traffic;
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
    private readonly AzureConnection _connection;
    private readonly AzureInventory _inventory;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;
    private readonly ConcurrentQueue<string> _looked = new();

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
        var began = _time.GetTimestamp();
        var servers = LookAsync("servers", token => ServersAsync(pair, to, run, token), cancellationToken);
        var failover = FailoverAsync(request, servers, run, cancellationToken);
        var traffic = LookAsync("Traffic Manager", token => TrafficAsync(pair, token), cancellationToken);
        var retarget = LookAsync<EndpointPlan>("change of the endpoint", token => RetargetAsync(pair, to, token), cancellationToken);
        var locks = LookAsync("locks of the profile", async token => await _inventory.GetLocksAsync(pair.Traffic.ProfileId, token).ConfigureAwait(false), cancellationToken);
        await Task.WhenAll(servers, failover, traffic, retarget, locks).ConfigureAwait(false);

        return new ReadinessObservation
        {
            At = _time.GetUtcNow(),
            Pair = pair,
            To = to,
            Mode = request.Mode,
            Servers = await servers.ConfigureAwait(false),
            Failover = await failover.ConfigureAwait(false),
            Traffic = await traffic.ConfigureAwait(false),
            Retarget = await retarget.ConfigureAwait(false),
            TrafficLocks = await locks.ConfigureAwait(false),
            Looked = [.. _looked],
            Seconds = _time.GetElapsedTime(began).TotalSeconds,
        };
    }

    private async Task<Glimpse<T>> LookAsync<T>(string what, Func<CancellationToken, Task<T?>> look, CancellationToken cancellationToken)
        where T : class
    {
        _looked.Enqueue(what);
        var seen = await Glimpse.OfAsync(look, Patience, _time, cancellationToken).ConfigureAwait(false);
        if (seen.Problem is { } problem) _observer.Verbose($"Preflight, {what}: {problem}");
        return seen;
    }

    /// <summary>The run's own replica where a run is open, else every server of the region that shall take over.</summary>
    private async Task<IReadOnlyList<DbServer>?> ServersAsync(RegionPair pair, PairRegion to, RunHandle? run, CancellationToken cancellationToken) =>
        run?.Run.Before?.ReplicaResourceId is { } own
            ? [await _inventory.GetServerAsync(own, null, cancellationToken).ConfigureAwait(false)]
            : [.. (await _inventory.GetServersAsync(new DbServerQuery(ResourceGroup: to.ResourceGroup), cancellationToken).ConfigureAwait(false)).Where(s => s.Location.Length == 0 || AzureLocation.Same(s.Location, to.Location))];

    private async Task<Glimpse<FailoverObservation>> FailoverAsync(ReadinessRequest request, Task<Glimpse<IReadOnlyList<DbServer>>> servers, RunHandle? run, CancellationToken cancellationToken)
    {
        var found = (await servers.ConfigureAwait(false)).Value;
        var from = request.Pair.OtherThan(request.Pair.RequireRegion(request.To));
        if (found is null || Choose(found, from, run is not null) is not { } replica) return default;
        var survey = new FailoverSurvey(_connection, _inventory, _time);
        var asked = new FailoverRequest { Server = replica.ResourceId, Mode = request.Mode, AllowDataLoss = true };
        // Its own looks have limits of their own; the sum of them is a little longer.
        _looked.Enqueue("roles, replication, lag, databases");
        return await Glimpse.OfAsync<FailoverObservation>(
            async token => await survey.TakeAsync(asked, request.Pair, run, token, lookAtPrimary: request.Mode == FailoverMode.Planned).ConfigureAwait(false), Patience * 2, _time, cancellationToken).ConfigureAwait(false);
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
