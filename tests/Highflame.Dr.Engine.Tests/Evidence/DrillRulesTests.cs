using Highflame.Dr.Engine.Evidence;
using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Rehearsal;

namespace Highflame.Dr.Engine.Tests.Evidence;

public sealed class DrillRulesTests
{
    private static readonly RunEvidence Planned = new()
    {
        RunId = "run-1",
        Pair = "prod",
        From = "eastus",
        To = "westus",
        Mode = "Planned",
        Outcome = StepOutcome.Succeeded,
        Started = Seen.At,
        Finished = Seen.At.AddSeconds(30),
        Rto = new(900, 2.5),
        Rpo = new(60, 0),
        ZeroLossProven = true,
        ReportedLost = 0,
        Topology = new("westus", [new("r", "westus", "Primary"), new("q", "eastus", "Replica"), new("p", "eastus", "Stopped")], new("e", "20.2.2.2")),
        JournalPath = "/j",
        JournalHash = "h",
    };

    internal static readonly RunEvidence Forced = Planned with { Mode = "Forced", ZeroLossProven = null, ReportedLost = null };

    internal static readonly LoadReport Load = new() { Started = Seen.At, Running = false, Acknowledged = 1000, Lost = 0, OutageSeconds = 0.4, OutageStarted = Seen.At.AddSeconds(10), OutageEnded = Seen.At.AddSeconds(10.4) };

    /// <summary>Each thing a drill can miss, alone, with the words that say so; null where it is no failure.</summary>
    private static Dictionary<string, (RunEvidence Evidence, LoadReport Load, string? Failure)> Drills => new()
    {
        ["planned, all reached"] = (Planned, Load, null),
        ["planned, active region written otherwise"] = (Planned with { To = "West US" }, Load, null),
        ["planned, nothing to change"] = (Planned with { Outcome = StepOutcome.NoChange }, Load, null),
        ["planned, number not told"] = (Planned with { ReportedLost = null }, Load, null),
        ["planned, one lost"] = (Planned with { ReportedLost = null }, Load with { Lost = 1 }, "1 acknowledged writes were lost in a planned failover."),
        ["planned, wrong number told"] = (Planned with { ReportedLost = 3 }, Load, "3 lost writes were reported to the operator, 0 were lost."),
        ["forced, lost and not told"] = (Forced, Load with { Lost = 42 }, null),
        ["forced, lost and told"] = (Forced with { ReportedLost = 42 }, Load with { Lost = 42 }, null),
        ["forced, lost and denied"] = (Forced with { ReportedLost = 0 }, Load with { Lost = 42 }, "0 lost writes were reported to the operator, 42 were lost."),
        ["not counted"] = (Forced, Load with { Lost = null }, "The lost writes were not counted."),
        ["run pending"] = (Planned with { Outcome = StepOutcome.Pending }, Load, "The run ended Pending."),
        ["run unknown"] = (Planned with { Outcome = StepOutcome.Unknown }, Load, "The run ended Unknown."),
        ["too few writes"] = (Planned, Load with { Acknowledged = 999 }, "Only 999 writes were acknowledged, fewer than 1000: the drill shows too little."),
        ["two writers"] = (Planned, Load with { AcceptedByOldPrimary = 1 }, "Two writers: another server acknowledged 1 writes after the new primary's first."),
        ["traffic elsewhere"] = (Planned with { Topology = Planned.Topology with { Active = "eastus" } }, Load, "Traffic goes to eastus instead of westus."),
        ["traffic nowhere"] = (Planned with { Topology = Planned.Topology with { Active = null } }, Load, "Traffic goes to neither region instead of westus."),
        ["no primary there"] = (Planned with { Topology = Planned.Topology with { Servers = [new("r", "westus", "Unknown"), new("q", "eastus", "Replica")] } }, Load, "westus holds no primary."),
        ["replica on the wrong side"] = (Planned with { Topology = Planned.Topology with { Servers = [new("r", "westus", "Primary"), new("q", "westus", "Replica")] } }, Load, "The region that was left holds no replica."),
        ["fence owed"] = (Planned with { Owed = ["Fence p"] }, Load, "Still owed: Fence p."),
        ["health not shown"] = (Planned with { Rto = new(900, null) }, Load, "Health through Traffic Manager was not shown after the promotion."),
        ["too slow"] = (Planned with { Rto = new(2, 2.5) }, Load, "Recovery took 2.5 s, more than the objective of 2 s."),
    };

    public static IEnumerable<object[]> Names => Drills.Keys.Select(k => new object[] { k });

    [Theory]
    [MemberData(nameof(Names))]
    public void Failures_Drill_AreExactlyWhatItMissed(string drill)
    {
        var (evidence, load, failure) = Drills[drill];

        Assert.Equal(failure is null ? [] : [failure], DrillRules.Failures(evidence, load));
    }

    [Fact]
    public void Write_Report_TakesLostFromTheClientsAndReportedLostFromTheProduct()
    {
        var path = Path.Combine(Path.GetTempPath(), $"hfdr-drill-{Guid.NewGuid():N}.json");
        try
        {
            var report = DrillExport.Write("region-loss", Forced with { Steps = [Step("PromoteReplica", 10, 12)] }, Load with { Lost = 42 }, path);

            Assert.Equal((42, null, true), (report.Writes.Lost, report.Writes.ReportedLost, report.Passed));
            using var written = System.Text.Json.JsonDocument.Parse(File.ReadAllText(path));
            var writes = written.RootElement.GetProperty("writes");
            Assert.Equal(42, writes.GetProperty("lost").GetInt64());
            Assert.Equal(System.Text.Json.JsonValueKind.Null, writes.GetProperty("reportedLost").ValueKind);
            Assert.Equal("Succeeded", written.RootElement.GetProperty("steps")[0].GetProperty("outcome").GetString());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Write_MissedDrill_HasNotPassedAndSaysWhy()
    {
        var path = Path.Combine(Path.GetTempPath(), $"hfdr-drill-{Guid.NewGuid():N}.json");
        try
        {
            var report = DrillExport.Write("planned", Planned with { Finished = null, Steps = [Step("PromoteReplica", 10, 12)] }, Load with { Lost = 1 }, path);

            Assert.False(report.Passed);
            Assert.Contains("lost in a planned failover", Assert.Single(report.Failures), StringComparison.Ordinal);
            Assert.Equal(Seen.At.AddSeconds(12), report.Finished);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Draw_Steps_StandInTheOrderOfTimeWithTheOutageAmongThem()
    {
        var lines = DrillTimeline.Draw(Planned with { Steps = [Step("FenceOldPrimary", 10, 10.1), Step("PromoteReplica", 15, 30)] }, Load);

        Assert.Equal(5, lines.Length);
        Assert.Contains("eastus -> westus", lines[0], StringComparison.Ordinal);
        Assert.Matches(@"\+10\.0 s\s+FenceOldPrimary", lines[1]);
        Assert.Matches(@"\+10\.0 s\s+no write .*!.*0\.40 s without an acknowledged write", lines[2]);
        // Half of the time, in the second half.
        Assert.Matches(@"\+15\.0 s\s+PromoteReplica\s+\| {20}#{20}\| 15\.0 s", lines[3]);
        Assert.Contains("1,000 writes acknowledged, 0 lost", lines[4], StringComparison.Ordinal);
    }

    private static StepResult Step(string name, double from, double to) => new() { Name = name, Target = "/x", Started = Seen.At.AddSeconds(from), Finished = Seen.At.AddSeconds(to), Outcome = StepOutcome.Succeeded };
}
