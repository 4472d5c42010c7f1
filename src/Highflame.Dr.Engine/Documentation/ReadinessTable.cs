using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Readiness;

namespace Highflame.Dr.Engine.Documentation;

/// <summary>A preflight's findings as the document shows them.</summary>
internal static class ReadinessTable
{
    public static CheckTable Of(string title, IReadOnlyList<ReadinessFinding> findings)
    {
        int Count(ReadinessSeverity severity) => findings.Count(f => f.Severity == severity);
        var (refusals, warnings) = (Count(ReadinessSeverity.Refusal), Count(ReadinessSeverity.Warning));
        var verdict = refusals > 0 ? $"**Not ready**: {Counted(refusals, "refusal")}, {Counted(warnings, "warning")}." : warnings > 0 ? $"Ready, with {Counted(warnings, "warning")}." : "**Ready**: no refusal, no warning.";
        return new(title, verdict, [.. findings.OrderBy(f => f.Severity).Select(f => new CheckRow(f.Severity.ToString(), f.Code, AzureId.NameOf(f.Resource), f.Observed, f.Required, f.Remedy == "Nothing." ? "" : f.Remedy))]);
    }

    private static string Counted(int number, string what) => number switch { 0 => $"no {what}", 1 => $"1 {what}", _ => $"{number} {what}s" };
}
