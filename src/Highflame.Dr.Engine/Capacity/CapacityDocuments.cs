using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Capacity;

/// <summary>
/// Azure's documents of the resources that are scaled: read, and changed for a PUT. A PUT replaces a resource whole, so only what changes is touched: members
/// that this product has never heard of (zones and the like) go back as they came.
/// </summary>
internal static class CapacityDocuments
{
    /// <summary>Members of a pool that Azure sets. Sent back, they would ask for what is no longer so.</summary>
    private static readonly string[] s_poolReadOnly = ["provisioningState", "currentOrchestratorVersion", "nodeImageVersion", "eTag", "status"];

    private static readonly string[] s_busy = ["Updating", "Scaling", "Creating", "Starting", "Stopping", "Deleting", "Upgrading", "UpgradingNodeImageVersion", "Canceling", "Linking", "Unlinking", "Provisioning", "ConfiguringAAD"];

    public static PoolSeen Pool(JsonElement document, string cluster)
    {
        var name = Text(document, "name") ?? throw Malformed(cluster, "name");
        var scaled = Node(document, "properties", "enableAutoScaling") is { ValueKind: JsonValueKind.True };
        return new(
            $"{cluster}/agentPools/{name}", name, Text(document, "properties", "vmSize") ?? "", Text(document, "properties", "mode") == "System",
            Text(document, "properties", "powerState", "code") != "Stopped", Whole(document, "properties", "count") ?? 0,
            scaled ? Whole(document, "properties", "minCount") ?? 0 : null, scaled ? Whole(document, "properties", "maxCount") ?? 0 : null);
    }

    public static GatewaySeen Gateway(JsonElement document, string id) => new(
        id, Text(document, "name") ?? AzureId.NameOf(id), Text(document, "properties", "sku", "tier") ?? "",
        Whole(document, "properties", "autoscaleConfiguration", "minCapacity"), Whole(document, "properties", "autoscaleConfiguration", "maxCapacity"),
        Node(document, "properties", "autoscaleConfiguration") is null ? Whole(document, "properties", "sku", "capacity") : null);

    public static CacheSeen Cache(JsonElement document, string id) => new(
        id, Text(document, "name") ?? AzureId.NameOf(id), Text(document, "properties", "sku", "name") ?? throw Malformed(id, "properties.sku.name"), Whole(document, "properties", "sku", "capacity") ?? 0);

    /// <summary>True while Azure works on the resource.</summary>
    public static bool IsBusy(JsonElement document) => Array.Exists(s_busy, b => b.Equals(Text(document, "properties", "provisioningState"), StringComparison.OrdinalIgnoreCase));

    /// <summary>A pool's document with another size, or another power state alone: a pool that is stopped takes no size.</summary>
    public static JsonObject WithPool(JsonElement document, PoolCapacity target, string step)
    {
        var properties = Copy(document, "properties");
        foreach (var name in s_poolReadOnly) properties.Remove(name);
        if (step is CapacitySteps.StartPool or CapacitySteps.StopPool)
        {
            properties["powerState"] = new JsonObject { ["code"] = step == CapacitySteps.StartPool ? "Running" : "Stopped" };
        }
        else
        {
            properties["count"] = target.Count;
            if (target.Min is { } least)
            {
                properties["enableAutoScaling"] = true;
                properties["minCount"] = least;
                properties["maxCount"] = target.Max;
            }
        }

        return new() { ["properties"] = properties };
    }

    /// <summary>A gateway's document with other capacity units.</summary>
    public static JsonObject WithGateway(JsonElement document, GatewayCapacity target)
    {
        var body = (JsonObject)JsonNode.Parse(document.GetRawText())!;
        var properties = (JsonObject)body["properties"]!;
        if (properties["autoscaleConfiguration"] is null && target.Max is null)
        {
            ((JsonObject)properties["sku"]!)["capacity"] = target.Min;
            return body;
        }

        ((JsonObject)properties["sku"]!).Remove("capacity");
        var scale = properties["autoscaleConfiguration"] as JsonObject ?? [];
        scale["minCapacity"] = target.Min;
        if (target.Max is { } most) scale["maxCapacity"] = most;
        properties["autoscaleConfiguration"] = scale;
        return body;
    }

    public static IEnumerable<CoreUsage> Usages(IEnumerable<JsonElement> documents) =>
        from d in documents
        let name = Text(d, "name", "value")
        where name is not null
        select new CoreUsage(name, Long(d, "currentValue"), Long(d, "limit"));

    public static IEnumerable<VmSize> Sizes(IEnumerable<JsonElement> documents) =>
        (from d in documents
         where Text(d, "resourceType") == "virtualMachines"
         let name = Text(d, "name")
         let family = Text(d, "family")
         let cores = CapabilityOf(d, "vCPUs")
         where name is not null && family is not null && cores > 0
         select new VmSize(name, family, cores, RestrictionOf(d))).DistinctBy(s => s.Name, StringComparer.OrdinalIgnoreCase);

    public static string? Text(JsonElement element, params string[] path) => Node(element, path) is { ValueKind: JsonValueKind.String } found ? found.GetString() : null;

    private static int CapabilityOf(JsonElement sku, string name) =>
        Items(sku, "capabilities").Where(c => Text(c, "name") == name).Select(c => int.TryParse(Text(c, "value"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : 0).FirstOrDefault();

    private static string? RestrictionOf(JsonElement sku) =>
        Items(sku, "restrictions").Where(r => Text(r, "type") == "Location").Select(r => Text(r, "reasonCode") ?? "restricted").FirstOrDefault();

    private static IEnumerable<JsonElement> Items(JsonElement element, string name) => Node(element, name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    private static JsonObject Copy(JsonElement document, string member) => (JsonObject)JsonNode.Parse(Node(document, member)!.Value.GetRawText())!;

    private static int? Whole(JsonElement element, params string[] path) => Node(element, path) is { ValueKind: JsonValueKind.Number } found && found.TryGetInt32(out var value) ? value : null;

    private static long Long(JsonElement element, string name) => Node(element, name) is { ValueKind: JsonValueKind.Number } found && found.TryGetInt64(out var value) ? value : 0;

    private static JsonElement? Node(JsonElement element, params string[] path)
    {
        foreach (var name in path)
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return null;
        return element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null : element;
    }

    private static DrException Malformed(string target, string member) => new(
        "HfArmAnswerMalformed", DrErrorKind.MalformedData, $"Azure's document has no {member}.", target, "Check that no proxy answers in Azure's place, and that this version of the module is current.");
}
