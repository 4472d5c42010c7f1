using System.Net;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Planning;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Traffic;

/// <summary>What was found out about a target before the planning.</summary>
/// <param name="ResolvedTarget">The target as it will be sent: the request's own, or what its resource id stands for; null when the target stays.</param>
/// <param name="TargetProblem">Why the resource id stands for no target; null when there is no problem.</param>
/// <param name="Addresses">Addresses of the target that the endpoint will have (asked for or its present one); empty when it does not resolve.</param>
/// <param name="LoopbackIsPublic">True in the sandbox.</param>
/// <param name="ObservedAt">When all this was seen.</param>
internal sealed record EndpointFacts(string? ResolvedTarget, string? TargetProblem, IReadOnlyList<IPAddress> Addresses, bool LoopbackIsPublic, DateTimeOffset ObservedAt);

/// <summary>Pure: profile, endpoint, request and facts to steps or refusals. All refusals are given at once.</summary>
internal static class EndpointPlanner
{
    public static EndpointPlan Plan(TrafficProfile profile, TrafficEndpoint endpoint, EndpointRequest request, EndpointFacts facts)
    {
        var refusals = new List<Refusal>();
        var warnings = new List<string>();
        EndpointTarget? target = null;
        if (facts.TargetProblem is not null)
            refusals.Add(Refuse("HfTargetInvalid", endpoint, facts.TargetProblem, "The resource id of a public IP address or of an application gateway with one.", "Correct the resource id, or give the host name or address itself."));
        else if (facts.ResolvedTarget is not null)
            target = CheckTarget(profile, endpoint, facts.ResolvedTarget, refusals);
        CheckReach(endpoint, request, facts, target, refusals, warnings);
        CheckNumbers(profile, endpoint, request, refusals, warnings);

        var changes = refusals.Count > 0 ? [] : EndpointChanges.Of(profile, endpoint, request, target?.Text);
        if (request.Enabled == false && changes.Count > 0 && profile.Endpoints.All(e => e.Status == "Disabled" || AzureId.Same(e.ResourceId, endpoint.ResourceId)))
            warnings.Add($"No endpoint of {profile.Name} stays enabled: its name will not resolve.");
        return new()
        {
            Title = $"Change endpoint {endpoint.Name} of {profile.Name}",
            Request = request,
            Profile = profile,
            Endpoint = endpoint,
            ResolvedTarget = target?.Text,
            Steps = [.. changes.Select(c => new PlanStep(c.StepName, c.Change.EndpointId, Describe(profile, c.Change), StepClass.Reversible))],
            Refusals = [.. refusals],
            Warnings = [.. warnings],
            ObservedAt = facts.ObservedAt,
        };
    }

    private static EndpointTarget? CheckTarget(TrafficProfile profile, TrafficEndpoint endpoint, string text, List<Refusal> refusals)
    {
        if (EndpointTarget.TryRead(text, out var target) is { } problem)
        {
            refusals.Add(Refuse("HfTargetInvalid", endpoint, problem, "A host name, an IPv4 or IPv6 address, or the resource id of a public IP address or application gateway.", "Correct the target."));
            return null;
        }
        if (endpoint.Type != "ExternalEndpoints" && !target.SameAs(endpoint.Target))
            refusals.Add(Refuse("HfTargetInvalid", endpoint, $"{endpoint.Name} is one of the {endpoint.Type}: its target follows from a resource.", "An external endpoint.", "Add an external endpoint to the profile and retarget that one."));
        if (target.SameAs(profile.Fqdn))
            refusals.Add(Refuse("HfTargetLoop", endpoint, $"{target.Text} is the profile's own name: it would answer with itself.", "A name or address behind the profile.", "Give the gateway's own name or address."));
        var others = profile.Endpoints.Where(e => !AzureId.Same(e.ResourceId, endpoint.ResourceId)).ToArray();
        if (Array.Find(others, e => target.SameAs(e.Target)) is { } same)
            refusals.Add(Refuse("HfTargetDuplicate", endpoint, $"Endpoint {same.Name} has the target {target.Text} already.", "A target that no other endpoint of the profile has.", $"Use {same.Name}, or change its target first."));
        if (profile.RoutingMethod.Equals("MultiValue", StringComparison.OrdinalIgnoreCase))
        {
            if (target.Type == TargetType.Name)
                refusals.Add(Refuse("HfTargetMixedTypes", endpoint, $"{profile.Name} routes by MultiValue, which answers with addresses; {target.Text} is a name.", "An IPv4 or IPv6 address.", "Give the address."));
        }
        else if (Array.Find(others, e => EndpointTarget.TryRead(e.Target ?? "", out var theirs) is null && theirs.Type != target.Type) is { } mixed)
        {
            refusals.Add(Refuse("HfTargetMixedTypes", endpoint, $"{target.Text} is of type {target.Type}; endpoint {mixed.Name} has {mixed.Target}.", "One type of target (name, IPv4 or IPv6) in all endpoints of a profile.", $"Give a target of the type that {mixed.Name} has."));
        }
        return target;
    }

