using Highflame.Dr.Engine.Dns;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Topology;

/// <summary>What a pair's file means in what Azure shows now.</summary>
internal static class PairLookup
{
    /// <summary>Errors: HfRegionNotInPair.</summary>
    public static PairRegion RequireRegion(this RegionPair pair, string location) => pair.FindRegion(location)
        ?? throw new DrException("HfRegionNotInPair", DrErrorKind.InvalidArgument, $"'{location}' is no region of pair '{pair.Name}'.", location, $"Give {pair.Regions[0].Location} or {pair.Regions[1].Location}.");

    /// <summary>The pair's endpoint; null when the profile has none of that name.</summary>
    public static TrafficEndpoint? EndpointIn(this RegionPair pair, TrafficProfile? profile) =>
        profile is null ? null : Array.Find(profile.Endpoints, e => e.Name.Equals(pair.Traffic.EndpointName, StringComparison.OrdinalIgnoreCase));

    /// <summary>The region whose gateway a target names, by its text: case and a final dot do not count. Null when neither does.</summary>
    public static PairRegion? RegionAt(this RegionPair pair, string? target) =>
        target is null ? null : Array.Find(pair.Regions, r => r.GatewayTarget.TrimEnd('.').Equals(target.TrimEnd('.'), StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// The region whose gateway a target is: by its text, else by the addresses that both resolve to (the endpoint may hold the gateway's name and the file its
    /// address, or the other way round). Null when it is neither's. The one way in which a region counts as active.
    /// </summary>
    public static async Task<PairRegion?> FindRegionAtAsync(this RegionPair pair, string? target, INameResolver names, Action<string>? warn, CancellationToken cancellationToken)
    {
        if (target is null) return null;
        if (pair.RegionAt(target) is { } named) return named;
        var lookups = await Task.WhenAll(pair.Regions.Select(r => r.GatewayTarget).Append(target).Select(ResolveAsync)).ConfigureAwait(false);
        for (var i = 0; i < pair.Regions.Length; i++)
            if (lookups[i].Intersect(lookups[^1]).Any()) return pair.Regions[i];
        return null;

        async Task<System.Net.IPAddress[]> ResolveAsync(string name)
        {
            try
            {
                return await names.ResolveAsync(name, cancellationToken).ConfigureAwait(false);
            }
            catch (DrException failure)
            {
                warn?.Invoke($"{name} does not resolve: {failure.Message}");
                return [];
            }
        }
    }
}
