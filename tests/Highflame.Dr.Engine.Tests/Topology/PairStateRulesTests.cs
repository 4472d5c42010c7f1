using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Topology;
using static Highflame.Dr.Engine.Tests.Support.Pairs;

namespace Highflame.Dr.Engine.Tests.Topology;

public sealed class PairStateRulesTests
{
    private static readonly RegionPair Pair = Create();

    private static (PairState, string?, string?) Judge(string? active, params DbServer[] servers)
    {
        var region = active is null ? null : Pair.FindRegion(active);
        var reading = PairStateRules.Judge(region, region is null ? null : Pair.OtherThan(region), servers);
        return (reading.State, reading.Primary?.Name, reading.Replica?.Name);
    }

    [Fact]
    public void Judge_PrimaryHereReplicaThere_IsProtected() =>
        Assert.Equal((PairState.Protected, "p", "r"), Judge("eastus", Server("p", "eastus", DbRole.Primary), Server("r", "westus", DbRole.Replica, "p")));

    [Theory]
    [InlineData("Ready", "Broken")]
    [InlineData("Ready", "Provisioning")]
    [InlineData("Stopped", "Active")]
    public void Judge_ReplicaThatCannotTakeOver_IsUnprotected(string state, string replication) =>
        Assert.Equal((PairState.Unprotected, "p", "r"), Judge("eastus", Server("p", "eastus", DbRole.Primary), Server("r", "westus", DbRole.Replica, "p", state, replication)));

    [Fact]
    public void Judge_NoReplica_IsUnprotected() => Assert.Equal((PairState.Unprotected, "p", null), Judge("eastus", Server("p", "eastus", DbRole.Primary)));

    [Fact]
    public void Judge_ReplicaOfSomebodyElse_IsUnprotected() =>
        Assert.Equal((PairState.Unprotected, "p", null), Judge("eastus", Server("p", "eastus", DbRole.Primary), Server("r", "westus", DbRole.Replica, "q")));

    [Fact]
    public void Judge_TrafficAtTheReplica_IsMisrouted() =>
        Assert.Equal((PairState.Misrouted, "p", "r"), Judge("westus", Server("p", "eastus", DbRole.Primary), Server("r", "westus", DbRole.Replica, "p")));

    [Fact]
    public void Judge_TrafficAtTheStoppedOldPrimary_IsMisrouted() =>
        Assert.Equal((PairState.Misrouted, "new", null), Judge("eastus", Server("old", "eastus", DbRole.Primary, state: "Stopped"), Server("new", "westus", DbRole.Primary)));

    [Fact]
    public void Judge_ActiveRegionLost_NamesReplicaAndWhatItCopiedFrom() =>
        Assert.Equal((PairState.Unknown, "p", "r"), Judge("eastus", Server("p", "eastus", DbRole.Unknown, state: "Unknown"), Server("r", "westus", DbRole.Replica, "p")));

    [Fact]
    public void Judge_AfterFailoverWithOldPrimaryLeft_IsProtectedByTheNewReplica() =>
        Assert.Equal((PairState.Protected, "new", "rebuilt"), Judge("westus",
            Server("old", "eastus", DbRole.Primary, state: "Stopped"), Server("rebuilt", "eastus", DbRole.Replica, "new"), Server("new", "westus", DbRole.Primary, "old")));

    [Fact]
    public void Judge_TargetOfNeitherRegion_IsUnknownAndStillNamesThePair() =>
        Assert.Equal((PairState.Unknown, "p", "r"), Judge(null, Server("p", "eastus", DbRole.Primary), Server("r", "westus", DbRole.Replica, "p")));

    [Fact]
    public void Judge_SeveralPrimariesWithoutReplica_DoesNotGuess()
    {
        var reading = PairStateRules.Judge(Pair.Regions[0], Pair.Regions[1], [Server("a", "eastus", DbRole.Primary), Server("b", "eastus", DbRole.Primary)]);
        Assert.Equal((PairState.Unprotected, null), (reading.State, reading.Primary));
        Assert.Contains("a, b", reading.Warning, StringComparison.Ordinal);
    }
}
