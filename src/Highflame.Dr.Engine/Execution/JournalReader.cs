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
/// <param name="ProblemLine">Number of the first line that does not fit; null when all do.</param>
internal sealed record JournalContent(IReadOnlyList<JournalLine> Lines, int TornBytes, string? Problem, int? ProblemLine = null)
{
    /// <summary>The text of every row up to the end, torn ones included, without line feeds.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>True when the torn end has a line feed or a whole hash: no writer that was killed leaves that, somebody has changed it.</summary>
    public bool TornIsWhole { get; init; }

    /// <summary>SHA-256 of the torn end, in hex; null when there is none. The line that ends it vouches for it.</summary>
    public string? TornHash { get; init; }

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

    /// <summary>True when the text has a hash in full, whatever stands around it.</summary>
    public static bool HasWholeHash(string text)
    {
        var at = text.LastIndexOf(HashMember, StringComparison.Ordinal);
        return at >= 0 && text.Length > at + HashMember.Length + Genesis.Length + 1;
    }

    public static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant();

    private static string Hash(string text) => Hash(Encoding.UTF8.GetBytes(text).AsSpan());
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
        var tornFrom = -1;
        var tornEnd = 0;
        var start = 0;
        var row = 0;
        var texts = new List<string>();
        while (start < bytes.Length)
        {
            row++;
            var end = Array.IndexOf(bytes, (byte)'\n', start);
            var length = (end < 0 ? bytes.Length : end) - start;
            var text = Encoding.UTF8.GetString(bytes, start, length);
            texts.Add(text);
            var line = JournalFormat.Open(text);
            if (line is null)
            {
                // Torn: allowed at the very end, and where the next sealed line owns up to it.
                if (tornFrom < 0) tornFrom = start;
                tornEnd = start + length;
                start += length + 1;
                continue;
            }

            start += length + 1;
            if (tornFrom >= 0 && !Vouches(line, bytes.AsSpan(tornFrom, tornEnd - tornFrom))) return Broken(lines, row - 1, "is not as it was written");
            tornFrom = -1;
            if (line.Body["prev"]?.GetValue<string>() != previous) return Broken(lines, row, "does not follow the line before it");
            if (line.Number != lines.Count + 1) return Broken(lines, row, $"has the number {line.Number} instead of {lines.Count + 1}");
            lines.Add(line);
            previous = line.Hash;
        }

        if (tornFrom < 0) return new(lines, 0, null) { Texts = texts };
        var torn = bytes.AsSpan(tornFrom, tornEnd - tornFrom);
        return new(lines, Math.Max(torn.Length, 1), null)
        {
            TornIsWhole = bytes[^1] == (byte)'\n' || JournalFormat.HasWholeHash(Encoding.UTF8.GetString(torn)),
            TornHash = JournalFormat.Hash(torn),
            Texts = texts,
        };
    }

    private static JournalContent Broken(List<JournalLine> lines, int row, string how) => new(lines, 0, $"line {row} {how}", row);

    private static bool Vouches(JournalLine line, ReadOnlySpan<byte> torn) =>
        line.Type == JournalFormat.Recovered && line.Body["tornHash"]?.GetValue<string>() == JournalFormat.Hash(torn);
}
