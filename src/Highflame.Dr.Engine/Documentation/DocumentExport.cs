using System.Text.RegularExpressions;
using Highflame.Dr.Documentation;
using Highflame.Dr.Engine.Documentation.Content;
using Highflame.Dr.Engine.Documentation.Paper;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Documentation;

/// <summary>Writes the document's files. Both are composed before the first is written.</summary>
internal static partial class DocumentExport
{
    /// <summary>Errors: HfDocumentNotWritten.</summary>
    public static RegionDocument Write(DocumentFacts facts, RegionDocumentRequest request)
    {
        var runbook = PaperRunbook.Of(facts);
        var blocks = DocumentText.Compose(facts, runbook);
        var stem = Path.Combine(request.Folder, Unfit().Replace(facts.Pair.Name, "-") + "-regions");
        var markdown = request.Formats.Contains(DocumentFormat.Markdown) ? (Path: stem + ".md", Text: MarkdownWriter.Write(blocks)) : default;
        var html = request.Formats.Contains(DocumentFormat.Html) ? (Path: stem + ".html", Text: HtmlWriter.Write(DocumentText.Title(facts), $"{DocumentText.Title(facts)}, {DocumentText.Time(facts.At)}", blocks)) : default;
        foreach (var (path, text) in new[] { markdown, html })
            if (path is not null) WriteText(path, text);
        return new()
        {
            Name = facts.Pair.Name,
            State = facts.Status?.State ?? PairState.Unknown,
            Active = facts.Status?.Active,
            Passive = facts.Status?.Passive,
            SwitchSeconds = facts.Traffic is { } traffic ? TrafficTiming.Switch(traffic) : null,
            AutomaticSeconds = facts.Traffic is { } profile ? TrafficTiming.Automatic(profile) : null,
            Procedures = [.. runbook.Procedures],
            Unread = facts.Unread,
            MarkdownPath = markdown.Path,
            HtmlPath = html.Path,
            ObservedAt = facts.At,
        };
    }

    private static void WriteText(string path, string text)
    {
        try
        {
            DurableFile.WriteText(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new DrException("HfDocumentNotWritten", DrErrorKind.OperationFailed, $"The document cannot be written: {e.Message}", path, "Give another -Path.", e);
        }
    }

    [GeneratedRegex("[^A-Za-z0-9._-]+")]
    private static partial Regex Unfit();
}
