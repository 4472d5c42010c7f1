using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Traffic;

namespace Highflame.Dr.Sandbox.Arm.TrafficManager;

/// <summary>Fills a profile's document with Traffic Manager's defaults, shows it with live monitor states, and makes the view that DNS and probes work on.</summary>
internal sealed class ProfileDocuments(ResourceStore store, ITrafficPlane traffic)
{
    private static readonly string[] s_kinds = ["azureEndpoints", "externalEndpoints", "nestedEndpoints"];

    /// <summary>The canonical endpoint type of a path segment or of a type's last word; null for none.</summary>
    public static string? Kind(string? word) => Array.Find(s_kinds, k => ArmPath.Same(k, word));

    /// <summary>Defaults of a profile and of its endpoints; ids and types of the endpoints in Azure's casing.</summary>
    public static void Complete(JsonObject profile, string profileId)
    {
        var properties = profile.Child("properties");
        profile["location"] = "global";
        properties["profileStatus"] ??= "Enabled";
        var dns = properties.Child("dnsConfig");
        dns["ttl"] ??= 60;
        dns["fqdn"] = $"{dns.Text("relativeName")}.trafficmanager.net".ToLowerInvariant();
        var monitor = properties.Child("monitorConfig");
        monitor.Remove("profileMonitorStatus");
        monitor["intervalInSeconds"] ??= 30;
        monitor["toleratedNumberOfFailures"] ??= 3;
        monitor["timeoutInSeconds"] ??= monitor.Whole("intervalInSeconds") == 10 ? 9 : 10;
        properties["trafficViewEnrollmentStatus"] ??= "Disabled";
        var endpoints = properties["endpoints"] as JsonArray ?? [];
        if (properties["endpoints"] is null) properties["endpoints"] = endpoints;
        foreach (var endpoint in endpoints.OfType<JsonObject>()) CompleteEndpoint(endpoint, profileId);
        AssignPriorities([.. endpoints.OfType<JsonObject>()]);
    }

    public static void CompleteEndpoint(JsonObject endpoint, string profileId)
    {
        var kind = Kind(endpoint.Text("type")?.Split('/')[^1])
            ?? throw ArmError.BadRequest("BadRequest", $"The type '{endpoint.Text("type")}' of endpoint '{endpoint.Text("name")}' is not valid. Valid: {string.Join(", ", s_kinds.Select(k => $"{TrafficManagerProvider.Type}/{k}"))}.", "properties.endpoints.type");
        endpoint["id"] = $"{profileId}/{kind}/{endpoint.Text("name")}";
        endpoint["type"] = $"{TrafficManagerProvider.Type}/{kind}";
        var properties = endpoint.Child("properties");
        properties.Remove("endpointMonitorStatus");
        properties["endpointStatus"] ??= "Enabled";
        properties["weight"] ??= 1;
        properties["alwaysServe"] ??= "Disabled";
    }

    /// <summary>An endpoint without a priority gets the lowest that is free.</summary>
    private static void AssignPriorities(IReadOnlyList<JsonObject> endpoints)
    {
        var used = endpoints.Select(e => e.Whole("properties.priority")).Where(p => p is not null).Select(p => p!.Value).ToHashSet();
        foreach (var endpoint in endpoints.Where(e => e.Whole("properties.priority") is null))
        {
            var free = 1L;
            while (!used.Add(free)) free++;
            endpoint.Child("properties")["priority"] = free;
        }
    }

    public JsonObject Show(StoredResource profile, bool changed)
    {
        var shown = Json.Identified(profile);
        foreach (var endpoint in ProfileRules.Endpoints(shown)) SetStatus(endpoint, shown, profile.Id, changed);
        shown.Child("properties").Child("monitorConfig")["profileMonitorStatus"] = ProfileStatus(shown);
        return shown;
    }

