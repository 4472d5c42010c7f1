using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Azure;

namespace Highflame.Dr.Engine.Binding;

/// <summary>A private endpoint that leads to a database server.</summary>
/// <param name="Id">Resource id.</param>
/// <param name="ServerId">The server behind it.</param>
/// <param name="Status">Approved, Pending, Rejected, Disconnected.</param>
/// <param name="Address">Its address, where its document tells it.</param>
/// <param name="NetworkInterfaceId">Its network interface, which tells the address too.</param>
/// <param name="State">Azure's provisioningState.</param>
internal sealed record EndpointSeen(string Id, string ServerId, string Status, string? Address, string? NetworkInterfaceId, string? State);

/// <summary>Azure's documents of private endpoints. Pure.</summary>
internal static class BindingDocuments
{
    /// <summary>Null for one that leads to no flexible server.</summary>
    public static EndpointSeen? Endpoint(JsonElement document)
    {
        if (Text(document, "id") is not { } id || Connection(document) is not { } connection) return null;
        var server = Text(connection, "properties", "privateLinkServiceId");
        if (AzureId.TryParse(server) is not { } target || !AzureId.IsOfType(target, AzureId.FlexibleServer)) return null;
        var address = Items(document, "properties", "customDnsConfigs").SelectMany(c => Items(c, "ipAddresses")).Select(a => a.GetString()).FirstOrDefault();
        var card = Items(document, "properties", "networkInterfaces").Select(n => Text(n, "id")).FirstOrDefault();
        return new(id, server!, Text(connection, "properties", "privateLinkServiceConnectionState", "status") ?? "Unknown", address, card, Text(document, "properties", "provisioningState"));
    }

    /// <summary>First private address of a network interface.</summary>
    public static string? AddressOf(JsonElement networkInterface) => Items(networkInterface, "properties", "ipConfigurations").Select(c => Text(c, "properties", "privateIPAddress")).FirstOrDefault(a => a is not null);

    /// <summary>A private endpoint to another server, in the subnet of one that is there: a private endpoint cannot be pointed elsewhere.</summary>
    public static JsonObject EndpointBody(JsonElement model, string name, string serverId)
    {
        var connection = Connection(model)!.Value;
        var body = new JsonObject
        {
            ["location"] = Text(model, "location"),
            ["properties"] = new JsonObject
            {
                ["subnet"] = new JsonObject { ["id"] = Text(model, "properties", "subnet", "id") },
                ["privateLinkServiceConnections"] = new JsonArray(new JsonObject
                {
                    ["name"] = name,
                    ["properties"] = new JsonObject
                    {
                        ["privateLinkServiceId"] = serverId,
                        ["groupIds"] = new JsonArray([.. Items(connection, "properties", "groupIds").Select(g => (JsonNode?)g.GetString())]),
                    },
                }),
            },
        };
        if (Node(model, "tags") is { ValueKind: JsonValueKind.Object } tags) body["tags"] = JsonNode.Parse(tags.GetRawText());
        return body;
    }

    /// <summary>A DNS zone group with the same zones as another endpoint's: Azure then keeps the server's record in them.</summary>
    public static JsonObject ZoneGroupBody(JsonElement group) => new()
    {
        ["properties"] = new JsonObject
        {
            ["privateDnsZoneConfigs"] = new JsonArray(
            [
                .. Items(group, "properties", "privateDnsZoneConfigs").Select(c => (JsonNode)new JsonObject
                {
                    ["name"] = Text(c, "name"),
                    ["properties"] = new JsonObject { ["privateDnsZoneId"] = Text(c, "properties", "privateDnsZoneId") },
                }),
            ]),
        },
    };

    public static string? Text(JsonElement element, params string[] path) => Node(element, path) is { ValueKind: JsonValueKind.String } found ? found.GetString() : null;

    private static JsonElement? Connection(JsonElement document) =>
        Items(document, "properties", "privateLinkServiceConnections").Concat(Items(document, "properties", "manualPrivateLinkServiceConnections")).Select(c => (JsonElement?)c).FirstOrDefault();

    private static IEnumerable<JsonElement> Items(JsonElement element, params string[] path) => Node(element, path) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    private static JsonElement? Node(JsonElement element, params string[] path)
    {
        foreach (var name in path)
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return null;
        return element;
    }
}
