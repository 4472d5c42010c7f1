using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Notifications;
using Highflame.Dr.Engine.Parity;
using Highflame.Dr.Engine.Tags;
using Highflame.Dr.Engine.Traffic;
using Highflame.Dr.Parity;
using Highflame.Dr.Topology;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Highflame.Dr.Engine.Topology;

/// <summary>What a schema cannot say: that the parts of a region-pair file belong together.</summary>
internal static class PairFileRules
{
    public static IEnumerable<PairFileProblem> Check(JObject document)
    {
        var subscription = Text(document, "subscriptionId");
        var locations = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            var region = $"regions[{i}]";
            var location = AzureLocation.Normalize(Text(document, $"{region}.location"));
            if (locations.Contains(location)) yield return At(document, $"{region}.location", $"both regions are '{location}'. Expected: two different locations.");
            locations.Add(location);
            if (EndpointTarget.TryRead(Text(document, $"{region}.gatewayTarget"), out _) is { } problem)
                yield return At(document, $"{region}.gatewayTarget", $"{problem} Expected: an FQDN or an IP address.");
            if (document.SelectToken($"{region}.gatewayId")?.Type == JTokenType.String
                && CheckId(Text(document, $"{region}.gatewayId"), "Microsoft.Network/applicationGateways", subscription) is { } wrong)
                yield return At(document, $"{region}.gatewayId", wrong);
            if (document.SelectToken($"{region}.databaseVaultId")?.Type == JTokenType.String
                && CheckId(Text(document, $"{region}.databaseVaultId"), "Microsoft.KeyVault/vaults", subscription) is { } noVault)
                yield return At(document, $"{region}.databaseVaultId", noVault);
        }
        if (EndpointTarget.TryRead(Text(document, "regions[0].gatewayTarget"), out var one) is null && one.SameAs(Text(document, "regions[1].gatewayTarget")))
            yield return At(document, "regions[1].gatewayTarget", "both regions have the same gateway target. Expected: each region's own.");
        if (CheckId(Text(document, "traffic.profileId"), AzureId.TrafficProfile, subscription) is { } profile)
            yield return At(document, "traffic.profileId", profile);
        foreach (var problem in CheckDifferences(document, locations).Concat(CheckTags(document))) yield return problem;
        foreach (var capacity in CheckCapacity(document, subscription, locations)) yield return capacity;
        foreach (var problem in Watching(document)) yield return problem;
    }

    private static IEnumerable<PairFileProblem> CheckCapacity(JObject document, string subscription, List<string> locations)
    {
        var seen = new HashSet<string>();
        foreach (var region in document.SelectToken("capacity.regions")?.Children<JObject>() ?? [])
        {
            var location = AzureLocation.Normalize((string?)region["location"]);
            if (!locations.Contains(location)) yield return At(document, $"{region.Path}.location", $"'{location}' is no region of this pair. Expected: {string.Join(" or ", locations)}.");
            else if (!seen.Add(location)) yield return At(document, $"{region.Path}.location", $"'{location}' is named twice. Expected: each region once.");
            foreach (var (member, type) in ((string, string)[])[("clusterId", "Microsoft.ContainerService/managedClusters"), ("cacheId", "Microsoft.Cache/redis")])
                if (region[member]?.Type == JTokenType.String && CheckId((string)region[member]!, type, subscription) is { } wrong) yield return At(document, $"{region.Path}.{member}", wrong);
            foreach (var role in (string[])["active", "passive"])
                foreach (var problem in CheckRole(document, region[role] as JObject)) yield return problem;
        }
    }

    private static IEnumerable<PairFileProblem> CheckRole(JObject document, JObject? role)
    {
        var names = new HashSet<string>();
        foreach (var pool in role?["pools"]?.Children<JObject>() ?? [])
        {
            if (!names.Add((string?)pool["name"] ?? "")) yield return At(document, $"{pool.Path}.name", $"pool '{pool["name"]}' is named twice. Expected: each pool once.");
            int? least = (int?)pool["min"], most = (int?)pool["max"], count = (int?)pool["count"];
            if (least is null != most is null) yield return At(document, pool.Path, "min and max belong together. Expected: both, or neither.");
            if (least > most) yield return At(document, $"{pool.Path}.min", $"min {least} is above max {most}. Expected: at most {most}.");
            if (count < least || count > most) yield return At(document, $"{pool.Path}.count", $"count {count} is not within min {least} and max {most}.");
            if ((bool?)pool["running"] == false && (count ?? least) is not null) yield return At(document, $"{pool.Path}.running", "a stopped pool has no size. Expected: running false alone.");
        }

        if ((int?)role?.SelectToken("gateway.min") > (int?)role?.SelectToken("gateway.max"))
            yield return At(document, $"{role!.Path}.gateway.min", "min is above max. Expected: at most max.");
        if (role?["cache"] is JObject cache && (int)cache["capacity"]! is var size && ((string?)cache["sku"] == "Premium" ? size is < 1 or > 5 : size is < 0 or > 6))
            yield return At(document, $"{cache.Path}.capacity", $"capacity {size} does not exist. Expected: 0 to 6 of Basic and Standard, 1 to 5 of Premium.");
    }

    private static IEnumerable<PairFileProblem> Watching(JObject document)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var points = (document.SelectToken("watch.vantagePoints") as JArray)?.Count ?? 0;
        for (var i = 0; i < points; i++)
        {
            var point = $"watch.vantagePoints[{i}]";
            if (!names.Add(Text(document, $"{point}.name"))) yield return At(document, $"{point}.name", "another vantage point has this name. Expected: names that differ, for each place is one witness.");
            if (!IsHttps(Text(document, $"{point}.url").Replace("{location}", "x", StringComparison.Ordinal).Replace("{target}", "x", StringComparison.Ordinal)))
                yield return At(document, $"{point}.url", "this is no https URL. Expected: https://HOST/PATH, with {location} and {target} where they are wanted.");
        }
        var checks = (document.SelectToken("watch.selfCheck") as JArray)?.Count ?? 0;
        for (var i = 0; i < checks; i++)
            if (!IsHttps(Text(document, $"watch.selfCheck[{i}]"))) yield return At(document, $"watch.selfCheck[{i}]", "this is no https URL. Expected: https://HOST/PATH.");
        var hooks = (document.SelectToken("notifications.webhooks") as JArray)?.Count ?? 0;
        for (var i = 0; i < hooks; i++)
        {
            var hook = $"notifications.webhooks[{i}].url";
            if (!WebhookUrl.IsAllowed(Text(document, hook))) yield return At(document, hook, "notices do not go out in clear. Expected: an https URL, an http URL of this computer (127.0.0.1, ::1, localhost), or env:NAME.");
        }
        if (document.SelectToken("notifications.applicationInsights")?.Type == JTokenType.String && InsightsTarget.Problem(Text(document, "notifications.applicationInsights")) is { } wrong)
            yield return At(document, "notifications.applicationInsights", wrong);
    }

    private static bool IsHttps(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.Host.Length > 0;

    /// <summary>Each declared difference is one that a comparison can find, and no two may mean the same drift.</summary>
    private static IEnumerable<PairFileProblem> CheckDifferences(JObject document, List<string> locations)
    {
        var known = new List<DeclaredDifference>();
        for (var i = 0; document.SelectToken($"differences[{i}]") is JObject; i++)
        {
            var at = $"differences[{i}]";
            var one = new DeclaredDifference { Type = Text(document, $"{at}.type"), Name = (string?)document.SelectToken($"{at}.name"), Property = Text(document, $"{at}.property"), Reason = Text(document, $"{at}.reason") };
            if (!Catalogue.Shipped.Knows(one.Type) && one.Property != Catalogue.Whole)
                yield return At(document, $"{at}.type", $"'{one.Type}' is not compared. Expected: a type of docs/parity.md, or the property {Catalogue.Whole}.");
            else if (one.Property != Catalogue.Whole && !Catalogue.Shipped.RulesOf(one.Type).Rules.Any(r => Declarations.GlobsMeet(TypeRules.Pattern(one.Property), r.Key)))
                yield return At(document, $"{at}.property", $"{one.Type} has no property '{one.Property}' in the catalogue. Expected: a property of docs/parity.md.");
            for (var j = 0; j < known.Count; j++)
                if (Declarations.Overlap(known[j], one)) yield return At(document, at, $"it declares the same drift as differences[{j}]. Expected: each drift declared once.");
            known.Add(one);
            foreach (var value in (document.SelectToken($"{at}.values") as JObject)?.Properties() ?? [])
                if (!locations.Contains(AzureLocation.Normalize(value.Name))) yield return At(document, $"{at}.values['{value.Name}']", $"'{value.Name}' is no location of the pair. Expected: {string.Join(" or ", locations)}.");
        }
    }

    /// <summary>Azure's rules of tags, and the ones that are not for this product to change.</summary>
    private static IEnumerable<PairFileProblem> CheckTags(JObject document) =>
        (document.SelectToken("tags") as JObject)?.Properties().Select(p => (p.Name, Problem: TagRules.Check(p.Name, (string?)p.Value ?? ""))).Where(t => t.Problem is not null).Select(t => At(document, $"tags['{t.Name}']", t.Problem!)) ?? [];

    private static string? CheckId(string text, string type, string subscription)
    {
        var expected = $"Expected: /subscriptions/{subscription}/resourceGroups/GROUP/providers/{type}/NAME.";
        if (AzureId.TryParse(text) is not { } id) return $"'{text}' is not a resource id. {expected}";
        if (!AzureId.IsOfType(id, type)) return $"it is the id of a {id.ResourceType}. {expected}";
        return id.SubscriptionId!.Equals(subscription, StringComparison.OrdinalIgnoreCase) ? null : $"it belongs to subscription {id.SubscriptionId}. {expected}";
    }

    private static string Text(JObject document, string member) => (string?)document.SelectToken(member) ?? "";

    private static PairFileProblem At(JObject document, string member, string text)
    {
        var line = document.SelectToken(member) as IJsonLineInfo;
        return new(Math.Max(1, line?.LineNumber ?? 1), Math.Max(1, line?.LinePosition ?? 1), member, text);
    }
}
