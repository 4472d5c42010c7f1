using System.Globalization;
using Highflame.Dr.Engine.Azure.Wire;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;
using static Highflame.Dr.Engine.Azure.AzureWord;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>Traffic Manager: settings with which the change cannot work, cannot be made, or takes longer than the objective. Pure.</summary>
internal static class TrafficRules
{
    /// <summary>Azure's own word for how long a change takes to reach its name servers: within a minute.</summary>
    public const int PropagationSeconds = 60;

    public static void Judge(ReadinessObservation seen, Findings findings)
    {
        if (seen.Traffic.Value is { } traffic) Profile(seen.Pair, traffic, findings);
        else if (seen.Traffic.Failure is { ErrorId: "HfProfileNotFound" } missing) findings.Refuse(missing.ErrorId, seen.Pair.Traffic.ProfileId, missing.Message, "The profile that the pair file names.", missing.NextStep ?? "Correct traffic.profileId in the pair file.");
        else if (seen.Traffic.Problem is { } problem) findings.NotObserved(seen.Pair.Traffic.ProfileId, "The Traffic Manager profile", problem);

        if (seen.Retarget.Value is { } plan)
        {
            foreach (var refusal in plan.Refusals) findings.Refuse(refusal.Code, refusal.Resource, refusal.Observed, refusal.Required, refusal.Remedy);
            foreach (var warning in plan.Warnings) findings.Warn("HfTargetDoubtful", plan.Request.EndpointId, warning, "A target that clients reach.", $"Check gatewayTarget of {seen.To.Location} in the pair file.");
        }

        if (seen.TrafficLocks.Problem is { } hidden) findings.NotObserved(seen.Pair.Traffic.ProfileId, "Locks on the Traffic Manager profile", hidden);
        foreach (var held in (seen.TrafficLocks.Value ?? []).Where(l => !seen.Unlock && Is(l.Level, "ReadOnly")))
            findings.Refuse("HfTrafficLocked", seen.Pair.Traffic.ProfileId, $"Lock '{held.Name}' at {held.Scope} is ReadOnly and forbids the change of the endpoint.", "No ReadOnly lock on the profile.", FailoverRefusals.Unlocking(held));
    }

    /// <summary>Seconds from the last good answer of an endpoint until no resolver gives it any more, at worst, when Traffic Manager finds out by itself.</summary>
    public static long DetectionSeconds(MonitorConfigWire? monitor)
    {
        long interval = monitor?.IntervalInSeconds ?? 30;
        return interval + ((monitor?.ToleratedNumberOfFailures ?? 3) * interval) + (monitor?.TimeoutInSeconds ?? 10);
    }

    private static void Profile(RegionPair pair, TrafficSight traffic, Findings findings)
    {
        var (profile, monitor) = traffic;
        if (!Is(profile.Status, "Enabled"))
            findings.Refuse("HfTrafficProfileDisabled", profile.Name, $"Profile {profile.Name} is {profile.Status}: its name does not resolve, whatever its endpoint says.", "An enabled profile.", "Enable the profile in Azure.");
        if (pair.EndpointIn(profile) is not { } endpoint)
        {
            findings.Refuse("HfEndpointNotFound", profile.Name, $"Profile {profile.Name} has no endpoint '{pair.Traffic.EndpointName}'. It has: {(profile.Endpoints.Length == 0 ? "none" : string.Join(", ", profile.Endpoints.Select(e => e.Name)))}.",
                "The endpoint that the pair file names.", "Correct traffic.endpointName in the pair file.");
            return;
        }

        if (!Is(endpoint.Status, "Enabled"))
            findings.Refuse("HfTrafficEndpointDisabled", endpoint.Name, $"Endpoint {endpoint.Name} is {endpoint.Status}: changing its target sends nobody there.", "An enabled endpoint.", "Enable it: Set-HfTrafficEndpoint -Enabled $true.");
        if (Alone(profile, endpoint) is { } why)
            findings.Warn("HfTrafficNeverFailsOver", endpoint.Name, $"{why}: Traffic Manager never fails over by itself.", "An endpoint in each region, probed, for automatic failover.", "Nothing for this failover, which changes the target. For automatic failover add a second endpoint, route by Priority and turn always-serve off.");
        if (!Is(monitor?.Protocol, "TCP") && monitor?.Path is { } path && path != pair.Health.Path)
            findings.Warn("HfTrafficMonitorPath", profile.Name, $"The profile probes {path}; the application tells its health at {pair.Health.Path}. \"Online\" there proves little.", $"Monitor path {pair.Health.Path}.", $"Set the profile's monitor path to {pair.Health.Path}.");
        Time(pair, profile, monitor, findings);
    }

    private static string? Alone(TrafficProfile profile, TrafficEndpoint endpoint) =>
        profile.Endpoints.Any(e => e.Name != endpoint.Name && Is(e.Status, "Enabled")) ? endpoint.AlwaysServe ? $"{endpoint.Name} is served always, healthy or not" : null
        : endpoint.AlwaysServe ? $"{endpoint.Name} is the only enabled endpoint, and served always" : $"{endpoint.Name} is the only enabled endpoint";

    private static void Time(RegionPair pair, TrafficProfile profile, MonitorConfigWire? monitor, Findings findings)
    {
        var changed = PropagationSeconds + profile.Ttl;
        var detected = DetectionSeconds(monitor) + profile.Ttl;
        var words = string.Create(CultureInfo.InvariantCulture, $"At worst {changed} s until every client follows a change of the endpoint (propagation {PropagationSeconds} s, TTL {profile.Ttl} s), and {detected} s when Traffic Manager finds out by itself.");
        var objective = pair.Objectives.RtoSeconds.ToString("0.#", CultureInfo.InvariantCulture);
        if (Math.Max(changed, detected) > pair.Objectives.RtoSeconds)
            findings.Warn("HfTrafficTooSlow", profile.Name, words, $"At most the objective of {objective} s.", "Lower the TTL (Set-HfTrafficProfile -Ttl), the probing interval or the tolerated failures.");
        else
            findings.Inform("HfTrafficWorstCase", profile.Name, words, $"At most the objective of {objective} s.", "Nothing.");
    }
}
