using System.IO.Enumeration;
using Highflame.Dr.Parity;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Parity;

/// <summary>Differences that the pair file declares: taken out of the drifts with their reason, and reported when they are not there any more.</summary>
internal static class Declarations
{
    public static ParityReport Apply(ParityReport report, IReadOnlyList<DeclaredDifference> declared, IEnumerable<ParityPart>? skip = null)
    {
        if (declared.Count == 0) return report;
        var skipped = skip?.ToHashSet() ?? [];
        var used = new HashSet<DeclaredDifference>(ReferenceEqualityComparer.Instance);
        var (drifts, meant) = (new List<ParityDrift>(), new List<ParityDrift>());
        var byType = declared.ToLookup(d => d.Type, StringComparer.OrdinalIgnoreCase);
        foreach (var drift in report.Drifts)
        {
            if (drift.Kind == DriftKind.Unread || byType[drift.Type].FirstOrDefault(d => Covers(d, drift)) is not { } declaration)
            {
                drifts.Add(drift);
                continue;
            }

            used.Add(declaration);
            if (Holds(declaration, drift)) meant.Add(drift with { Declared = declaration.Reason });
            else drifts.Add(drift with { Kind = DriftKind.Stale, Why = $"The pair file declares {Words(declaration)} ({declaration.Reason}). That no longer holds. {drift.Why}", Remedy = $"{drift.Remedy} Or correct the declaration." });
        }

        var unread = report.Drifts.Where(d => d.Kind == DriftKind.Unread).Select(d => d.Type).ToHashSet(StringComparer.OrdinalIgnoreCase);
        // What was not looked at may still hold.
        drifts.AddRange(declared.Where(d => !used.Contains(d) && !unread.Contains(d.Type) && !IsSkipped(d, skipped)).Select(d => Stale(report, d)));
        return report with { Drifts = [.. drifts.OrderByDescending(d => d.Severity)], Declared = [.. meant] };
    }

    /// <summary>True when some resource and property may fall under both.</summary>
    public static bool Overlap(DeclaredDifference one, DeclaredDifference other) =>
        string.Equals(one.Type, other.Type, StringComparison.OrdinalIgnoreCase) && GlobsMeet(one.Name ?? "*", other.Name ?? "*") && GlobsMeet(one.Property, other.Property);

    /// <summary>True when some text matches both patterns of * and ?.</summary>
    internal static bool GlobsMeet(string one, string other)
    {
        // Row by row: meets[j] says whether the rest of the first from i on and of the second from j on have a text in common.
        var next = new bool[other.Length + 1];
        for (var i = one.Length; i >= 0; i--)
        {
            var row = new bool[other.Length + 1];
            for (var j = other.Length; j >= 0; j--)
            {
                row[j] = (i < one.Length, j < other.Length) switch
                {
                    (false, false) => true,
                    (true, false) => one[i] == '*' && next[j],
                    (false, true) => other[j] == '*' && row[j + 1],
                    _ when one[i] == '*' || other[j] == '*' => next[j] || row[j + 1],
                    _ => (one[i] == '?' || other[j] == '?' || char.ToUpperInvariant(one[i]) == char.ToUpperInvariant(other[j])) && next[j + 1],
                };
            }

            next = row;
        }

        return next[0];
    }

    private static bool Covers(DeclaredDifference declaration, ParityDrift drift) =>
        (declaration.Name is not { } name || Matches(name, drift.Reference) || Matches(name, drift.Difference)) && Matches(declaration.Property, drift.Property);

    private static bool Matches(string pattern, string? text) => text is not null && FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: true);

    private static bool Holds(DeclaredDifference declaration, ParityDrift drift) => declaration.Values.All(v =>
        string.Equals(AzureLocation.Same(v.Key, drift.ReferenceLocation) ? drift.ReferenceValue : AzureLocation.Same(v.Key, drift.DifferenceLocation) ? drift.DifferenceValue : v.Value, v.Value, StringComparison.OrdinalIgnoreCase));

    private static bool IsSkipped(DeclaredDifference declaration, HashSet<ParityPart> skipped) =>
        Catalogue.Shipped.RulesOf(declaration.Type).Rules.Any(r => GlobsMeet(TypeRules.Pattern(declaration.Property), r.Key) && r.Value.Part is { } part && skipped.Contains(part));

    private static string Words(DeclaredDifference declaration) =>
        $"a difference of {declaration.Property}{(declaration.Values.Count == 0 ? "" : $" ({string.Join(", ", declaration.Values.Select(v => $"{v.Key}: {v.Value}"))})")}";

    private static ParityDrift Stale(ParityReport report, DeclaredDifference declaration) => new()
    {
        Pair = report.Pair,
        Severity = DriftSeverity.Cosmetic,
        Kind = DriftKind.Stale,
        Type = declaration.Type,
        Reference = declaration.Name,
        Difference = declaration.Name,
        ReferenceLocation = report.ReferenceLocation,
        DifferenceLocation = report.DifferenceLocation,
        Property = declaration.Property,
        ReferenceValue = ValueOf(declaration, report.ReferenceLocation),
        DifferenceValue = ValueOf(declaration, report.DifferenceLocation),
        Why = $"The pair file declares {Words(declaration)} ({declaration.Reason}), and the regions do not differ there any more.",
        Remedy = "Take the declaration out of the pair file, so that it does not hide a later drift.",
    };

    private static string? ValueOf(DeclaredDifference declaration, string location) => declaration.Values.Where(v => AzureLocation.Same(v.Key, location)).Select(v => v.Value).FirstOrDefault();
}
