using System.Text.Json;

namespace Highflame.Dr.Sandbox.Tests.Contract;

/// <summary>An example that ships with a document: the operation's parameters and its answers.</summary>
internal sealed record ApiExample(ApiOperation Operation, string Name, JsonElement Content)
{
    /// <summary>All examples of all documents that are here.</summary>
    public static IReadOnlyList<ApiExample> All { get; } = [.. ApiLibrary.All.Operations.SelectMany(Named), .. Loose()];

    public JsonElement Parameters => Content.GetProperty("parameters");

    /// <summary>Parameter values in the path by name.</summary>
    public string? Text(string parameter) =>
        Parameters.EnumerateObject().FirstOrDefault(p => p.Name.Equals(parameter, StringComparison.OrdinalIgnoreCase)).Value is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>The request's body; undefined when the operation has none.</summary>
    public JsonElement Body =>
        Operation.Parameters.FirstOrDefault(p => p.Text("in") == "body")?.Text("name") is { } name
            ? Parameters.EnumerateObject().FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value
            : default;

    public IEnumerable<(int Status, JsonElement Body)> Answers() => Content.GetProperty("responses").EnumerateObject()
        .Where(r => int.TryParse(r.Name, out _))
        .Select(r => (int.Parse(r.Name, System.Globalization.CultureInfo.InvariantCulture), r.Value.TryGetProperty("body", out var body) ? body : default));

    private static IEnumerable<ApiExample> Named(ApiOperation operation) =>
        from example in operation.Place.Child("x-ms-examples")?.Members() ?? []
        select new ApiExample(operation, example.Name, example.Place.Resolved().Element);

    /// <summary>Examples that lie beside a document which does not name them.</summary>
    private static IEnumerable<ApiExample> Loose()
    {
        foreach (var document in ApiLibrary.All.Operations.Select(o => o.Document).Distinct().Where(d => d.Derived))
        {
            var folder = Path.Combine(Path.GetDirectoryName(document.Path)!, "examples");
            if (!Directory.Exists(folder)) continue;
            foreach (var path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
            {
                var content = JsonDocument.Parse(File.ReadAllText(path)).RootElement;
                var id = content.TryGetProperty("operationId", out var text) ? text.GetString() : null;
                if (ApiLibrary.All.Operations.Find(o => o.Document == document && o.Id == id) is { } operation) yield return new ApiExample(operation, Path.GetFileNameWithoutExtension(path), content);
            }
        }
    }
}
