namespace Highflame.Dr.Sandbox.Traffic;

/// <summary>
/// Which endpoints a Traffic Manager profile answers with, as Azure documents it: disabled and degraded endpoints are left out; when every enabled endpoint
/// is degraded all of them are treated as available; no enabled endpoint, or a disabled profile, has no name at all.
/// </summary>
internal static class TrafficRouting
{
    /// <summary>Endpoints to answer with, most wanted first; null when the name does not exist (NXDOMAIN).</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="status">Monitor status of an endpoint.</param>
    /// <param name="next">A random number in [0, n).</param>
    public static IReadOnlyList<EndpointView>? Choose(ProfileView profile, Func<EndpointView, string> status, Func<long, long> next)
    {
        var enabled = profile.Enabled ? profile.Endpoints.Where(e => e.Enabled && e.Target is not null).ToList() : [];
        if (enabled.Count == 0) return null;
        var available = enabled.FindAll(e => status(e) is not (MonitorStatus.Degraded or MonitorStatus.Disabled or MonitorStatus.Inactive or MonitorStatus.Stopped));
        if (available.Count == 0) available = enabled;

        return profile.RoutingMethod.ToUpperInvariant() switch
        {
            "WEIGHTED" => [Weighted(available, next)],
            "MULTIVALUE" => [.. available.Take(Math.Max(1, profile.MaxReturn))],
            // Performance, Geographic and Subnet need to know where the client is; on one machine all clients are at one place, so the order decides.
            _ => [available.OrderBy(e => e.Priority).First()],
        };
    }

    private static EndpointView Weighted(List<EndpointView> available, Func<long, long> next)
    {
        var ticket = next(available.Sum(e => Math.Max(1, e.Weight)));
        foreach (var endpoint in available)
        {
            ticket -= Math.Max(1, endpoint.Weight);
            if (ticket < 0) return endpoint;
        }

        return available[^1];
    }
}

/// <summary>Azure's words for what the probes found.</summary>
internal static class MonitorStatus
{
    public const string CheckingEndpoint = "CheckingEndpoint";
    public const string CheckingEndpoints = "CheckingEndpoints";
    public const string Online = "Online";
    public const string Degraded = "Degraded";
    public const string Disabled = "Disabled";
    public const string Inactive = "Inactive";
    public const string Stopped = "Stopped";
    public const string Unmonitored = "Unmonitored";

    /// <summary>Status of a profile from those of its endpoints: Disabled, else the worst that Azure names.</summary>
    public static string OfProfile(bool enabled, IReadOnlyCollection<string> endpoints)
    {
        if (!enabled) return Disabled;
        if (endpoints.Contains(Degraded)) return Degraded;
        if (endpoints.Contains(Online)) return Online;
        return endpoints.Contains(CheckingEndpoint) ? CheckingEndpoints : Inactive;
    }
}
