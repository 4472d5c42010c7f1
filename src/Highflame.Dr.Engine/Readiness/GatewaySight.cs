using System.Text.Json;
using static Highflame.Dr.Engine.Azure.AzureWord;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>A listener of an application gateway.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Https">True for protocol Https.</param>
/// <param name="Hosts">Host names it answers for, wildcards included; empty means every host.</param>
/// <param name="Routed">True when a rule leads from it to somewhere.</param>
internal sealed record GatewayListener(string Name, bool Https, IReadOnlyList<string> Hosts, bool Routed)
{
    /// <summary>True when it answers for a host: by name, by wildcard, or for all.</summary>
    public bool Serves(string host) => Hosts.Count == 0 || Hosts.Any(h => h.Equals(host, StringComparison.OrdinalIgnoreCase)
        || (h.StartsWith("*.", StringComparison.Ordinal) && host.EndsWith(h[1..], StringComparison.OrdinalIgnoreCase)));
}

/// <summary>An application gateway as it is now, whoever wrote it.</summary>
internal sealed record GatewaySight(string Name, string? OperationalState, IReadOnlyList<GatewayListener> Listeners)
{
    /// <summary>Public hosts with an HTTPS listener and a rule; wildcards name no host.</summary>
    public IEnumerable<string> Hosts => Listeners.Where(l => l is { Https: true, Routed: true }).SelectMany(l => l.Hosts).Where(h => !h.Contains('*', StringComparison.Ordinal)).Distinct(StringComparer.OrdinalIgnoreCase);

    public bool Serves(string host) => Listeners.Any(l => l is { Https: true, Routed: true } && l.Serves(host));

    public static GatewaySight From(JsonElement document, string name)
    {
        var properties = Child(document, "properties");
        var routed = Items(properties, "requestRoutingRules").Select(r => Text(Child(Child(r, "properties"), "httpListener"), "id")).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new(name, Text(properties, "operationalState"), [.. Items(properties, "httpListeners").Select(l => Listener(l, routed))]);
    }

    private static GatewayListener Listener(JsonElement listener, HashSet<string> routed)
    {
        var properties = Child(listener, "properties");
        string[] hosts = [.. Items(properties, "hostNames").Where(h => h.ValueKind == JsonValueKind.String).Select(h => h.GetString()!).Append(Text(properties, "hostName") ?? "").Where(h => h.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)];
        var id = Text(listener, "id") ?? "";
        return new(Text(listener, "name") ?? id, Is(Text(properties, "protocol"), "Https"), hosts, routed.Contains(id));
    }

    private static JsonElement Child(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var child) ? child : default;

    private static IEnumerable<JsonElement> Items(JsonElement element, string name) => Child(element, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    private static string? Text(JsonElement element, string name) => Child(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}

/// <summary>The certificate that a gateway shows for a host.</summary>
/// <param name="Subject">Its subject.</param>
/// <param name="From">Valid from.</param>
/// <param name="Until">Valid until.</param>
/// <param name="Trouble">Why it is not trusted for the host, its dates apart; null when it is.</param>
internal sealed record CertificateSight(string Subject, DateTimeOffset From, DateTimeOffset Until, string? Trouble);

/// <summary>One public host at the gateway of the region that shall take over.</summary>
internal sealed record HostSight(string Host)
{
    public Planning.Glimpse<CertificateSight> Certificate { get; init; }

    public Planning.Glimpse<Health.HealthVerdict> Health { get; init; }
}
