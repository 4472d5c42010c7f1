using System.Text.RegularExpressions;

namespace Highflame.Dr.Tests.Documents;

/// <summary>One command as it stands on the paper.</summary>
/// <param name="Step">Number of its step.</param>
/// <param name="Way">The words before it.</param>
/// <param name="Kind">az, rest, curl, psql, or the host of a statement.</param>
/// <param name="Text">What is to be typed.</param>
/// <param name="Answer">What it must answer; null when the paper says nothing.</param>
/// <param name="Repeat">Until then it is repeated.</param>
internal sealed record PaperCommand(string Step, string Way, string Language, string Kind, string Text, string? Answer, bool Repeat);

/// <summary>Reads a procedure from the Markdown, as a person would: step by step, from one heading to the next.</summary>
internal static partial class PaperSheet
{
    /// <param name="markdown">The document.</param>
    /// <param name="letter">Letter of the procedure.</param>
    public static IReadOnlyList<PaperCommand> Read(string markdown, char letter)
    {
        var commands = new List<PaperCommand>();
        var (step, way, inside) = ("", "", false);
        var lines = markdown.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            if (line.StartsWith("## ", StringComparison.Ordinal)) inside = line.StartsWith($"## {letter}. ", StringComparison.Ordinal);
            if (!inside) continue;
            if (line.StartsWith("### Way out", StringComparison.Ordinal)) return commands;
            if (StepLine().Match(line) is { Success: true } heading) step = heading.Groups[1].Value;
            else if (FenceLine().Match(line) is { Success: true } fence)
            {
                var end = Array.IndexOf(lines, "```", i + 1);
                commands.Add(new PaperCommand(step, way, fence.Groups[1].Value, fence.Groups[2].Value, string.Join('\n', lines[(i + 1)..end]), null, false));
                i = end;
            }
            else if (AnswerLine().Match(line) is { Success: true } answer) commands[^1] = commands[^1] with { Answer = answer.Groups[2].Value, Repeat = answer.Groups[1].Value == "Repeat until" };
            else if (line.EndsWith(':')) way = line.TrimEnd(':');
        }

        return commands;
    }

    [GeneratedRegex(@"^### ☐ ([A-Z]\d+)\. ")]
    private static partial Regex StepLine();

    [GeneratedRegex(@"^```(bash|sql) (\S+)$")]
    private static partial Regex FenceLine();

    [GeneratedRegex(@"^\*\*(Expect|Repeat until)\*\* `([^`]+)`")]
    private static partial Regex AnswerLine();
}
