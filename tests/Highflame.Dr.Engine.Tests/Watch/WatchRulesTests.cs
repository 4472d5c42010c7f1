using Highflame.Dr.Engine.Watch;
using Highflame.Dr.Watch;
using Xunit;

namespace Highflame.Dr.Engine.Tests.Watch;

/// <summary>Hold-off, cooldown, what forbids, what is remembered, and what is said once.</summary>
public sealed class WatchRulesTests
{
    private readonly WatchScene _scene = new();

    public WatchRulesTests() => _scene.Run(0, 60, _ => WatchWorld.Well);

    [Fact]
    public void Automatic_Off_AlertsThatAFailoverIsDueAndNeverAsksForOne()
    {
        _scene.Pair = _scene.Pair with { Watch = _scene.Pair.Watch with { Automatic = WatchAutomatic.Off } };

        _scene.Run(70, 600, _ => WatchWorld.RegionLost);

        Assert.Empty(_scene.Failovers);
        Assert.Equal(2, _scene.Alerts.Count());
        Assert.Contains(_scene.Alerts, a => a.Contains("is due", StringComparison.Ordinal));
    }

    [Fact]
    public void PairFile_SaysNothing_IsOffWithTheCarefulDefaults()
    {
        var rules = new PairWatch();

        Assert.Equal((WatchAutomatic.Off, 3, 180d, 300d), (rules.Automatic, rules.Witnesses, rules.HoldOffSeconds, rules.CooldownSeconds));
        Assert.Equal([WatchVerdict.Region], rules.FailoverOn);
    }

    public static TheoryData<string, string> Forbidden => new()
    {
        { "lease", "HfRunHeld" },
        { "unfinished", "HfRunUnfinished" },
        { "debt", "HfFenceOwed" },
        { "preflight", "HfReplicationBroken" },
        { "lag", "HfLagOverRpo" },
        { "unknown lag", "HfLagOverRpo" },
        { "run ended", "HfCooldown" },
        { "unreadable", "HfGuardsUnknown" },
        { "standby", "HfGatewayUnhealthy" },
    };

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void Due_SomethingForbidsIt_AlertsOnceWithTheReasonAndGoesAsSoonAsItIsGone(string what, string code)
    {
        var world = what switch
        {
            "lag" => WatchWorld.RegionLost with { Received = 900, ReplayAge = 500 },
            "unknown lag" => WatchWorld.RegionLost with { Received = null, ReplayAge = null },
            "standby" => WatchWorld.RegionLost with { Standby = WitnessWord.Down },
            _ => WatchWorld.RegionLost,
        };
        _scene.Guards = what switch
        {
            "lease" => new WatchGuards { Holder = "process 9 on there" },
            "unfinished" => new WatchGuards { Unfinished = ("run-1", "westus", WatchScene.Start) },
            "debt" => new WatchGuards { Debts = ["p"] },
            "preflight" => new WatchGuards { Preflight = [WatchScene.Refusal("HfReplicationBroken")] },
            "run ended" => new WatchGuards { LastRunEnded = WatchScene.Start.AddSeconds(200) },
            "unreadable" => new WatchGuards { Problem = "no" },
            _ => new WatchGuards(),
        };

        _scene.Run(70, 320, _ => world);

        Assert.Empty(_scene.Failovers);
        Assert.Contains(_scene.Events[^1].Refusals, r => r.Code == code);
        Assert.Single(_scene.Alerts, a => a.Contains("forbidden", StringComparison.Ordinal));

        _scene.Guards = new WatchGuards();
        _scene.Look(330, WatchWorld.RegionLost);
        Assert.Single(_scene.Failovers);
    }

    [Theory]
    [InlineData(null, false, false)]
    [InlineData(100d, false, false)]
    [InlineData(165d, false, true)]
    [InlineData(400d, false, true)]
    [InlineData(null, true, true)]
    public void Guards_AreLookedAt_OnlyWhenAFailoverMayBeAskedForOrWas(double? failing, bool asked, bool needed)
    {
        var now = WatchScene.Start;
        var known = new WatchMemory { FirstFailure = failing is { } seconds ? now.AddSeconds(-seconds) : null, Asked = asked ? new("westus", now, now, "w") : null };

        Assert.Equal(needed, WatchDecision.NeedsGuards(new PairWatch(), known, now));
    }

    [Fact]
    public void Guards_NotLookedAtYet_WaitsForTheNextRoundAndSaysNothing()
    {
        _scene.Run(70, 240, _ => WatchWorld.RegionLost);
        var said = _scene.Alerts.Count();
        _scene.Guards = null;

        Assert.Equal((WatchPhase.HoldOff, WatchAction.None), (_scene.Look(250, WatchWorld.RegionLost).Phase, _scene.Events[^1].Action));
        Assert.Equal(said, _scene.Alerts.Count());

        _scene.Guards = new WatchGuards();
        Assert.Equal(WatchAction.Failover, _scene.Look(260, WatchWorld.RegionLost).Action);
    }

