using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Planning;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Traffic;

/// <summary>One PATCH: only the values that change are set.</summary>
internal sealed record EndpointChange(string EndpointId, string EndpointName)
{
    public string? Target { get; init; }

    public bool? Enabled { get; init; }

    public long? Priority { get; init; }

    public long? Weight { get; init; }

    public bool? AlwaysServe { get; init; }

    public bool IsEmpty => Target is null && Enabled is null && Priority is null && Weight is null && AlwaysServe is null;

    /// <summary>True when an endpoint already is what this change makes of it.</summary>
    public bool IsDone(TrafficEndpoint endpoint) =>
        (Target is null || (EndpointTarget.TryRead(Target, out var target) is null && target.SameAs(endpoint.Target)))
        && (Enabled is null || Enabled == (endpoint.Status == "Enabled"))
        && (Priority is null || Priority == endpoint.Priority)
        && (Weight is null || Weight == endpoint.Weight)
        && (AlwaysServe is null || AlwaysServe == endpoint.AlwaysServe);

    /// <summary>The body that is sent.</summary>
    public JsonObject ToBody()
    {
        var properties = new JsonObject();
        if (Target is not null) properties["target"] = Target;
        if (Enabled is { } enabled) properties["endpointStatus"] = Word(enabled);
        if (Priority is { } priority) properties["priority"] = priority;
        if (Weight is { } weight) properties["weight"] = weight;
        if (AlwaysServe is { } always) properties["alwaysServe"] = Word(always);
        return new JsonObject { ["properties"] = properties };
    }

    private static string Word(bool value) => value ? "Enabled" : "Disabled";
}

/// <summary>
/// The PATCHes that lead from what is to what is asked, in order. Pure, and made again from the plan when it is carried out, so both always agree.
/// Azure refuses two endpoints of one priority, so in a swap the endpoint itself steps aside first, the other one takes its place, and then it takes the other's. Killed anywhere in
/// between, the same request ends in the same order: the other endpoint is never the one that is left aside. No step leaves the profile without an endpoint.
/// </summary>
internal static class EndpointChanges
{
    public const long MaxPriority = 1000;
    public const string MoveTraffic = "MoveTraffic";

    public static IReadOnlyList<(string StepName, EndpointChange Change)> Of(TrafficProfile profile, TrafficEndpoint endpoint, EndpointRequest request, string? resolvedTarget)
    {
        var wanted = new EndpointChange(endpoint.ResourceId, endpoint.Name)
        {
            Target = resolvedTarget is not null && EndpointTarget.TryRead(resolvedTarget, out var target) is null && !target.SameAs(endpoint.Target) ? target.Text : null,
            Enabled = request.Enabled is { } enabled && enabled != (endpoint.Status == "Enabled") ? enabled : null,
            Priority = request.Priority is { } priority && priority != endpoint.Priority ? priority : null,
            Weight = request.Weight is { } weight && weight != endpoint.Weight ? weight : null,
            AlwaysServe = request.AlwaysServe is { } always && always != endpoint.AlwaysServe ? always : null,
        };
        if (wanted.IsEmpty) return [];
        var main = (wanted.Target is not null ? MoveTraffic : "SetEndpoint", wanted);
        var other = wanted.Priority is null ? null : Array.Find(profile.Endpoints, e => !AzureId.Same(e.ResourceId, endpoint.ResourceId) && e.Priority == wanted.Priority);
        if (other is null) return [main];

        var taken = profile.Endpoints.Where(e => !AzureId.Same(e.ResourceId, endpoint.ResourceId) && e.Priority is not null).Select(e => e.Priority!.Value).ToHashSet();
        var aside = Aside(taken);
        // Aside already, as an earlier call that was killed left it: what it had is not known any more, and the next place behind it keeps the order.
        var free = endpoint.Priority is { } own && own != aside ? own : NextFree(taken, wanted.Priority!.Value);
        var swap = ("SwapPriority", new EndpointChange(other.ResourceId, other.Name) { Priority = free });
        return free == endpoint.Priority ? [("ParkPriority", new EndpointChange(endpoint.ResourceId, endpoint.Name) { Priority = aside }), swap, main] : [swap, main];
    }

    /// <summary>The largest value below the last that no other endpoint has: the least preferred place that nobody asks for.</summary>
    private static long Aside(HashSet<long> taken)
    {
        for (var value = MaxPriority - 1; value >= 1; value--)
            if (!taken.Contains(value)) return value;
        throw new InvalidOperationException("A profile has at most 200 endpoints.");
    }

    private static long NextFree(HashSet<long> taken, long after)
    {
        for (var value = after + 1; value <= MaxPriority; value++)
            if (!taken.Contains(value)) return value;
        return Aside(taken);
    }
}
