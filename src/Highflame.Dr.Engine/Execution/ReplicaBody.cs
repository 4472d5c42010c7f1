using System.Text.Json;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Engine.Execution;

/// <summary>
/// The body of the PUT that creates a replica. Azure copies nothing by itself that a source has beyond its data: tags, size and storage are sent like the source's.
/// Administrator, password and version are inherited and must not be sent. Pure.
/// </summary>
internal static class ReplicaBody
{
    /// <param name="source">Azure's document of the primary.</param>
    /// <param name="previous">Azure's document of a server that was at the location before; its customer-managed key is one that region can use.</param>
    /// <param name="location">Where the replica shall be.</param>
    /// <param name="tags">Tags; null takes the source's.</param>
    /// <returns>The body, and a warning where the source's encryption cannot be given to the replica.</returns>
    public static (JsonObject Body, string? Warning) Build(JsonElement source, JsonElement? previous, string location, IReadOnlyDictionary<string, string>? tags)
    {
        var properties = new JsonObject { ["createMode"] = "Replica", ["sourceServerResourceId"] = Text(source, "id") };
        var body = new JsonObject { ["location"] = location, ["properties"] = properties };
        var wanted = tags is not null ? JsonSerializer.SerializeToNode(tags) : Copy(source, "tags");
        if (wanted is JsonObject { Count: > 0 }) body["tags"] = wanted;
        if (Text(source, "sku", "name") is { } name && Text(source, "sku", "tier") is { } tier) body["sku"] = new JsonObject { ["name"] = name, ["tier"] = tier };
        if (Storage(source) is { Count: > 0 } storage) properties["storage"] = storage;
        if (string.Equals(Text(source, "properties", "network", "publicNetworkAccess"), "Disabled", StringComparison.OrdinalIgnoreCase))
            properties["network"] = new JsonObject { ["publicNetworkAccess"] = "Disabled" };
        return (body, Encryption(source, previous, location, body, properties));
    }

    private static JsonObject Storage(JsonElement source)
    {
        var storage = new JsonObject();
        foreach (var member in (string[])["storageSizeGB", "autoGrow", "tier", "type"])
        {
            // Azure shows an empty type for the default one, and refuses it when it is sent back.
            if (Copy(source, "properties", "storage", member) is { } value && value.ToString().Length > 0) storage[member] = value;
        }

        return storage;
    }

    private static string? Encryption(JsonElement source, JsonElement? previous, string location, JsonObject body, JsonObject properties)
    {
        if (!UsesOwnKey(source)) return null;
        if (previous is not { } there || !UsesOwnKey(there))
            return $"The source is encrypted with a customer-managed key and no earlier server in {location} shows a key of that region. The replica is asked for without one.";
        var identities = new JsonObject();
        if (Node(there, "identity", "userAssignedIdentities") is { ValueKind: JsonValueKind.Object } known)
            foreach (var identity in known.EnumerateObject()) identities[identity.Name] = new JsonObject();
        body["identity"] = new JsonObject { ["type"] = "UserAssigned", ["userAssignedIdentities"] = identities };
        properties["dataEncryption"] = new JsonObject
        {
            ["type"] = "AzureKeyVault",
            ["primaryKeyURI"] = Text(there, "properties", "dataEncryption", "primaryKeyURI"),
            ["primaryUserAssignedIdentityId"] = Text(there, "properties", "dataEncryption", "primaryUserAssignedIdentityId"),
        };
        return null;
    }

    private static bool UsesOwnKey(JsonElement server) => string.Equals(Text(server, "properties", "dataEncryption", "type"), "AzureKeyVault", StringComparison.OrdinalIgnoreCase);

    private static JsonNode? Copy(JsonElement element, params string[] path) => Node(element, path) is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } found ? JsonNode.Parse(found.GetRawText()) : null;

    private static string? Text(JsonElement element, params string[] path) => Node(element, path) is { ValueKind: JsonValueKind.String } found ? found.GetString() : null;

    private static JsonElement? Node(JsonElement element, params string[] path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return null;
        }

        return element;
    }
}