    [Fact]
    public void HoldOff_WatcherRestarted_IsNotForgotten()
    {
        _scene.Run(70, 120, _ => WatchWorld.RegionLost);
        var other = new WatchScene { Memory = _scene.Memory };

        other.Run(200, 260, _ => WatchWorld.RegionLost);

        var asked = Assert.Single(other.Failovers);
        Assert.Equal(WatchScene.Start.AddSeconds(70), asked.FirstFailure);
        Assert.Equal(WatchScene.Start.AddSeconds(250), asked.At);
    }

    [Fact]
    public void HoldOff_NobodyLookedForLongerThanIt_BeginsAnew()
    {
        _scene.Run(70, 90, _ => WatchWorld.RegionLost);

        _scene.Run(1000, 1170, _ => WatchWorld.RegionLost);

        Assert.Empty(_scene.Failovers);
        Assert.Equal(WatchScene.Start.AddSeconds(1000), _scene.Events[^1].FirstFailure);
    }

    [Fact]
    public void HoldOff_BlindForAMoment_GoesOnAndConfirmsAnew()
    {
        var blind = new WatchWorld
        {
            ArmCheck = WitnessWord.Down, AuthorityCheck = WitnessWord.Down, Gateway = WitnessWord.Down, Standby = WitnessWord.Down, Primary = WitnessWord.Down,
            Stream = WitnessWord.Silent, Azure = WitnessWord.Silent, Vantage = WitnessWord.Silent,
        };

        _scene.Run(70, 400, second => second is >= 230 and < 250 ? blind : WatchWorld.RegionLost);

        Assert.Equal(WatchScene.Start.AddSeconds(270), Assert.Single(_scene.Failovers).At);
    }

    [Fact]
    public void Failover_TwoWatchersOfOneMemory_OneAsks()
    {
        for (var second = 70; second < 400; second += 10)
        {
            _scene.Look(second, WatchWorld.RegionLost);
            _scene.Look(second + 1, WatchWorld.RegionLost, "process 2 on here");
        }

        Assert.Single(_scene.Failovers);
        Assert.Single(_scene.Alerts);
    }

    [Fact]
    public void Failover_NobodyTookItUp_IsAskedAgain()
    {
        _scene.TakenUp = false;
        _scene.Run(70, 300, _ => WatchWorld.RegionLost);

        Assert.Equal([250d, 280d], _scene.Failovers.Select(e => (e.At - WatchScene.Start).TotalSeconds));
    }

    [Fact]
    public void Failover_ItsRunnerDied_IsAskedAgainToResume()
    {
        _scene.TakenUp = false;
        _scene.Run(70, 250, _ => WatchWorld.RegionLost);
        _scene.Guards = new WatchGuards { Unfinished = ("run", "westus", WatchScene.Start.AddSeconds(251)) };

        _scene.Run(260, 280, _ => WatchWorld.RegionLost);

        Assert.Equal(2, _scene.Failovers.Count());
        Assert.Contains("left unfinished", _scene.Failovers.Last().Alert, StringComparison.Ordinal);
    }

    [Fact]
    public void Failover_NotBegunAndTheRegionIsBack_IsTakenBack()
    {
        _scene.TakenUp = false;
        _scene.Run(70, 250, _ => WatchWorld.RegionLost);

        _scene.Run(260, 400, _ => WatchWorld.Well);

        Assert.Single(_scene.Failovers);
        Assert.Contains(_scene.Alerts, a => a.Contains("not asked for any more", StringComparison.Ordinal));
    }

    [Fact]
    public void Cooldown_AfterAFailover_LastsAndThenEnds()
    {
        _scene.Run(70, 250, _ => WatchWorld.RegionLost);
        _scene.Active = "westus";
        _scene.Guards = new WatchGuards();
        _scene.Run(260, 290, _ => WatchWorld.Well);
        Assert.Equal(WatchPhase.Cooldown, _scene.Events[^1].Phase);

        // The region that took over dies at once: nothing is asked for before the cooldown's end.
        _scene.Run(300, 550, _ => WatchWorld.RegionLost);
        Assert.Single(_scene.Failovers);
        Assert.Contains(_scene.Events[^1].Refusals, r => r.Code == "HfCooldown");

        _scene.Run(560, 600, _ => WatchWorld.RegionLost);
        Assert.Equal(2, _scene.Failovers.Count());
    }

