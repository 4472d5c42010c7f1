using Highflame.Dr.Parity;

namespace Highflame.Dr.Engine.Documentation;

/// <summary>The comparison of the two regions as the document shows it. It holds what the report holds: never a secret.</summary>
internal static class ParityTable
{
    public static CheckTable Of(string title, ParityReport report)
    {
        int Count(DriftSeverity severity) => report.Drifts.Count(d => d.Severity == severity);
        var compared = $"{report.Resources} pairs of resources and {report.Properties} properties were compared";
        var declared = report.Declared.Length == 0 ? "" : $"; declared in the pair file: {report.Declared.Length}";
        var verdict = report.Drifts.Length == 0
            ? $"**No drift**: {compared}{declared}."
            : $"**Drifts: {report.Drifts.Length}**. Blocking a failover: {Count(DriftSeverity.BlocksFailover)}, breaking the application: {Count(DriftSeverity.BreaksApplication)}, cosmetic: {Count(DriftSeverity.Cosmetic)}. {char.ToUpperInvariant(compared[0])}{compared[1..]}{declared}.";
        return new(title, verdict, [.. report.Drifts.OrderByDescending(d => d.Severity).Select(Row), .. report.Declared.Select(d => Row(d) with { Severity = "Declared", Remedy = d.Declared ?? "" })]);
    }

    private static CheckRow Row(ParityDrift drift) => new(
        Words(drift.Severity), $"{drift.Kind}: {drift.Property}", drift.Resource, Seen(drift), drift.Why, drift.Remedy);

    /// <summary>Words that may be broken over two lines: the column is narrow.</summary>
    private static string Words(DriftSeverity severity) => severity switch
    {
        DriftSeverity.BlocksFailover => "Blocks failover",
        DriftSeverity.BreaksApplication => "Breaks application",
        _ => severity.ToString(),
    };

    /// <summary>Both values; of what serves both regions, the one that there is.</summary>
    private static string Seen(ParityDrift drift) => drift.Kind == DriftKind.Unfit && drift.Reference == drift.Difference
        ? Value(drift.ReferenceValue)
        : $"{drift.ReferenceLocation}: {Value(drift.ReferenceValue)}; {drift.DifferenceLocation}: {Value(drift.DifferenceValue)}";

    private static string Value(string? value) => value is null ? "none" : $"`{value.Replace('`', '\'').ReplaceLineEndings(" ")}`";
}
