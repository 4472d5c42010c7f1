using System.Globalization;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Azure.Wire;
using Highflame.Dr.Traffic;
using static Highflame.Dr.Engine.Azure.AzureWord;

namespace Highflame.Dr.Engine.Inventory;

/// <summary>Azure's documents of Traffic Manager in the model's words.</summary>
internal static class TrafficMapping
{
    public static TrafficProfile From(ProfileWire wire, string fallbackId)
    {
        var id = wire.Id ?? fallbackId;
        var properties = wire.Properties;
        return new()
        {
            Name = wire.Name ?? AzureId.NameOf(id),
            ResourceId = id,
            ResourceGroup = AzureId.GroupOf(id),
            Fqdn = properties?.DnsConfig?.Fqdn ?? (properties?.DnsConfig?.RelativeName is { } relative ? relative + ".trafficmanager.net" : ""),
            RoutingMethod = properties?.TrafficRoutingMethod ?? "Unknown",
            Ttl = properties?.DnsConfig?.Ttl ?? 0,
            Status = properties?.ProfileStatus ?? "Unknown",
            MonitorStatus = properties?.MonitorConfig?.ProfileMonitorStatus,
            Monitor = Describe(properties?.MonitorConfig),
            Endpoints = [.. (properties?.Endpoints ?? []).Select(e => From(e, id))],
        };
    }

    public static TrafficEndpoint From(EndpointWire wire, string profileId)
    {
        var properties = wire.Properties;
        var type = TypeOf(wire);
        return new()
        {
            Name = wire.Name ?? AzureId.NameOf(wire.Id ?? ""),
            ResourceId = wire.Id ?? $"{profileId}/{type}/{wire.Name}",
            ProfileName = AzureId.NameOf(profileId),
            ProfileResourceId = profileId,
            Type = type,
            Target = string.IsNullOrEmpty(properties?.Target) ? null : properties.Target,
            TargetResourceId = string.IsNullOrEmpty(properties?.TargetResourceId) ? null : properties.TargetResourceId,
            Status = Is(properties?.EndpointStatus, "Disabled") ? "Disabled" : "Enabled",
            MonitorStatus = properties?.EndpointMonitorStatus,
            AlwaysServe = Is(properties?.AlwaysServe, "Enabled"),
            Priority = properties?.Priority,
            Weight = properties?.Weight,
        };
    }

    private static string TypeOf(EndpointWire wire)
    {
        var words = ((wire.Type ?? "") + "/" + (wire.Id ?? "")).Split('/');
        foreach (var type in (ReadOnlySpan<string>)["ExternalEndpoints", "AzureEndpoints", "NestedEndpoints"])
            if (Array.Exists(words, word => Is(word, type))) return type;
        return "ExternalEndpoints";
    }

    /// <summary>For example <c>HTTPS:443/healthz every 30 s, timeout 5 s, 3 tolerated</c>; Azure's defaults stand in for what it leaves out.</summary>
    private static string? Describe(MonitorConfigWire? monitor) => monitor?.Protocol is null
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"{monitor.Protocol}:{monitor.Port}{monitor.Path} every {monitor.IntervalInSeconds ?? 30} s, timeout {monitor.TimeoutInSeconds ?? 10} s, {monitor.ToleratedNumberOfFailures ?? 3} tolerated");
}
