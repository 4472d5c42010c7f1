using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Engine.Execution;

/// <summary>One line of a journal that is proven to be as it was written.</summary>
internal sealed record JournalLine(long Number, DateTimeOffset At, string Type, JsonObject Body, string Hash);

/// <summary>A journal as read from disk.</summary>
/// <param name="Lines">The lines up to the first break of the chain.</param>
/// <param name="TornBytes">Length of an unfinished last line; 0 when there is none.</param>
/// <param name="Problem">Where and how the chain is broken; null when it is intact.</param>
internal sealed record JournalContent(IReadOnlyList<JournalLine> Lines, int TornBytes, string? Problem)
{
    public string LastHash => Lines.Count == 0 ? JournalFormat.Genesis : Lines[^1].Hash;
}

/// <summary>
/// The text of a journal line: a JSON object whose last two members are <c>prev</c>, the hash of the line before, and <c>hash</c>, the SHA-256 of the line's
/// own UTF-8 text without that member. So a changed, removed or moved line shows.
/// </summary>
internal static class JournalFormat
{
    /// <summary>What the first line names as the hash before it.</summary>
    public const string Genesis = "0000000000000000000000000000000000000000000000000000000000000000";

    /// <summary>Type of the line that follows a torn one, see <see cref="JournalReader"/>.</summary>
    public const string Recovered = "recovered";

    private const string HashMember = ",\"hash\":\"";

    public static (string Text, string Hash) Seal(JsonObject body)
    {
        var open = body.ToJsonString(JournalJson.Line);
        var hash = Hash(open);
        return ($"{open[..^1]}{HashMember}{hash}\"}}", hash);
    }

    /// <summary>Null when the text is no sealed line.</summary>
    public static JournalLine? Open(string text)
    {
        var at = text.Length - 2 - Genesis.Length - HashMember.Length;
        if (at <= 0 || !text.EndsWith("\"}", StringComparison.Ordinal) || string.CompareOrdinal(text, at, HashMember, 0, HashMember.Length) != 0) return null;
        var hash = text.Substring(at + HashMember.Length, Genesis.Length);
        if (Hash(text[..at] + "}") != hash) return null;
        try
        {
            if (JsonNode.Parse(text) is not JsonObject body) return null;
            return new JournalLine(body["n"]!.GetValue<long>(), body["at"]!.GetValue<DateTimeOffset>(), body["type"]!.GetValue<string>(), body, hash);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            return null;
        }
    }

    private static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text))).ToLowerInvariant();
}

/// <summary>
/// Reads a journal and proves its chain. A process that is killed while it writes leaves a torn last line: that is tolerated. The next writer ends it with a
/// line feed and says so in a <c>recovered</c> line; nothing that was written is ever removed.
/// </summary>
internal static class JournalReader
{
    public static JournalContent Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return Read(memory.ToArray());
    }

    internal static JournalContent Read(byte[] bytes)
    {
        var lines = new List<JournalLine>();
        var previous = JournalFormat.Genesis;
        var torn = 0;
        var start = 0;
        var row = 0;
        while (start < bytes.Length)
        {
            row++;
            var end = Array.IndexOf(bytes, (byte)'\n', start);
            var length = (end < 0 ? bytes.Length : end) - start;
            var line = JournalFormat.Open(Encoding.UTF8.GetString(bytes, start, length));
            start += length + 1;

            if (line is null)
            {
                // Torn: allowed at the very end, and where the next sealed line owns up to it.
                torn += Math.Max(length, 1);
                continue;
            }

            if (torn > 0 && line.Type != JournalFormat.Recovered) return new(lines, 0, $"line {row - 1} is not as it was written");
            torn = 0;
            if (line.Body["prev"]?.GetValue<string>() != previous) return new(lines, 0, $"line {row} does not follow the line before it");
            if (line.Number != lines.Count + 1) return new(lines, 0, $"line {row} has the number {line.Number} instead of {lines.Count + 1}");
            lines.Add(line);
            previous = line.Hash;
        }

        return new(lines, torn, null);
    }
}
