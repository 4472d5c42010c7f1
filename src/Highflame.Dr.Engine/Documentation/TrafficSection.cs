using System.Globalization;
using Highflame.Dr.Engine.Documentation.Content;

namespace Highflame.Dr.Engine.Documentation;

/// <summary>Traffic Manager's settings and what they mean for the time that a failover takes.</summary>
internal static class TrafficSection
{
    public static IEnumerable<Block> Of(DocumentFacts facts)
    {
        if (facts.Traffic is not { } traffic)
        {
            yield return new Paragraph("Traffic Manager could not be read.", Tone.Stop);
            yield break;
        }

        var profile = traffic.Profile;
        yield return new Table("Profile", ["Setting", "Now"],
        [
            ["Profile", $"`{profile.Name}` in `{profile.ResourceGroup}`, {profile.Status}"],
            ["Name that clients ask for", $"`{profile.Fqdn}`"],
            ["Routing method", profile.RoutingMethod],
            ["DNS TTL", $"{profile.Ttl.ToString(CultureInfo.InvariantCulture)} s"],
            ["Probe", traffic.Protocol is null ? "none" : $"{traffic.Protocol} port {traffic.Port?.ToString(CultureInfo.InvariantCulture) ?? "?"}, path {DocumentText.Code(traffic.Path, "none")}"],
            ["Probe timing", string.Create(CultureInfo.InvariantCulture, $"every {traffic.Interval} s, timeout {traffic.Timeout} s, {traffic.Tolerated} failures tolerated")],
            ["State of the profile", DocumentText.Or(profile.MonitorStatus, "not told")],
        ]);
        yield return new Table("Endpoints", ["Endpoint", "Target", "State", "Always served", "Weight", "Priority"],
        [
            .. profile.Endpoints.Select(e => new[]
            {
                $"`{e.Name}`{(e.Name.Equals(facts.Pair.Traffic.EndpointName, StringComparison.OrdinalIgnoreCase) ? " (the pair's)" : "")}",
                $"{DocumentText.Code(e.Target, "none")}{(facts.Pair.Regions.FirstOrDefault(r => string.Equals(r.GatewayTarget.TrimEnd('.'), e.Target?.TrimEnd('.'), StringComparison.OrdinalIgnoreCase)) is { } region ? $" = {region.Location}" : "")}",
                $"{e.Status}, {DocumentText.Or(e.MonitorStatus, "not told")}",
                e.AlwaysServe ? "yes" : "no",
                e.Weight?.ToString(CultureInfo.InvariantCulture) ?? "–",
                e.Priority?.ToString(CultureInfo.InvariantCulture) ?? "–",
            }),
        ]);
        yield return new Heading(3, "Worst case: how long until clients are sent elsewhere", "traffic-time");
        var never = TrafficTiming.WhyNever(traffic);
        yield return new Table("Worst-case failover time of traffic", ["Way", "At worst", "Formula"],
        [
            ["The endpoint's target is changed (this module, or by hand)", string.Create(CultureInfo.InvariantCulture, $"**{TrafficTiming.Switch(traffic):0} s**"), TrafficTiming.SwitchFormula(traffic)],
            never is null
                ? ["Traffic Manager gives up the endpoint by itself", string.Create(CultureInfo.InvariantCulture, $"**{TrafficTiming.Probed(traffic):0} s**"), TrafficTiming.ProbedFormula(traffic)]
                : ["Traffic Manager gives up the endpoint by itself", "**never**", $"{never}. With a second, probed endpoint it would be {TrafficTiming.ProbedFormula(traffic)}"],
        ]);
        yield return new Paragraph($"Where the formulas come from: Microsoft, Traffic Manager endpoint monitoring, failover sequence (`{TrafficTiming.MonitoringPage}`). A failure is seen at the next probe (up to one interval), an endpoint is Degraded after one failed probe more than are tolerated, the last one counts after its timeout, and resolvers keep the old answer for the TTL. "
            + $"The {TrafficTiming.Propagation} s of propagation are a planning figure, not a promise of Microsoft. Resolvers that ignore the TTL, and connections that are open, take longer: Traffic Manager cuts no connection.");
    }
}
