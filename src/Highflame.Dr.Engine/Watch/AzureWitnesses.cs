using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Azure.Wire;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Engine.Watch;

/// <summary>What Azure itself says: Traffic Manager's probes, and the health of the active region's resources. Both look from outside of the regions.</summary>
internal sealed class AzureWitnesses
{
    private readonly AzureConnection _connection;
    private readonly TimeProvider _time;

    public AzureWitnesses(AzureConnection connection, TimeProvider time)
    {
        _connection = connection;
        _time = time;
    }

    public Witness TrafficManager(RegionPair pair, Glimpse<TrafficProfile> profile, double milliseconds)
    {
        var endpoint = pair.EndpointIn(profile.Value);
        var (word, detail) = endpoint switch
        {
            null => (WitnessWord.Silent, profile.Problem ?? $"the profile has no endpoint {pair.Traffic.EndpointName}"),
            { AlwaysServe: true } => (WitnessWord.Silent, "the endpoint always serves, so Traffic Manager does not probe it"),
            _ => Judge(endpoint.MonitorStatus),
        };
        return new Witness
        {
            Name = "Traffic Manager",
            Kind = WitnessKind.TrafficManager,
            Word = word,
            Place = "Traffic Manager's probes",
            Outside = true,
            Target = endpoint?.Target ?? pair.Traffic.ProfileId,
            Detail = detail,
            Milliseconds = Math.Round(milliseconds, 3),
            At = _time.GetUtcNow(),
        };
    }

    public async Task<Witness> ResourceHealthAsync(RegionPair pair, PairRegion active, TimeSpan limit, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        var path = $"/subscriptions/{pair.SubscriptionId}/resourceGroups/{Uri.EscapeDataString(active.ResourceGroup)}/providers/Microsoft.ResourceHealth/availabilityStatuses";
        var read = await Glimpse.OfAsync<IReadOnlyList<ResourceState>>(
            async token => [.. (await _connection.Arm.ListAsync(path, ApiVersions.ResourceHealth, token).ConfigureAwait(false)).Select(ResourceState.From)], limit, _time, cancellationToken).ConfigureAwait(false);
        var (word, detail) = read.Value is { } states ? ResourceHealthRules.Judge(states, active) : (WitnessWord.Silent, read.Problem ?? "no answer");
        return new Witness
        {
            Name = "Azure resource health",
            Kind = WitnessKind.ResourceHealth,
            Word = word,
            Place = "Azure's resource health",
            Outside = true,
            Target = active.ResourceGroup,
            Detail = detail,
            Milliseconds = Math.Round(_time.GetElapsedTime(start).TotalMilliseconds, 3),
            At = _time.GetUtcNow(),
        };
    }

    private static (WitnessWord Word, string Detail) Judge(string? status) => status switch
    {
        "Online" => (WitnessWord.Up, "Online"),
        "Degraded" => (WitnessWord.Down, "Degraded: its probes fail"),
        _ => (WitnessWord.Silent, status ?? "no status"),
    };
}

/// <summary>The state of one resource as Azure sees it.</summary>
/// <param name="Id">Resource id.</param>
/// <param name="Location">Where it is; null when Azure does not say.</param>
/// <param name="State">Available, Unavailable, Degraded or Unknown.</param>
/// <param name="ByCustomer">True when a person stopped or changed it.</param>
/// <param name="Summary">Azure's words.</param>
internal sealed record ResourceState(string Id, string? Location, string State, bool ByCustomer, string? Summary)
{
    private const string Suffix = "/providers/Microsoft.ResourceHealth/";

    public static ResourceState From(JsonElement document)
    {
        var wire = WireJson.Read(document, WireJson.Default.AvailabilityWire, "Microsoft.ResourceHealth");
        var id = wire.Id ?? "";
        var end = id.IndexOf(Suffix, StringComparison.OrdinalIgnoreCase);
        return new(
            end >= 0 ? id[..end] : id, wire.Location, wire.Properties?.AvailabilityState ?? "Unknown",
            string.Equals(wire.Properties?.Context, "Customer Initiated", StringComparison.OrdinalIgnoreCase)
            || (wire.Properties?.ReasonType is { } reason && (reason.Contains("User", StringComparison.OrdinalIgnoreCase) || reason.Contains("Customer", StringComparison.OrdinalIgnoreCase) || reason.Equals("Planned", StringComparison.OrdinalIgnoreCase))),
            wire.Properties?.Summary);
    }
}

/// <summary>From the states of a region's resources to one word. Pure.</summary>
internal static class ResourceHealthRules
{
    // What has no service behind it (networks, addresses) is often Unknown and tells nothing.
    private static readonly string[] Telling = ["flexibleServers", "managedClusters", "applicationGateways", "redis", "natGateways", "privateEndpoints", "vaults", "virtualMachineScaleSets"];

    public static (WitnessWord Word, string Detail) Judge(IReadOnlyList<ResourceState> states, PairRegion region)
    {
        var known = states.Where(s => s.State is "Available" or "Unavailable" or "Degraded" && (s.Location is null || AzureLocation.Same(s.Location, region.Location)) && IsTelling(s.Id)).ToArray();
        if (known.Length == 0) return (WitnessWord.Silent, "Azure knows the state of no resource");
        var gone = known.Where(s => s is { State: "Unavailable", ByCustomer: false }).ToArray();
        var names = string.Join(", ", gone.Take(3).Select(s => AzureId.NameOf(s.Id))) + (gone.Length > 3 ? $" and {gone.Length - 3} more" : "");
        // A region, not a resource: most of what Azure can tell of it, and of more than one kind.
        if (gone.Length >= 2 && 2 * gone.Length > known.Length && gone.Select(s => KindOf(s.Id)).Distinct(StringComparer.OrdinalIgnoreCase).Count() > 1)
            return (WitnessWord.Down, $"{gone.Length} of {known.Length} resources are unavailable: {names}");
        var ill = known.Where(s => s is { State: not "Available", ByCustomer: false }).ToArray();
        return ill.Length == 0
            ? (WitnessWord.Up, $"{known.Length} resources are available")
            : (WitnessWord.Failing, $"{string.Join(", ", ill.Select(s => $"{AzureId.NameOf(s.Id)} is {s.State}"))}{(ill[0].Summary is { } summary ? $": {summary}" : "")}");
    }

    private static bool IsTelling(string id) => Telling.Contains(KindOf(id), StringComparer.OrdinalIgnoreCase);

    private static string KindOf(string id) => id.Split('/') is { Length: >= 2 } parts ? parts[^2] : "";
}
