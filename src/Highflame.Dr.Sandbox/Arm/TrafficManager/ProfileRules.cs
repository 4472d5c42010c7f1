using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Highflame.Dr.Sandbox.Arm.TrafficManager;

/// <summary>The rules that a whole profile keeps, checked after every change of it or of an endpoint. Throws BadRequest (400).</summary>
internal sealed partial class ProfileRules(ResourceStore store, Settings settings)
{
    private static readonly string[] s_methods = ["Performance", "Priority", "Weighted", "Geographic", "MultiValue", "Subnet"];

    public void Check(JsonObject profile, string profileId)
    {
        var method = profile.Text("properties.trafficRoutingMethod");
        if (!s_methods.Contains(method)) throw Bad("properties.trafficRoutingMethod", "The traffic routing method must be specified.");
        CheckDns(profile);
        CheckMonitor(profile);
        if (method == "MultiValue" && profile.Whole("properties.maxReturn") is null or < 1 or > 8)
            throw Bad("properties.maxReturn", "The property maxReturn must be from 1 to 8 with the MultiValue routing method.");
        var endpoints = Endpoints(profile);
        if (endpoints.Count > 200) throw Bad("properties.endpoints", "A profile has at most 200 endpoints.");
        CheckOrder(endpoints);
        var kinds = endpoints.Select(e => CheckEndpoint(e, method!, profileId)).ToList();
        if (method == "MultiValue" && kinds.Contains(TargetKind.DomainName)) throw Bad("properties.endpoints", "With the MultiValue routing method all endpoints must be external endpoints with an IP address.");
        if (method != "MultiValue" && kinds.Distinct().Count() > 1) throw Bad("properties.endpoints", "The endpoints of a profile must all have targets of the same kind: DNS names, IPv4 addresses or IPv6 addresses.");
        RefuseDuplicates(endpoints, e => e.Text("name"), "properties.endpoints.name", "name");
        RefuseDuplicates(endpoints, e => e.Text("properties.target"), "properties.target", "target");
        RefuseDuplicates(endpoints, e => e.Text("properties.targetResourceId"), "properties.targetResourceId", "target resource");
        if (method == "Geographic") CheckGeography(endpoints);
    }

    public static IReadOnlyList<JsonObject> Endpoints(JsonObject profile) => [.. (profile.At("properties.endpoints") as JsonArray ?? []).OfType<JsonObject>()];

    private static void CheckDns(JsonObject profile)
    {
        var name = profile.Text("properties.dnsConfig.relativeName");
        if (name is null || name.Length > 63 || !NameForm().IsMatch(name)) throw Bad("properties.dnsConfig.relativeName", $"The relative DNS name '{name}' is not valid.");
        if (profile.Whole("properties.dnsConfig.ttl") is null or < 0 or > int.MaxValue) throw Bad("properties.dnsConfig.ttl", "The TTL must be from 0 to 2147483647 seconds.");
    }

    private static void CheckMonitor(JsonObject profile)
    {
        const string At = "properties.monitorConfig.";
        var protocol = profile.Text(At + "protocol") ?? throw Bad(At + "protocol", "The monitor protocol must be specified.");
        if (profile.Whole(At + "port") is null or < 1 or > 65535) throw Bad(At + "port", "The monitor port must be from 1 to 65535.");
        var path = profile.Text(At + "path");
        if (protocol == "TCP" && !string.IsNullOrEmpty(path)) throw Bad(At + "path", "A path must not be specified with the TCP protocol.");
        if (protocol != "TCP" && path is not { Length: > 0 and <= 1000 }) throw Bad(At + "path", "A path must be specified with the HTTP and HTTPS protocols.");
        if (protocol != "TCP" && path![0] != '/') throw Bad(At + "path", "The path must begin with '/'.");
        var interval = profile.Whole(At + "intervalInSeconds");
        if (interval is not (10 or 30)) throw Bad(At + "intervalInSeconds", "The probing interval must be 10 or 30 seconds.");
        var most = interval == 10 ? 9 : 10;
        var timeout = profile.Whole(At + "timeoutInSeconds");
        if (timeout is null or < 5 || timeout > most) throw Bad(At + "timeoutInSeconds", $"The probe timeout must be from 5 to {most} seconds with a probing interval of {interval} seconds.");
        if (profile.Whole(At + "toleratedNumberOfFailures") is null or < 0 or > 9) throw Bad(At + "toleratedNumberOfFailures", "The tolerated number of failures must be from 0 to 9.");
        if (profile.At(At + "customHeaders") is JsonArray { Count: > 8 }) throw Bad(At + "customHeaders", "At most 8 custom headers are allowed.");
        var ranges = profile.At(At + "expectedStatusCodeRanges") as JsonArray ?? [];
        if (ranges.Count > 8) throw Bad(At + "expectedStatusCodeRanges", "At most 8 status code ranges are allowed.");
        foreach (var range in ranges)
        {
            var (min, max) = (range.Whole("min"), range.Whole("max"));
            if (min is null or < 100 or > 999 || max is null or < 100 or > 999 || min > max) throw Bad(At + "expectedStatusCodeRanges", "A status code range must have min and max from 100 to 999, min not above max.");
        }
    }

