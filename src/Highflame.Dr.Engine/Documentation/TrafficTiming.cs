using System.Globalization;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Documentation;

/// <summary>
/// How long a change of traffic takes at worst, in seconds. Pure. The two formulas follow Microsoft's description of Traffic Manager: an endpoint is given up after one failure more than are tolerated,
/// and resolvers keep the last answer for the TTL (Traffic Manager endpoint monitoring, steps 4 to 7 of the failover sequence).
/// </summary>
internal static class TrafficTiming
{
    /// <summary>How long Azure takes to hand a changed profile to all of its name servers. A planning figure, not a promise.</summary>
    public const int Propagation = 60;

    public const string MonitoringPage = "https://learn.microsoft.com/azure/traffic-manager/traffic-manager-monitoring";

    /// <summary>By hand or by this module: the endpoint's target is changed.</summary>
    public static double Switch(TrafficFacts traffic) => Propagation + traffic.Profile.Ttl;

    /// <summary>By Traffic Manager itself: up to one interval until the first failing probe, then the tolerated ones, then the last one's timeout, then the TTL.</summary>
    public static double Probed(TrafficFacts traffic) => traffic.Interval + (traffic.Tolerated * traffic.Interval) + traffic.Timeout + traffic.Profile.Ttl;

    /// <summary>Null when Traffic Manager never takes the endpoint out of its answers by itself.</summary>
    public static double? Automatic(TrafficFacts traffic) => WhyNever(traffic) is null ? Probed(traffic) : null;

    /// <summary>Why Traffic Manager never fails over by itself; null when it does.</summary>
    public static string? WhyNever(TrafficFacts traffic)
    {
        if (traffic.Endpoint is null) return "the profile has no endpoint of the pair's name";
        if (traffic.Endpoint.AlwaysServe) return "the endpoint is always served: it is not probed and never taken out of the answers";
        return traffic.Profile.Endpoints.Count(e => e.Status == "Enabled") < 2 ? "there is no other enabled endpoint to answer with" : null;
    }

    public static string SwitchFormula(TrafficFacts traffic) =>
        string.Create(CultureInfo.InvariantCulture, $"propagation {Propagation} s + TTL {traffic.Profile.Ttl} s = {Switch(traffic):0} s");

    public static string ProbedFormula(TrafficFacts traffic) => string.Create(CultureInfo.InvariantCulture,
        $"interval {traffic.Interval} s + tolerated {traffic.Tolerated} × interval {traffic.Interval} s + timeout {traffic.Timeout} s + TTL {traffic.Profile.Ttl} s = {Probed(traffic):0} s");
}
