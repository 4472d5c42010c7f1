using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Evidence;

namespace Highflame.Dr.Engine.Evidence;

/// <summary>
/// Evidence as text, sealed with the SHA-256 of that text with the seal left empty. It shows a change; it is no signature: keep the seal (or the journal's last
/// hash) where the file's keeper cannot write.
/// </summary>
internal static partial class EvidenceSeal
{
    public static (RunEvidence Evidence, string Text) Apply(RunEvidence evidence)
    {
        var open = JsonSerializer.Serialize(evidence with { Seal = "" }, JournalJson.Document) + "\n";
        var seal = JournalFormat.Hash(Encoding.UTF8.GetBytes(open));
        return (evidence with { Seal = seal }, open.Replace("\"seal\": \"\"", $"\"seal\": \"{seal}\"", StringComparison.Ordinal));
    }

    /// <summary>The seal that the text should have.</summary>
    public static string Of(string text) => JournalFormat.Hash(Encoding.UTF8.GetBytes(Sealed().Replace(text, "  \"seal\": \"\"", 1)));

    [GeneratedRegex("^  \"seal\": \"[0-9a-f]{64}\"", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Sealed();
}
