using Highflame.Dr.Engine.Evidence;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Evidence;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Watch;
using Xunit;

namespace Highflame.Dr.Engine.Tests.Evidence;

/// <summary>The times of an automatic drill, each apart, and what it must have reached.</summary>
public sealed class DrillWatchRulesTests
{
    private static readonly DateTimeOffset Lost = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DrillTrouble Quiet = new() { Name = "link cut for 43 s", Rounds = 9, Verdicts = [WatchVerdict.Healthy, WatchVerdict.Network] };

    [Fact]
    public void Of_ADrill_TellsDetectionDecisionAndRecoveryApart()
    {
        var watch = Of([Quiet], Asked(200));

        Assert.Equal((4d, 196d, 10d, 210d, 1), (watch.DetectionSeconds, watch.DecisionSeconds, watch.RecoverySeconds, watch.TotalSeconds, watch.Failovers));
        Assert.Equal((180d, 16d, 17d, 1, 0), (watch.HoldOffSeconds, watch.AfterHoldOffSeconds, watch.BegunAfterHoldOffSeconds, watch.Runs, watch.FailoversInTroubles));
        Assert.Empty(DrillWatchRules.Failures(watch, 90));
    }

    public static TheoryData<string> Missed => ["a failover in a trouble", "a trouble nobody watched", "no failover", "two failovers", "two runs", "too late", "too early", "too few agree", "nobody served"];

    [Theory]
    [MemberData(nameof(Missed))]
    public void Failures_OfADrillThatMissedOneThing_AreThatOne(string what)
    {
        var watch = what switch
        {
            "a failover in a trouble" => Of([Quiet with { Failovers = 1 }], Asked(200)),
            "a trouble nobody watched" => Of([Quiet with { Rounds = 0 }], Asked(200)),
            "two failovers" => Of([Quiet], Asked(200), Asked(203)),
            "two runs" => Of([Quiet], Asked(200)) with { Runs = 2 },
            "too late" => Of([Quiet], Asked(200)) with { BegunAfterHoldOffSeconds = 91 },
            "too early" => Of([Quiet], Asked(150)),
            "too few agree" => Of([Quiet], Asked(200) with { Agreeing = ["a", "b"] }),
            "nobody served" => Of([Quiet], Asked(200)) with { RecoverySeconds = null },
            _ => Of([Quiet]),
        };

        if (what == "no failover") Assert.NotEmpty(DrillWatchRules.Failures(watch, 90));
        else Assert.Single(DrillWatchRules.Failures(watch, 90));
    }

    private static WatchEvent Asked(double second) => new()
    {
        Name = "prod",
        Pair = Pairs.Create(),
        At = Lost.AddSeconds(second),
        Verdict = WatchVerdict.Region,
        Phase = WatchPhase.FailingOver,
        Action = WatchAction.Failover,
        FirstFailure = Lost.AddSeconds(4),
        HoldOffUntil = Lost.AddSeconds(184),
        Agreeing = ["a", "b", "c"],
        Price = new WatchPrice(),
        Watcher = "w",
    };

    private static DrillWatch Of(DrillTrouble[] troubles, params WatchEvent[] found) => DrillWatchRules.Of(
        new DrillWatchRequest(Lost, found, troubles, 90, 1),
        DrillRulesTests.Forced with { Started = Lost.AddSeconds(201) },
        DrillRulesTests.Load with { Shares = [new LoadShare("eastus", "p", 10, Lost.AddSeconds(-9), Lost), new LoadShare("westus", "r", 10, Lost.AddSeconds(210), Lost.AddSeconds(220))] });
}
