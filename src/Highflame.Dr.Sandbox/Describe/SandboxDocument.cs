using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Describe;

/// <summary>Writes docs/sandbox.md: what is real, emulated and different, from the catalogue that the router works with, and the settings from their own types.</summary>
internal static class SandboxDocument
{
    public static string Write()
    {
        var text = new StringBuilder();
        text.Append(Introduction);
        foreach (var group in RouteCatalog.Groups) Append(text, group);
        text.Append("\n## What Azure does otherwise everywhere\n\n");
        foreach (var line in Everywhere) text.Append(CultureInfo.InvariantCulture, $"* {line}\n");
        text.Append("\n## Other endpoints\n\n| Endpoint | Behind it | What Azure does otherwise |\n|---|---|---|\n");
        foreach (var (endpoint, behind, differs) in Others) text.Append(CultureInfo.InvariantCulture, $"| {endpoint} | {behind} | {differs} |\n");
        text.Append("\n## Settings\n\nBoth files lie in the sandbox's directory and can be edited while it runs.\n");
        AppendSettings(text, "behaviour.json", "Where Azure's behaviour is not certain, or differs between versions, this says what the sandbox does.", new Behaviour(), "Meaning");
        AppendSettings(text, "durations.json", "Modelled durations in seconds, divided by the time scale; at time scale 0 nothing is waited for.", new Durations(), null);
        return text.ToString();
    }

    private const string Introduction = """
        # The sandbox, operation by operation

        <!-- Written by `build.ps1 Docs` from the sandbox itself (Highflame.Dr.Sandbox --describe). Do not edit. -->

        The sandbox answers Azure Resource Manager's REST calls on loopback. The tables name every operation that it answers; whatever is not here is
        refused (405, or 404 outside of a provider). The answers are checked against Microsoft's API documents on every test run.

        * **real**: a real process does it: PostgreSQL, the name server, the gateways.
        * **emulated**: Azure's rules, states and durations are played; nothing else changes.
        * **document**: stored and given back; nothing stands behind it.

        In the paths, `S` stands for `/subscriptions/{subscription}` and `G` for `S/resourceGroups/{group}`.

        """;

    private static readonly string[] Everywhere =
    [
        "One tenant, one subscription. Any other subscription is not found (404).",
        "Only eastus and westus have anything behind them; a lost region answers 503 ServiceUnavailable, global resources and ARM's own lists go on.",
        "Requests are limited only where `throttling` is on. The buckets are those that Azure documents; recorded traffic shows larger ones.",
        "A change is seen at once by every reader. Azure's caches lag by seconds to minutes.",
        "Messages of errors are like Azure's, not always the same. Codes and statuses are what clients should look at.",
        "Policies, deployments, activity log, Resource Graph and cost are not there.",
    ];

    private static readonly (string Endpoint, string Behind, string Differs)[] Others =
    [
        ("Sign-in: OpenID configuration, instance discovery, `/{tenant}/oauth2/v2.0/token`", "emulated: real signed tokens, checked for issuer, audience and lifetime", "No users, no conditional access."),
        ("Managed identity in both forms: IMDS and App Service", "emulated", "IMDS is not at 169.254.169.254; AZURE_POD_IDENTITY_AUTHORITY_HOST leads to it."),
        ("Key Vault's secrets and certificates, one host name for each vault", "real: get, set, list, versions, enabled and expiry; the applications read their database secrets from it", "Certificates can be listed, read, imported and disabled, not issued. No backups; of keys (the one behind each server) only their attributes: enabled, expiry."),
        ("DNS on UDP and TCP", "real: answers for Traffic Manager, servers, endpoints and gateways", "No caches between it and the client."),
        ("Databases", "real: PostgreSQL with TLS, streaming between the regions over a link that can be cut, slowed or delayed", "The administrator has the rights that Azure gives; extensions are those of the local installation."),
        ("Gateways and applications", "real: HTTPS reverse proxies with an application behind each", "One process each."),
        ("Control API", "real: faults, load, status", "There is none in Azure."),
    ];

    private static void Append(StringBuilder text, RouteGroup group)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## {group.Title}\n\nApi-versions: {string.Join(", ", group.Versions)}\n\n");
        text.Append("| Operation | Behind it | What happens | What Azure does otherwise |\n|---|---|---|---|\n");
        foreach (var route in group.Routes)
            text.Append(CultureInfo.InvariantCulture, $"| {string.Join(", ", route.Verbs)} `{Short(route.Path)}` | {route.Substance.ToString().ToLowerInvariant()} | {route.Behind} | {route.Differs} |\n");
    }

    private static string Short(string path) => path
        .Replace("/subscriptions/{subscription}/resourceGroups/{group}/", "G/", StringComparison.Ordinal)
        .Replace("/subscriptions/{subscription}/", "S/", StringComparison.Ordinal)
        .Replace("/providers/Microsoft.", "/…/Microsoft.", StringComparison.Ordinal);

    private static void AppendSettings<T>(StringBuilder text, string file, string about, T defaults, string? meaning)
        where T : notnull
    {
        text.Append(CultureInfo.InvariantCulture, $"\n### {file}\n\n{about}\n\n| Setting | Default |{(meaning is null ? "" : $" {meaning} |")}\n|---|---|{(meaning is null ? "" : "---|")}\n");
        var words = meaning is null ? null : Summaries(typeof(T));
        foreach (var property in typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var value = property.GetValue(defaults) switch
            {
                null => "none",
                bool flag => flag ? "true" : "false",
                var other => Convert.ToString(other, CultureInfo.InvariantCulture),
            };
            text.Append(CultureInfo.InvariantCulture, $"| `{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}` | {value} |{(words is null ? "" : $" {words[property.Name]} |")}\n");
        }
    }

    /// <summary>The summaries of a type's properties, from the documentation file beside the program.</summary>
    private static Dictionary<string, string> Summaries(Type type)
    {
        var prefix = $"P:{type.FullName}.";
        return XDocument.Load(Path.Combine(AppContext.BaseDirectory, "Highflame.Dr.Sandbox.xml")).Descendants("member")
            .Where(m => m.Attribute("name")!.Value.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(
                m => m.Attribute("name")!.Value[prefix.Length..],
                m => string.Join(' ', m.Element("summary")!.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
                StringComparer.Ordinal);
    }
}
