using Highflame.Dr.Readiness;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>
/// The refusals that the last scheduled preflight found, kept in the pair's run store as <c>readiness.json</c>, so that each is told once: when it comes, and again only after it had gone. Pure.
/// </summary>
internal sealed record KeptRefusals
{
    /// <summary>The name of the document.</summary>
    public const string Document = "readiness.json";

    /// <summary>By region and mode: what refused, as code and resource.</summary>
    public Dictionary<string, string[]> Refusals { get; init; } = [];

    /// <returns>The document as it becomes, the refusals that are new, and whether there were some before.</returns>
    public (KeptRefusals Kept, (ReadinessFinding[] New, bool HadSome) Result) Keep(ReadinessRequest request, IReadOnlyList<ReadinessFinding> findings)
    {
        var key = $"{Highflame.Dr.Topology.AzureLocation.Normalize(request.To)} {request.Mode}";
        var before = Refusals.GetValueOrDefault(key) ?? [];
        var refusals = findings.Where(f => f.Severity == ReadinessSeverity.Refusal).ToArray();
        var kept = new Dictionary<string, string[]>(Refusals) { [key] = [.. refusals.Select(NameOf).Distinct()] };
        return (this with { Refusals = kept }, ([.. refusals.Where(f => !before.Contains(NameOf(f)))], before.Length > 0));
    }

    /// <summary>What people are told; null when there is no news.</summary>
    public static DrNotice? Notice(ReadinessRequest request, IReadOnlyList<ReadinessFinding> findings, ReadinessFinding[] news, bool hadSome, DateTimeOffset now)
    {
        var left = findings.Count(f => f.Severity == ReadinessSeverity.Refusal);
        if (news.Length == 0 && (left > 0 || !hadSome)) return null;
        return new()
        {
            Event = news.Length > 0 ? "ReadinessRefused" : "ReadinessRestored",
            Severity = news.Length > 0 ? NoticeSeverity.Warning : NoticeSeverity.Information,
            Pair = request.Pair.Name,
            Title = news.Length > 0 ? $"a {request.Mode} failover to {request.To} would be refused: {string.Join(", ", news.Select(n => n.Code).Distinct())}" : $"a {request.Mode} failover to {request.To} would not be refused any more",
            Text = news.Length > 0 ? string.Join(" ", news.Select(n => $"{n.Observed} {n.Remedy}")) : null,
            At = now,
            Facts = [new("To", request.To), new("Mode", request.Mode.ToString()), new("New", $"{news.Length}"), new("Refusals", $"{left}")],
        };
    }

    private static string NameOf(ReadinessFinding finding) => $"{finding.Code} {finding.Resource}";
}
