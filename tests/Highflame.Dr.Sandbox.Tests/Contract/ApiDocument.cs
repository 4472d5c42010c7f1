using System.Text.Json;

namespace Highflame.Dr.Sandbox.Tests.Contract;

/// <summary>A place in a Swagger 2.0 document.</summary>
internal sealed record Place(ApiDocument Document, string Pointer, JsonElement Element)
{
    public string Key => $"{Document.Path}#{Pointer}";

    public Place? Child(string name) =>
        Element.ValueKind == JsonValueKind.Object && Element.TryGetProperty(name, out var child) ? new Place(Document, $"{Pointer}/{name}", child) : null;

    public string? Text(string name) => Child(name)?.Element is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public bool Flag(string name) => Child(name)?.Element.ValueKind == JsonValueKind.True;

    public IEnumerable<Place> Items() =>
        Element.ValueKind == JsonValueKind.Array ? Element.EnumerateArray().Select((e, i) => new Place(Document, $"{Pointer}/{i}", e)) : [];

    public IEnumerable<(string Name, Place Place)> Members() =>
        Element.ValueKind == JsonValueKind.Object ? Element.EnumerateObject().Select(p => (p.Name, new Place(Document, $"{Pointer}/{p.Name}", p.Value))) : [];

    /// <summary>Follows $ref, to other files too.</summary>
    public Place Resolved()
    {
        var place = this;
        while (place.Text("$ref") is { } reference) place = place.Document.Resolve(reference);
        return place;
    }
}

/// <summary>One Swagger 2.0 file.</summary>
internal sealed class ApiDocument
{
    private readonly Func<string, ApiDocument> _open;
    private readonly JsonDocument _json;

    public ApiDocument(string path, string text, Func<string, ApiDocument> open)
    {
        (Path, _open) = (path, open);
        _json = JsonDocument.Parse(text);
        Root = new Place(this, "", _json.RootElement);
        Version = Root.Child("info")?.Text("version") ?? "";
    }

    public string Path { get; }

    public Place Root { get; }

    /// <summary>The api-version that it describes.</summary>
    public string Version { get; }

    /// <summary>Made from a client's metadata: its lists of status codes are wider than the service's.</summary>
    public bool Derived => System.IO.Path.GetFileName(Path) == "derived-openapi.json";

    public Place Resolve(string reference)
    {
        var parts = reference.Split('#', 2);
        var document = parts[0].Length == 0 ? this : _open(System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, parts[0])));
        var place = document.Root;
        foreach (var word in parts.Length > 1 ? parts[1].Split('/', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            var name = Uri.UnescapeDataString(word).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            place = place.Child(name) ?? throw new InvalidDataException($"{Path}: {reference} leads nowhere.");
        }

        return place;
    }
}
