using System.Text.Json;

namespace Highflame.Dr.Engine.Documentation;

/// <summary>Looks into Azure's documents, which leave out what they like.</summary>
internal static class JsonReading
{
    public static JsonElement? At(this JsonElement element, params string[] path)
    {
        foreach (var name in path)
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return null;
        return element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null : element;
    }

    /// <summary>Text that is not empty; null otherwise.</summary>
    public static string? TextAt(this JsonElement element, params string[] path) => element.At(path) is { ValueKind: JsonValueKind.String } found && found.GetString() is { Length: > 0 } text ? text : null;

    public static int? NumberAt(this JsonElement element, params string[] path) => element.At(path) is { ValueKind: JsonValueKind.Number } found && found.TryGetInt32(out var number) ? number : null;

    public static IEnumerable<JsonElement> ListAt(this JsonElement element, params string[] path) => element.At(path) is { ValueKind: JsonValueKind.Array } found ? found.EnumerateArray() : [];
}