    private static void CheckOrder(IReadOnlyList<JsonObject> endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Whole("properties.weight") is < 1 or > 1000) throw Bad("properties.weight", $"The weight of endpoint '{endpoint.Text("name")}' must be from 1 to 1000.");
            if (endpoint.Whole("properties.priority") is < 1 or > 1000) throw Bad("properties.priority", $"The priority of endpoint '{endpoint.Text("name")}' must be from 1 to 1000.");
        }

        var duplicate = endpoints.Select(e => e.Whole("properties.priority")).Where(p => p is not null).GroupBy(p => p).FirstOrDefault(g => g.Count() > 1);
        if (duplicate is not null) throw Bad("properties.priority", $"The priority {duplicate.Key} is used by more than one endpoint. The priority of each endpoint of a profile must be unique.");
    }

    /// <summary>Checks one endpoint and says how it is addressed.</summary>
    private TargetKind CheckEndpoint(JsonObject endpoint, string method, string profileId)
    {
        var (name, target, resource) = (endpoint.Text("name") ?? "", endpoint.Text("properties.target"), endpoint.Text("properties.targetResourceId"));
        var kind = endpoint.Text("type")!.Split('/')[^1];
        if (!EndpointNameForm().IsMatch(name)) throw Bad("properties.endpoints.name", $"The endpoint name '{name}' is not valid.");
        var located = !string.IsNullOrWhiteSpace(endpoint.Text("properties.endpointLocation"));
        if (method == "Performance" && kind != "azureEndpoints" && !located) throw Bad("properties.endpointLocation", $"The endpoint '{name}' needs an endpointLocation with the Performance routing method.");
        switch (kind)
        {
            case "externalEndpoints":
                if (string.IsNullOrEmpty(target)) throw Bad("properties.target", $"The external endpoint '{name}' needs a target.");
                return TargetRules.Check(name, target, settings.Behaviour.AllowPrivateTargets);
            case "azureEndpoints":
                if (store.Find(resource ?? "") is not { } found) throw Bad("properties.targetResourceId", $"The target resource '{resource}' of endpoint '{name}' could not be found.");
                if (!ArmPath.Same(found.Type, "Microsoft.Network/publicIPAddresses")) throw Bad("properties.targetResourceId", $"The target resource '{resource}' of endpoint '{name}' has a type that Traffic Manager does not take.");
                if (found.Document.Text("properties.dnsSettings.fqdn") is null) throw Bad("properties.targetResourceId", $"The public IP address '{found.Name}' of endpoint '{name}' has no DNS name.");
                return TargetKind.DomainName;
            default:
                if (ArmPath.Same(resource, profileId)) throw Bad("properties.targetResourceId", "A profile cannot be nested in itself.");
                if (store.Find(resource ?? "") is not { } nested || !ArmPath.Same(nested.Type, TrafficManagerProvider.Type)) throw Bad("properties.targetResourceId", $"The nested profile '{resource}' of endpoint '{name}' could not be found.");
                if (endpoint.Whole("properties.minChildEndpoints") is null or < 1) throw Bad("properties.minChildEndpoints", $"The nested endpoint '{name}' needs minChildEndpoints of at least 1.");
                return TargetKind.DomainName;
        }
    }

    private static void CheckGeography(IReadOnlyList<JsonObject> endpoints)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var endpoint in endpoints)
        {
            if (endpoint.At("properties.geoMapping") is not JsonArray { Count: > 0 } regions) throw Bad("properties.geoMapping", $"The endpoint '{endpoint.Text("name")}' needs a geoMapping with the Geographic routing method.");
            foreach (var region in regions)
            {
                if (!seen.Add((string)region!)) throw Bad("properties.geoMapping", $"The region '{region}' is mapped to more than one endpoint.");
            }
        }
    }

    private static void RefuseDuplicates(IReadOnlyList<JsonObject> endpoints, Func<JsonObject, string?> key, string member, string what)
    {
        var twice = endpoints.Select(key).Where(k => !string.IsNullOrEmpty(k)).GroupBy(k => k, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null) throw Bad(member, $"The {what} '{twice.Key}' is used by more than one endpoint of the profile.");
    }

    private static ArmError Bad(string member, string message) => ArmError.BadRequest("BadRequest", message, member);

    [GeneratedRegex("^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$")]
    private static partial Regex NameForm();

    [GeneratedRegex(@"^[^<>*%&:\\?+/]{1,260}$")]
    private static partial Regex EndpointNameForm();
}
