using System.Text.Json;

namespace Highflame.Dr.Bench;

internal static class BenchJson
{
    /// <summary>camelCase, indented.</summary>
    public static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };
}
