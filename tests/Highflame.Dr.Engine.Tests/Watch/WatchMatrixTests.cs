using Highflame.Dr.Engine.Watch;
using Highflame.Dr.Watch;
using Xunit;

namespace Highflame.Dr.Engine.Tests.Watch;

/// <summary>The matrix: what must not move a database across a continent, and the one thing that must.</summary>
public sealed class WatchMatrixTests
{
    public static TheoryData<string> Harmless =>
    [
        "link 10", "link 30", "link 43", "link 60", "region blink 10", "region blink 30", "region blink 43", "region blink 60", "region blink 170", "flapping health", "flapping region",
        "standby dead", "our network dead", "our network cut off the region", "dns dead", "arm dead", "database dead", "application ill", "gateway dead", "azure mistaken", "vantage mistaken",
        "vantage never up", "regions cut off us and each other",
    ];

    [Theory]
    [MemberData(nameof(Harmless))]
    public void Watch_TroubleThatIsNoLostRegion_NeverAsksForAFailover(string trouble)
    {
        var scene = new WatchScene();
        scene.Run(0, 60, _ => trouble == "vantage never up" ? WatchWorld.Well with { Vantage = WitnessWord.Down } : WatchWorld.Well);

        scene.Run(70, 1200, second => World(trouble, second));

        Assert.Empty(scene.Failovers);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(30)]
    public void Watch_RegionLostForGood_AsksForExactlyOneFailoverSoon(double interval)
    {
        var scene = new WatchScene();
        scene.Pair = scene.Pair with { Watch = scene.Pair.Watch with { IntervalSeconds = interval } };
        scene.Run(0, 60, _ => WatchWorld.Well);
        const double lost = 61;
        var taken = false;

        for (var second = lost; second < lost + 1200; second += interval)
        {
            var found = scene.Look(second, WatchWorld.RegionLost);
            if (found.Action != WatchAction.Failover) continue;
            // Whoever was asked takes the lease, moves traffic and gives it back.
            taken = true;
            scene.Look(second + 1, WatchWorld.RegionLost);
            scene.Active = "westus";
            scene.Guards = new WatchGuards { Unfinished = ("run", "westus", found.At), Debts = ["p"], LastRunEnded = found.At.AddSeconds(20) };
        }

        Assert.True(taken);
        var asked = Assert.Single(scene.Failovers);
        var first = scene.Events.First(e => e.FirstFailure is not null).FirstFailure!.Value;
        Assert.InRange((asked.At - first).TotalSeconds, 180, 270);
        Assert.Equal(("eastus", "westus", WatchVerdict.Region), (asked.Active, asked.Passive, asked.Verdict));
        Assert.True(asked.Agreeing.Length >= 3);
    }

    [Fact]
    public void Watch_RegionLostAndResourceHealthLate_StillCountsFromTheFirstFailure()
    {
        var scene = new WatchScene();
        scene.Pair = scene.Pair with { Watch = scene.Pair.Watch with { VantagePoints = [] } };
        scene.Run(0, 60, _ => WatchWorld.Well);

        scene.Run(70, 400, second => WatchWorld.RegionLost with { Azure = second < 230 ? WitnessWord.Up : WitnessWord.Down });

        var asked = Assert.Single(scene.Failovers);
        Assert.Equal(180, (asked.At - asked.FirstFailure!.Value).TotalSeconds);
        Assert.All(scene.Events.Where(e => e.At < WatchScene.Start.AddSeconds(230) && e.At >= WatchScene.Start.AddSeconds(70)), e => Assert.Equal(WatchVerdict.Network, e.Verdict));
    }

    [Fact]
    public void Watch_WatcherInAThirdRegion_IsItselfTheOneOutside()
    {
        var scene = new WatchScene();
        scene.Pair = scene.Pair with { Watch = scene.Pair.Watch with { VantagePoints = [], WatcherLocation = "northeurope" } };
        scene.Run(0, 60, _ => WatchWorld.Well with { Traffic = WitnessWord.Up });

        // Azure's own word is missing: here, the replica and Traffic Manager are three.
        scene.Run(70, 400, _ => WatchWorld.RegionLost with { Azure = WitnessWord.Silent, Traffic = WitnessWord.Down });

        Assert.Single(scene.Failovers);
    }

    private static WatchWorld World(string trouble, double second) => trouble switch
    {
        "standby dead" => WatchWorld.Well with { Standby = WitnessWord.Down, Stream = WitnessWord.Silent },
        // Nothing that we ask answers; nobody's word reaches us.
        "our network dead" => new WatchWorld
        {
            ArmCheck = WitnessWord.Down, AuthorityCheck = WitnessWord.Down, Gateway = WitnessWord.Down, Standby = WitnessWord.Down, Primary = WitnessWord.Down,
            Stream = WitnessWord.Silent, Azure = WitnessWord.Silent, Vantage = WitnessWord.Silent, Traffic = WitnessWord.Silent, Written = null, Received = null,
        },
        // One dead path is one voice, however many of our probes take it.
        "our network cut off the region" => WatchWorld.Well with { Gateway = WitnessWord.Down, Primary = WitnessWord.Down },
        "dns dead" => WatchWorld.Well with
        {
            Gateway = WitnessWord.Silent, Standby = WitnessWord.Silent, Primary = WitnessWord.Silent, Stream = WitnessWord.Silent, Vantage = WitnessWord.Silent,
            ArmCheck = WitnessWord.Silent, AuthorityCheck = WitnessWord.Silent, Azure = WitnessWord.Silent, Written = null, Received = null,
        },
        "arm dead" => WatchWorld.Well with { ArmCheck = WitnessWord.Down, AuthorityCheck = WitnessWord.Down, Azure = WitnessWord.Silent, Traffic = WitnessWord.Silent },
        "database dead" => WatchWorld.Well with { Gateway = WitnessWord.Failing, Primary = WitnessWord.Down, Stream = WitnessWord.Down, Azure = WitnessWord.Failing, Vantage = WitnessWord.Down },
        "application ill" => WatchWorld.Well with { Gateway = WitnessWord.Failing, Vantage = WitnessWord.Down },
        "gateway dead" => WatchWorld.Well with { Gateway = WitnessWord.Down, Vantage = WitnessWord.Down, Azure = WitnessWord.Failing },
        "azure mistaken" => WatchWorld.Well with { Azure = WitnessWord.Down },
        "vantage mistaken" or "vantage never up" => WatchWorld.Well with { Vantage = WitnessWord.Down },
        // The worst partition: R1 is alone with its users.
        "regions cut off us and each other" => WatchWorld.Well with { Gateway = WitnessWord.Down, Primary = WitnessWord.Down, Stream = WitnessWord.Down },
        "flapping health" => (int)(second / 20) % 2 == 0 ? WatchWorld.Well with { Gateway = WitnessWord.Failing, Vantage = WitnessWord.Down } : WatchWorld.Well,
        "flapping region" => (int)second % 160 < 140 ? WatchWorld.RegionLost : WatchWorld.Well,
        _ when trouble.StartsWith("link ", StringComparison.Ordinal) => second < 70 + Number(trouble) ? WatchWorld.Well with { Stream = WitnessWord.Down } : WatchWorld.Well,
        _ when trouble.StartsWith("region blink ", StringComparison.Ordinal) => second < 70 + Number(trouble) ? WatchWorld.RegionLost : WatchWorld.Well,
        _ => throw new ArgumentOutOfRangeException(nameof(trouble), trouble, null),
    };

    private static double Number(string trouble) => double.Parse(trouble.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);
}
