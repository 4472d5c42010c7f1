using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Watching;

/// <summary>A round as one line for machines: camel-case names, enumerations as words, absent values left out, the pair by its name alone.</summary>
internal static class WatchJson
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    public static string Line(WatchEvent found)
    {
        var node = JsonSerializer.SerializeToNode(found, Format)!.AsObject();
        node["pair"] = found.Name;
        node.Remove("name");
        return node.ToJsonString(Format);
    }
}
