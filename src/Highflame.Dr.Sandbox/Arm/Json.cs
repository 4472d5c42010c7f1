using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>Small reads and merges of JSON documents.</summary>
internal static class Json
{
    public static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly JsonSerializerOptions Indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };

    /// <summary>The member at a dotted path without case; null when any part is missing.</summary>
    public static JsonNode? At(this JsonNode? node, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (node is not JsonObject container) return null;
            node = container.FirstOrDefault(p => string.Equals(p.Key, name, StringComparison.OrdinalIgnoreCase)).Value;
        }

        return node;
    }

    /// <summary>The text at a dotted path; null when there is none.</summary>
    public static string? Text(this JsonNode? node, string path) => node.At(path) is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public static long? Whole(this JsonNode? node, string path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.Number && decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? (long)number
            : null;

    /// <summary>The object at a name, made when it is missing.</summary>
    public static JsonObject Child(this JsonObject node, string name)
    {
        if (node[name] is JsonObject child) return child;
        var made = new JsonObject();
        node[name] = made;
        return made;
    }

    /// <summary>Merges as JSON Merge Patch does: objects member by member, null removes, everything else replaces. Names are matched without case.</summary>
    public static void Merge(JsonObject target, JsonObject change)
    {
        foreach (var (name, value) in change)
        {
            var key = target.Select(p => p.Key).FirstOrDefault(k => string.Equals(k, name, StringComparison.OrdinalIgnoreCase)) ?? name;
            if (value is null) target.Remove(key);
            else if (value is JsonObject inner && target[key] is JsonObject known) Merge(known, inner);
            else target[key] = value.DeepClone();
        }
    }

    /// <summary>Azure's way to write a time.</summary>
    public static string Stamp(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);

    /// <summary>The resource id members in Azure's order, then what the document holds.</summary>
    public static JsonObject Identified(StoredResource resource)
    {
        var answer = new JsonObject { ["id"] = resource.Id, ["name"] = resource.Name, ["type"] = resource.Type };
        foreach (var (name, value) in resource.Document)
        {
            if (name is not ("id" or "name" or "type")) answer[name] = value?.DeepClone();
        }

        return answer;
    }
}
