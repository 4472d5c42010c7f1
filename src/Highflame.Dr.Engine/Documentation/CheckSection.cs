using Highflame.Dr.Engine.Documentation.Content;

namespace Highflame.Dr.Engine.Documentation;

/// <summary>The comparison of the regions and the preflights, as tables.</summary>
internal static class CheckSection
{
    public static IEnumerable<Block> Of(DocumentFacts facts)
    {
        if (facts.Checks.Length == 0) yield return new Paragraph("Not checked for this document.");
        foreach (var check in facts.Checks)
        {
            yield return new Heading(3, check.Title, "check-" + check.Title.ToLowerInvariant().Replace(' ', '-').Replace(",", "", StringComparison.Ordinal));
            if (check.Problem is { } problem)
            {
                yield return new Paragraph($"Could not be checked: {problem}", Tone.Stop);
                continue;
            }

            yield return new Paragraph(check.Verdict);
            if (check.Rows.Count == 0) continue;
            yield return new Table(check.Title, ["Severity", "What", "Seen", "Wanted, and what to do"], [.. check.Rows.Select(r => new[] { r.Severity, $"{r.What}, {r.Resource}", r.Seen, r.Remedy.Length == 0 ? r.Wanted : $"{r.Wanted} **{r.Remedy.Replace('*', ' ')}**" })]);
        }
    }
}
