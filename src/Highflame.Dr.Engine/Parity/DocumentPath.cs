using System.Text.Json.Nodes;

namespace Highflame.Dr.Engine.Parity;

/// <summary>
/// Where something is in a resource's document. Members are joined by dots; <c>name[]</c> means each item of a list; <c>name{}</c> each member of an object, whose key becomes the item's name.
/// <c>a.id -&gt; properties.list: b</c> follows an id to the item of that name in a list of the same document and goes on there. An empty path is the item itself.
/// Member names are found whatever their case, since Azure is not always of one mind.
/// </summary>
internal static class DocumentPath
{
    /// <summary>Every node at a path, in the order of the document, with the key of an object's member where the path goes through one.</summary>
    public static IReadOnlyList<(string? Key, JsonNode Node)> Find(JsonNode item, JsonNode document, string path)
    {
        var parts = path.Split(" -> ");
        IReadOnlyList<(string? Key, JsonNode Node)> found = Walk([(null, item)], parts[0]);
        foreach (var part in parts.Skip(1))
        {
            var (list, then) = part.Split(": ", 2) is [var a, var b] ? (a, b) : (part, "");
            var names = found.Select(f => Text(f.Node)).OfType<string>().Select(id => id[(id.LastIndexOf('/') + 1)..]).ToList();
            var items = Walk([(null, document)], list + "[]");
            found = Walk([.. names.SelectMany(n => items.Where(i => string.Equals(Text((i.Node as JsonObject)?["name"]), n, StringComparison.OrdinalIgnoreCase)))], then);
        }

        return found;
    }

    /// <summary>The first text at a path; null when there is none.</summary>
    public static string? FirstText(JsonNode item, string path) => Find(item, item, path).Select(f => Text(f.Node)).FirstOrDefault(t => t is not null);

    /// <summary>A scalar as text; null for what is none.</summary>
    public static string? Text(JsonNode? node) => node is not JsonValue value ? null
        : value.TryGetValue(out string? text) ? text
        : value.ToJsonString();

    private static List<(string? Key, JsonNode Node)> Walk(List<(string? Key, JsonNode Node)> nodes, string path)
    {
        if (path.Length == 0) return nodes;
        foreach (var word in path.Split('.'))
        {
            var next = new List<(string?, JsonNode)>();
            var name = word.EndsWith("[]", StringComparison.Ordinal) || word.EndsWith("{}", StringComparison.Ordinal) ? word[..^2] : word;
            foreach (var (key, node) in nodes)
            {
                if (Member(node, name) is not { } found) continue;
                if (word.EndsWith("[]", StringComparison.Ordinal)) next.AddRange((found as JsonArray ?? []).OfType<JsonNode>().Select(i => (key, i)));
                else if (word.EndsWith("{}", StringComparison.Ordinal)) next.AddRange((found as JsonObject ?? []).Where(m => m.Value is not null).Select(m => ((string?)m.Key, m.Value!)));
                else next.Add((key, found));
            }

            nodes = next;
        }

        return nodes;
    }

    private static JsonNode? Member(JsonNode node, string name)
    {
        if (node is not JsonObject container) return null;
        if (container.TryGetPropertyValue(name, out var exact)) return exact;
        foreach (var (key, value) in container)
            if (string.Equals(key, name, StringComparison.OrdinalIgnoreCase)) return value;
        return null;
    }
}
