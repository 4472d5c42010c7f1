using System.Net;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Health;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Dns;

/// <summary>Asks name servers for the Traffic Manager name and compares each answer with the endpoint as it stands.</summary>
internal sealed class RouteTest
{
    private readonly AzureConnection _connection;
    private readonly IInventory _inventory;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public RouteTest(AzureConnection connection, IInventory inventory, TimeProvider time, IDrObserver observer)
    {
        _connection = connection;
        _inventory = inventory;
        _time = time;
        _observer = observer;
    }

    public async Task<IReadOnlyList<TrafficRoute>> RunAsync(RouteRequest request, CancellationToken cancellationToken)
    {
        var pair = request.Pair;
        var wanted = request.Location is { } location ? pair.RequireRegion(location).GatewayTarget : null;
        var profile = await _inventory.GetProfileAsync(pair.Traffic.ProfileId, cancellationToken).ConfigureAwait(false);
        var target = pair.EndpointIn(profile)?.Target;
        var given = request.Resolvers.Length > 0 ? request.Resolvers : _connection.Options.Resolvers;
        DnsServer?[] resolvers = given.Length > 0 ? [.. given] : [null];

        TrafficRoute[] routes = [];
        await Pace.UntilAsync(
            async token =>
            {
                routes = await Task.WhenAll(resolvers.Select(r => AskAsync(profile.Fqdn, r, pair, wanted ?? target, token))).ConfigureAwait(false);
                var done = routes.All(r => r.Current);
                if (!done) _observer.Progress(new DrProgress($"DNS of {profile.Fqdn}", string.Join("; ", routes.Where(r => !r.Current).Select(r => $"{r.Resolver}: {r.Failure ?? string.Join(", ", r.Addresses)}"))));
                return done;
            },
            Pace.Milliseconds(50), Pace.Seconds(2), Pace.Seconds(request.WaitSeconds), _time, cancellationToken).ConfigureAwait(false);
        return routes;
    }

    private async Task<TrafficRoute> AskAsync(string name, DnsServer? resolver, RegionPair pair, string? wanted, CancellationToken cancellationToken)
    {
        var answer = await _connection.Names.QueryAsync(name, resolver, cancellationToken).ConfigureAwait(false);
        var current = wanted is not null && await LeadsToAsync(answer, wanted, resolver, cancellationToken).ConfigureAwait(false);
        string? location = null;
        foreach (var region in pair.Regions)
            if (location is null && await LeadsToAsync(answer, region.GatewayTarget, resolver, cancellationToken).ConfigureAwait(false)) location = region.Location;
        return new TrafficRoute
        {
            Name = name,
            Resolver = answer.Resolver,
            Addresses = [.. answer.Addresses.Select(a => a.ToString())],
            Cname = answer.Cname,
            Ttl = answer.Ttl,
            Location = location,
            Current = current,
            Milliseconds = answer.Milliseconds,
            Failure = answer.Failure ?? (wanted is null ? "the endpoint has no target to compare with" : null),
        };
    }

    private async Task<bool> LeadsToAsync(NameAnswer answer, string target, DnsServer? resolver, CancellationToken cancellationToken)
    {
        if (answer.Failure is not null) return false;
        if (IPAddress.TryParse(target, out var address)) return answer.Addresses.Contains(address);
        if (string.Equals(answer.Cname?.TrimEnd('.'), target.TrimEnd('.'), StringComparison.OrdinalIgnoreCase)) return true;
        var resolved = await _connection.Names.QueryAsync(target, resolver, cancellationToken).ConfigureAwait(false);
        return resolved.Addresses.Intersect(answer.Addresses).Any();
    }
}
