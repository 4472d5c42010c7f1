using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm.Documents;

/// <summary>Child types that Azure keeps inside their parent's document.</summary>
/// <param name="Type">Child type below its namespace.</param>
/// <param name="Array">Member of the parent's properties that holds the children.</param>
/// <param name="Wrapped">True when a child in the array has properties of its own; false when its members lie flat beside its name (agent pools).</param>
/// <param name="Typed">False for the one whose document says no type.</param>
internal sealed record EmbeddedChildren(string Type, string Array, bool Wrapped, bool Typed = true)
{
    private static readonly EmbeddedChildren[] s_all =
    [
        new("virtualNetworks/subnets", "subnets", true),
        new("networkSecurityGroups/securityRules", "securityRules", true),
        new("privateEndpoints/privateDnsZoneGroups", "privateDnsZoneGroups", true, Typed: false),
        new("managedClusters/agentPools", "agentPoolProfiles", false),
    ];

    public static EmbeddedChildren? Find(string typePath) => System.Array.Find(s_all, c => ArmPath.Same(c.Type, typePath));

    public IReadOnlyList<JsonObject> In(StoredResource parent) =>
        [.. (parent.Document.At($"properties.{Array}") as JsonArray ?? []).OfType<JsonObject>().Select(c => Show(parent, c))];

    /// <summary>Puts a child into its parent; true when it is new.</summary>
    public bool Put(JsonObject parent, string name, JsonObject body)
    {
        var entry = Wrapped ? new JsonObject { ["properties"] = body["properties"]?.DeepClone() ?? new JsonObject() } : (JsonObject)(body["properties"]?.DeepClone() ?? new JsonObject());
        entry["name"] = name;
        // Read-only: it follows the parent's.
        (Wrapped ? entry.Child("properties") : entry).Remove("provisioningState");
        var list = parent.Child("properties")[Array] as JsonArray;
        if (list is null) parent.Child("properties")[Array] = list = [];
        var known = Entry(list, name);
        if (known is null)
        {
            list.Add(entry);
            return true;
        }

        list[list.IndexOf(known)] = entry;
        return false;
    }

    public bool Remove(JsonObject parent, string name) =>
        parent.At($"properties.{Array}") is JsonArray list && Entry(list, name) is { } known && list.Remove(known);

    private static JsonNode? Entry(JsonArray list, string name) => list.FirstOrDefault(c => ArmPath.Same(c.Text("name"), name));

    private JsonObject Show(StoredResource parent, JsonObject child)
    {
        var properties = (JsonObject)(Wrapped ? child["properties"]?.DeepClone() ?? new JsonObject() : child.DeepClone());
        if (!Wrapped) properties.Remove("name");
        properties["provisioningState"] ??= parent.Document.Text("properties.provisioningState") ?? "Succeeded";
        var shown = new JsonObject { ["id"] = $"{parent.Id}/{Type.Split('/')[1]}/{child.Text("name")}", ["name"] = child.Text("name") };
        if (Typed) shown["type"] = $"{parent.Type}/{Type.Split('/')[1]}";
        shown["properties"] = properties;
        return shown;
    }
}