    public JsonObject ShowEndpoint(StoredResource profile, JsonObject endpoint, bool changed)
    {
        var shown = (JsonObject)endpoint.DeepClone();
        SetStatus(shown, profile.Document, profile.Id, changed);
        return shown;
    }

    /// <summary>What DNS and the probes need to know of the profile.</summary>
    public ProfileView View(StoredResource profile)
    {
        var document = profile.Document;
        long At(string path, long otherwise) => document.Whole(path) ?? otherwise;
        const string Monitor = "properties.monitorConfig.";
        return new ProfileView
        {
            Id = profile.Id,
            Fqdn = document.Text("properties.dnsConfig.fqdn")!,
            Enabled = document.Text("properties.profileStatus") != "Disabled",
            RoutingMethod = document.Text("properties.trafficRoutingMethod")!,
            Ttl = At("properties.dnsConfig.ttl", 60),
            MaxReturn = (int)At("properties.maxReturn", 8),
            Monitor = new MonitorView(
                document.Text(Monitor + "protocol")!,
                (int)At(Monitor + "port", 443),
                document.Text(Monitor + "path"),
                (int)At(Monitor + "intervalInSeconds", 30),
                (int)At(Monitor + "timeoutInSeconds", 10),
                (int)At(Monitor + "toleratedNumberOfFailures", 3),
                document.At(Monitor + "expectedStatusCodeRanges") is JsonArray { Count: > 0 } ranges ? [.. ranges.Select(r => ((int)r.Whole("min")!, (int)r.Whole("max")!))] : [(200, 200)],
                [.. (document.At(Monitor + "customHeaders") as JsonArray ?? []).Select(h => (h.Text("name") ?? "", h.Text("value") ?? ""))]),
            Endpoints = [.. ProfileRules.Endpoints(document).Select(e => new EndpointView
            {
                Id = e.Text("id")!,
                Name = e.Text("name")!,
                Target = Target(e),
                Enabled = e.Text("properties.endpointStatus") != "Disabled",
                AlwaysServe = e.Text("properties.alwaysServe") == "Enabled",
                Priority = e.Whole("properties.priority") ?? 1,
                Weight = e.Whole("properties.weight") ?? 1,
            })],
        };
    }

    private string? Target(JsonObject endpoint)
    {
        if (endpoint.Text("properties.target") is { Length: > 0 } target) return target;
        var resource = store.Find(endpoint.Text("properties.targetResourceId") ?? "")?.Document;
        return resource.Text("properties.dnsSettings.fqdn") ?? resource.Text("properties.dnsConfig.fqdn");
    }

    private void SetStatus(JsonObject endpoint, JsonObject profile, string profileId, bool changed)
    {
        var status = endpoint.Text("properties.endpointStatus") == "Disabled" ? "Disabled"
            : profile.Text("properties.profileStatus") == "Disabled" ? "Inactive"
            : endpoint.Text("properties.alwaysServe") == "Enabled" ? "Unmonitored"
            : changed ? "CheckingEndpoint"
            : Live(profileId, endpoint.Text("id")!);
        endpoint.Child("properties")["endpointMonitorStatus"] = status;
    }

    private string Live(string profileId, string endpointId)
    {
        try
        {
            return traffic.MonitorStatus(profileId, endpointId);
        }
        catch (KeyNotFoundException)
        {
            // Not published yet: the change is still on its way.
            return "CheckingEndpoint";
        }
    }

    /// <summary>Azure's order: Disabled, then any Degraded, any Online, any still checked, else Inactive.</summary>
    private static string ProfileStatus(JsonObject shown)
    {
        if (shown.Text("properties.profileStatus") == "Disabled") return "Disabled";
        var states = ProfileRules.Endpoints(shown).Select(e => e.Text("properties.endpointMonitorStatus")).ToList();
        return states.Contains("Degraded") ? "Degraded"
            : states.Exists(s => s is "Online" or "Unmonitored") ? "Online"
            : states.Contains("CheckingEndpoint") ? "CheckingEndpoints"
            : "Inactive";
    }
}