    /// <summary>Can Traffic Manager's probes, which come from the internet, and its clients reach the endpoint as it will be?</summary>
    private static void CheckReach(TrafficEndpoint endpoint, EndpointRequest request, EndpointFacts facts, EndpointTarget? target, List<Refusal> refusals, List<string> warnings)
    {
        var retargeted = target is not null && !target.SameAs(endpoint.Target);
        if (!retargeted && (request.AlwaysServe != false || !endpoint.AlwaysServe)) return;
        var effective = target ?? (EndpointTarget.TryRead(endpoint.Target ?? "", out var present) is null ? present : null);
        if (effective is null) return;
        var alwaysServe = request.AlwaysServe ?? endpoint.AlwaysServe;

        if (effective.Address is { } address)
        {
            if (AddressScope.WhyNotPublic(address, facts.LoopbackIsPublic) is not { } why || !retargeted) return;
            if (request.AllowPrivateAddress) warnings.Add($"{address} is {why}: Azure documents that it refuses such a target. It is sent all the same.");
            else refusals.Add(Refuse("HfTargetPrivate", endpoint, $"{address} is {why}.", "A public address, or a host name.",
                "Give the Private Link FQDN that leads to it (with -AlwaysServe Enabled), or send the address all the same with -AllowPrivateAddress."));
            return;
        }
        if (facts.Addresses.Count == 0)
        {
            warnings.Add($"{effective.Text} does not resolve from here: clients that get it as an answer will not reach anything unless they can resolve it.");
            return;
        }
        if (facts.Addresses.All(a => AddressScope.WhyNotPublic(a, facts.LoopbackIsPublic) is not null) && !alwaysServe)
            refusals.Add(Refuse("HfTargetNeedsAlwaysServe", endpoint, $"{effective.Text} resolves to private addresses only ({string.Join(", ", facts.Addresses)}): Traffic Manager's probes cannot reach it and would take it out.",
                "Always-serve on an endpoint that cannot be probed.", "Add -AlwaysServe Enabled."));
    }

    private static void CheckNumbers(TrafficProfile profile, TrafficEndpoint endpoint, EndpointRequest request, List<Refusal> refusals, List<string> warnings)
    {
        if (request.Priority is < 1 or > EndpointChanges.MaxPriority)
            refusals.Add(Refuse("HfPriorityOutOfRange", endpoint, $"Priority {request.Priority}.", "1 to 1000.", "Give a priority from 1 (preferred) to 1000."));
        if (request.Weight is < 1 or > 1000)
            refusals.Add(Refuse("HfWeightOutOfRange", endpoint, $"Weight {request.Weight}.", "1 to 1000.", "Give a weight from 1 to 1000."));
        if (request.Priority is not null && !profile.RoutingMethod.Equals("Priority", StringComparison.OrdinalIgnoreCase))
            warnings.Add($"HfPriorityNeedsPriorityRouting: {profile.Name} routes by {profile.RoutingMethod}; a priority has no effect there.");
        if (request.Weight is not null && !profile.RoutingMethod.Equals("Weighted", StringComparison.OrdinalIgnoreCase))
            warnings.Add($"{profile.Name} routes by {profile.RoutingMethod}; a weight has no effect there.");
    }

    private static string Describe(TrafficProfile profile, EndpointChange change)
    {
        var before = Array.Find(profile.Endpoints, e => AzureId.Same(e.ResourceId, change.EndpointId));
        var parts = new List<string>();
        if (change.Target is not null) parts.Add($"target {before?.Target ?? "(none)"} -> {change.Target}");
        if (change.Enabled is { } enabled) parts.Add(enabled ? "enable" : "disable");
        if (change.Priority is not null) parts.Add($"priority {before?.Priority?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "(none)"} -> {change.Priority}");
        if (change.Weight is not null) parts.Add($"weight {before?.Weight?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "(none)"} -> {change.Weight}");
        if (change.AlwaysServe is { } always) parts.Add($"always-serve {(always ? "on" : "off")}");
        return $"Endpoint {change.EndpointName}: {string.Join(", ", parts)}. Clients of {profile.Fqdn} follow within the TTL of {profile.Ttl} s.";
    }

    private static Refusal Refuse(string code, TrafficEndpoint endpoint, string observed, string required, string remedy) => new()
    {
        Code = code,
        Kind = DrErrorKind.InvalidArgument,
        Resource = endpoint.ResourceId,
        Observed = observed,
        Required = required,
        Remedy = remedy,
    };
}
