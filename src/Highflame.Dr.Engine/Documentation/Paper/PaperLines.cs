using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Highflame.Dr.Engine.Documentation.Paper;

/// <summary>
/// Breaks what is longer than a line of paper where the shell itself lets it, so that no reader has to guess whether a line's end belongs to a name. Joined by the shell it is to the letter what it was.
/// </summary>
internal static partial class PaperLines
{
    /// <summary>Characters that fit on a line of the printed page.</summary>
    public const int Width = 82;

    private static readonly JsonSerializerOptions s_flat = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions s_tall = new(s_flat) { WriteIndented = true };

    /// <summary>A command with its options on as many lines as they need.</summary>
    public static string Wrapped(string command)
    {
        if (command.Length <= Width) return command;
        var parts = Option().Split(command);
        var lines = new List<string> { parts[0] };
        foreach (var part in parts[1..])
        {
            // What has lines of its own begins one.
            if (!lines[^1].Contains('\n', StringComparison.Ordinal) && !part.Contains('\n', StringComparison.Ordinal) && lines[^1].Length + part.Length + 3 <= Width) lines[^1] += " " + part;
            else lines.Add(part);
        }

        return string.Join(" \\\n  ", lines);
    }

    /// <summary>A URL or resource id: quoted or bare pieces that follow each other without a space.</summary>
    public static string Folded(string text, bool quoted = false)
    {
        return string.Join("\\\n", quoted ? Pieces(text).Select(p => $"'{p}'") : Pieces(text).Select(PaperCommands.Quote));
    }

    /// <summary>A body, on one line where it is short; between its members JSON may be broken.</summary>
    public static string Json(JsonNode body)
    {
        var flat = body.ToJsonString(s_flat);
        string[] lines = flat.Length <= Width ? [flat] : body.ToJsonString(s_tall).ReplaceLineEndings("\n").Split('\n');
        // Within the quotes a line may end; what is longer is closed, joined by the shell, and opened again.
        return $"'{string.Join('\n', lines.Select(l => string.Join("'\\\n'", Pieces(l.Replace("'", "'\\''", StringComparison.Ordinal)))))}'";
    }

    // At slashes and question marks, where names end.
    private static List<string> Pieces(string text)
    {
        const int Most = Width - 2;
        var pieces = new List<string>();
        while (text.Length > Most)
        {
            var cut = text.LastIndexOfAny(['/', '?'], Most);
            if (cut <= 0) cut = text.IndexOfAny(['/', '?'], 1);
            if (cut <= 0) break;
            pieces.Add(text[..cut]);
            text = text[cut..];
        }

        pieces.Add(text);
        return pieces;
    }

    [GeneratedRegex(" (?=--)")]
    private static partial Regex Option();
}
