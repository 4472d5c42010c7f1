using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Inventory;

/// <summary>Reads the virtual endpoints of a primary.</summary>
internal static class VirtualEndpoints
{
    private const string Segment = "/virtualendpoints";

    public static async Task<IReadOnlyList<VirtualEndpoint>> OfAsync(IArm arm, string primaryId, CancellationToken cancellationToken) =>
        [.. (await arm.ListAsync(primaryId + Segment, ApiVersions.FlexibleServers, cancellationToken).ConfigureAwait(false)).Select(d => From(d, primaryId))];

    public static async Task<VirtualEndpoint?> TryGetAsync(IArm arm, string endpointId, CancellationToken cancellationToken) =>
        await arm.TryGetAsync(endpointId, ApiVersions.FlexibleServers, cancellationToken).ConfigureAwait(false) is { } document ? From(document, ServerOf(endpointId)) : null;

    public static string IdOf(string primaryId, string name) => $"{primaryId}{Segment}/{name}";

    /// <summary>The server that an endpoint's id names.</summary>
    public static string ServerOf(string endpointId) => string.Join('/', endpointId.TrimEnd('/').Split('/')[..^2]);

    public static VirtualEndpoint From(JsonElement document, string primaryId)
    {
        var name = Text(document, "name") ?? "";
        var properties = document.TryGetProperty("properties", out var inner) ? inner : default;
        string[] hosts = [.. Texts(properties, "virtualEndpoints")];
        return new()
        {
            Name = name,
            ResourceId = Text(document, "id") ?? IdOf(primaryId, name),
            Server = AzureId.NameOf(primaryId),
            ServerResourceId = primaryId,
            Reader = Texts(properties, "members").FirstOrDefault(),
            WriterHost = hosts.FirstOrDefault(h => h.Contains(".writer.", StringComparison.OrdinalIgnoreCase)),
            ReaderHost = hosts.FirstOrDefault(h => h.Contains(".reader.", StringComparison.OrdinalIgnoreCase)),
        };
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IEnumerable<string> Texts(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(v => v.GetString()).OfType<string>() : [];
}
