using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Traffic;
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
        }
        if (EndpointTarget.TryRead(Text(document, "regions[0].gatewayTarget"), out var one) is null && one.SameAs(Text(document, "regions[1].gatewayTarget")))
            yield return At(document, "regions[1].gatewayTarget", "both regions have the same gateway target. Expected: each region's own.");
        if (CheckId(Text(document, "traffic.profileId"), AzureId.TrafficProfile, subscription) is { } profile)
            yield return At(document, "traffic.profileId", profile);
    }

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