    [Fact]
    public void Alert_FlappingForAnHour_SaysEachThingOnce()
    {
        _scene.Run(70, 3600, second => (int)(second / 100) % 2 == 0 ? WatchWorld.Well with { Gateway = WitnessWord.Failing, Vantage = WitnessWord.Down } : WatchWorld.Well);

        Assert.Equal(2, _scene.Alerts.Count());
        Assert.Single(_scene.Alerts, a => a.StartsWith("Application", StringComparison.Ordinal));
        Assert.Single(_scene.Alerts, a => a.StartsWith("Recovered", StringComparison.Ordinal));
    }

    [Fact]
    public void Alert_IncidentClosedAfterItsCalm_TheNextOneIsSaidAgain()
    {
        var ill = WatchWorld.Well with { Gateway = WitnessWord.Failing, Vantage = WitnessWord.Down };
        _scene.Run(70, 120, _ => ill);
        _scene.Run(130, 600, _ => WatchWorld.Well);
        Assert.Null(_scene.Events[^1].Incident);

        _scene.Run(610, 700, _ => ill);

        Assert.Equal(3, _scene.Alerts.Count());
    }

    [Theory]
    [InlineData("names dead", "2 of 3 places", "none of them outside")]
    [InlineData("nobody outside", "2 of 3 places", "none of them outside")]
    [InlineData("replica silent", "", "")]
    public void Alert_HealthyAndTooFewCouldTellOtherwise_IsSaidOnce(string what, string count, string outside)
    {
        var world = what switch
        {
            "names dead" => WatchWorld.Well with { Primary = WitnessWord.Silent, Vantage = WitnessWord.Silent, Azure = WitnessWord.Silent },
            "nobody outside" => WatchWorld.Well with { Vantage = WitnessWord.Silent, Azure = WitnessWord.Silent },
            _ => WatchWorld.Well with { Stream = WitnessWord.Silent },
        };

        _scene.Run(70, 300, _ => world);

        if (count.Length == 0)
        {
            Assert.Empty(_scene.Alerts);
            return;
        }

        var said = Assert.Single(_scene.Alerts);
        Assert.Contains(count, said, StringComparison.Ordinal);
        Assert.Contains(outside, said, StringComparison.Ordinal);
        Assert.All(_scene.Events, e => Assert.Equal(WatchVerdict.Healthy, e.Verdict));
    }

    [Fact]
    public void Database_FileNamesIt_IsReasonEnough()
    {
        var dead = WatchWorld.Well with { Gateway = WitnessWord.Failing, Primary = WitnessWord.Down, Stream = WitnessWord.Down, Azure = WitnessWord.Failing, Vantage = WitnessWord.Down, Written = null };
        _scene.Pair = _scene.Pair with { Watch = _scene.Pair.Watch with { FailoverOn = [WatchVerdict.Region, WatchVerdict.Database] } };

        _scene.Run(70, 300, _ => dead);

        Assert.Equal(WatchVerdict.Database, _scene.Failovers.First().Verdict);
    }

    [Fact]
    public void Witnesses_FewerThanThreeInTheRules_AreThreeAllTheSame()
    {
        _scene.Pair = _scene.Pair with { Watch = _scene.Pair.Watch with { Witnesses = 1 } };

        _scene.Run(70, 400, _ => WatchWorld.RegionLost with { Azure = WitnessWord.Silent, Vantage = WitnessWord.Silent });

        Assert.Empty(_scene.Failovers);
    }

    [Theory]
    [InlineData(1000UL, 3600, 10d, 0L)] // an idle primary: all it wrote is there, and it was seen ten seconds before it failed
    [InlineData(600UL, 100, 70d, 400L)]
    [InlineData(1000UL, 33, 3d, 0L)]
    public void Price_AfterALoss_IsWhatTheReplicaCannotHave(ulong received, double replayAge, double seconds, long bytes)
    {
        _scene.Look(70, WatchWorld.RegionLost with { Received = received, ReplayAge = replayAge });
        var found = _scene.Look(100, WatchWorld.RegionLost with { Received = received, ReplayAge = replayAge });

        Assert.Equal((30d, seconds, bytes), (found.Price.FailingSeconds, found.Price.LossSeconds, found.Price.LossBytes));
        Assert.True(found.Price.UsersFailing);
    }

    [Fact]
    public void Memory_ChangesOfWhatWitnessesSay_AreKeptAndBounded()
    {
        _scene.Run(70, 4000, second => (int)(second / 10) % 2 == 0 ? WatchWorld.RegionLost : WatchWorld.Well);

        Assert.Equal(WatchMemory.KeptChanges, _scene.Memory!.Changes.Length);
        Assert.Contains(_scene.Memory.Changes, c => c is { Witness: "stream", Word: WitnessWord.Down });
    }
}
