using System.Globalization;
using Highflame.Dr.Engine.Documentation.Content;
using Highflame.Dr.Engine.Documentation.Paper;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Documentation;

/// <summary>From what was read to what the document says. Pure: the same facts give the same document.</summary>
internal static class DocumentText
{
    public static string Title(DocumentFacts facts) => $"Regions of {facts.Pair.Name}";

    public static IReadOnlyList<Block> Compose(DocumentFacts facts, PaperRunbook runbook) =>
    [
        new Heading(1, Title(facts), "top"),
        .. RightNow(facts),
        .. Gaps(facts),
        new Heading(2, "Topology", "topology"),
        TopologyPicture.Of(facts),
        new Heading(2, "Endpoints", "endpoints"),
        .. facts.Regions.SelectMany(r => EndpointSection.Of(facts, r)),
        new Heading(2, "Traffic Manager", "traffic"),
        .. TrafficSection.Of(facts),
        new Heading(2, "Parity and readiness", "checks"),
        .. CheckSection.Of(facts),
        .. runbook.Blocks,
    ];

    /// <summary>A time as a reader anywhere can place it.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";

    /// <summary>A fact, or the words that there is none.</summary>
    public static string Or(string? value, string otherwise = "not read") => string.IsNullOrEmpty(value) ? otherwise : value;

    public static string Code(string? value, string otherwise = "not read") => string.IsNullOrEmpty(value) ? otherwise : $"`{value}`";

    private static IEnumerable<Block> RightNow(DocumentFacts facts)
    {
        var status = facts.Status;
        yield return new Paragraph($"Read from {(facts.Context.Environment == "Sandbox" ? "a **sandbox** at" : facts.Context.Environment + " at")} `{facts.Context.ArmEndpoint.GetLeftPart(UriPartial.Authority)}` on **{Time(facts.At)}**. Everything here is as it was at that time. Make the document anew and print it after every change and after every failover: `Export-HfRegionDocument`.");
        yield return new Table("At a glance", ["What", "Now"],
        [
            ["Traffic goes to", status?.Active is { } active ? $"**{active}**" : "not known"],
            ["Passive region", Or(status?.Passive, "not known")],
            ["State of the pair", status is null ? "not read" : Meaning(status.State)],
            ["Primary database", Code(status?.PrimaryServer, "not known")],
            ["Replica", Code(status?.ReplicaServer, status is null ? "not known" : "none")],
            ["Replication", Lag(facts)],
            ["Unfinished run", status is null ? "not known" : status.UnfinishedRun is { } run ? $"**{run}**: finish it before anything else" : "none"],
            ["Fence owed by", status is null ? "not known" : status.FenceDebt.Length == 0 ? "none" : $"**{string.Join(", ", status.FenceDebt)}**"],
            ["Objectives", string.Create(CultureInfo.InvariantCulture, $"service back within {facts.Pair.Objectives.RtoSeconds:0} s, at most {facts.Pair.Objectives.RpoSeconds:0} s of writes lost")],
            ["Subscription", $"`{facts.Pair.SubscriptionId}`"],
        ]);
    }

    private static IEnumerable<Block> Gaps(DocumentFacts facts)
    {
        if (facts.Unread.Length == 0) yield break;
        yield return new Heading(2, "What could not be read", "unread");
        yield return new Paragraph("These facts are missing below and nothing stands in for them.", Tone.Stop);
        yield return new Bullets(facts.Unread);
    }

    private static string Meaning(PairState state) => state switch
    {
        PairState.Protected => "Protected: the active region holds the primary, the passive one a replica of it",
        PairState.Unprotected => "**Unprotected**: the passive region has no replica of the primary",
        PairState.Misrouted => "**Misrouted**: traffic goes to a region whose server is not the primary",
        PairState.FailingOver => "**FailingOver**: a run has begun and not ended",
        _ => "**Unknown**",
    };

    internal static string Lag(DocumentFacts facts) => facts.Replication is not { } lag ? facts.Status?.ReplicaServer is null ? "no replica" : "not measured"
        : string.Create(CultureInfo.InvariantCulture, $"{lag.State ?? "state not told"}{(lag.LagSeconds is { } s ? $", {s:0.#} s behind" : "")}{(lag.LagBytes is { } b ? $", {b} bytes behind" : "")}");
}
