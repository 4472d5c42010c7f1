using Highflame.Dr.Engine.Evidence;
using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Rehearsal;

namespace Highflame.Dr.Engine.Tests.Evidence;

public sealed class DrillTimelineTests
{
    private static readonly DateTimeOffset Begin = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Draw_MoreStepsThanLines_KeepsTheQuickOnesThatTurnTheFailover()
    {
        var slow = Enumerable.Range(0, 20).Select(n => Step($"Slow{n}", n, 5));
        StepResult[] quick = [Step("FenceOldPrimary", 4.1, 0.02), Step("PromoteReplica", 4.2, 0.01), Step("MoveTraffic", 4.3, 0.01), Step("SetTtl", 4.4, 0.01)];

        var lines = DrillTimeline.Draw(Evidence([.. slow, .. quick]), new LoadReport { Started = Begin, Running = false });

        Assert.True(lines.Length <= 16, string.Join("\n", lines));
        foreach (var name in new[] { "FenceOldPrimary", "PromoteReplica", "MoveTraffic" })
            Assert.Single(lines, l => l.Contains($" {name} ", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains("SetTtl", StringComparison.Ordinal));
    }

    private static StepResult Step(string name, double at, double seconds) =>
        new() { Name = name, Target = "server", Started = Begin.AddSeconds(at), Finished = Begin.AddSeconds(at + seconds), Outcome = StepOutcome.Succeeded };

    private static RunEvidence Evidence(StepResult[] steps) => new()
    {
        RunId = "run", Pair = "pair", From = "eastus", To = "westus", Mode = "Planned", Outcome = StepOutcome.Succeeded, Started = Begin, Finished = Begin.AddSeconds(30),
        Rto = new ObjectiveResult(900, 1), Rpo = new ObjectiveResult(60, 0), Steps = steps, Topology = new EvidenceTopology("westus", [], null), JournalPath = "journal", JournalHash = "hash",
    };
}
