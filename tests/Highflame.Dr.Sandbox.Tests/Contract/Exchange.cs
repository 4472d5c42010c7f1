using System.Text.Json;

namespace Highflame.Dr.Sandbox.Tests.Contract;

/// <summary>One request and its answer, as the sandbox recorded them.</summary>
internal sealed record Exchange
{
    public required string Method { get; init; }

    public required string Path { get; init; }

    public required IReadOnlyDictionary<string, string> Query { get; init; }

    public required int Status { get; init; }

    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>Undefined when there was none.</summary>
    public JsonElement Request { get; init; }

    /// <summary>Undefined when there was none.</summary>
    public JsonElement Response { get; init; }

    public string Version => Query.GetValueOrDefault("api-version", "");

    public static Exchange Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        return new Exchange
        {
            Method = root.GetProperty("method").GetString()!,
            // ARM reads doubled and escaped slashes as one.
            Path = "/" + string.Join('/', root.GetProperty("path").GetString()!.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Split('/', StringSplitOptions.RemoveEmptyEntries)),
            Query = Map(root.GetProperty("query")),
            Status = root.GetProperty("status").GetInt32(),
            Headers = Map(root.GetProperty("headers")),
            Request = Body(root, "request"),
            Response = Body(root, "response"),
        };
    }

    private static Dictionary<string, string> Map(JsonElement element) =>
        element.EnumerateObject().GroupBy(p => p.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => g.First().Value.GetString() ?? "", StringComparer.OrdinalIgnoreCase);

    private static JsonElement Body(JsonElement root, string name) => root.TryGetProperty(name, out var body) && body.ValueKind != JsonValueKind.Null ? body.Clone() : default;
}
