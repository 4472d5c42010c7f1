using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Highflame.Dr.Engine.Execution;

/// <summary>How runs, evidence and reports are written: camel-case names, enumerations as words.</summary>
internal static class JournalJson
{
    /// <summary>One line, for the journal.</summary>
    public static readonly JsonSerializerOptions Line = Make(indented: false);

    /// <summary>Indented, for files that people read.</summary>
    public static readonly JsonSerializerOptions Document = Make(indented: true);

    /// <summary>Learns how to write a type, in both forms, and to read it: the first time costs some milliseconds.</summary>
    public static void Prepare<T>(T content)
    {
        _ = JsonSerializer.SerializeToNode(content, Line).Deserialize<T>(Line);
        _ = JsonSerializer.Serialize(new[] { content }, Document);
    }

    private static JsonSerializerOptions Make(bool indented) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = true,
        WriteIndented = indented,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };
}
