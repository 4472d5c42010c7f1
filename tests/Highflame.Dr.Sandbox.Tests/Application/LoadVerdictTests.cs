using Highflame.Dr.Sandbox.Application;

namespace Highflame.Dr.Tests.Application;

public sealed class LoadVerdictTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Lost_RowsMissing_AreNamed()
    {
        var writes = new[] { Write("a", 0, 1, "one"), Write("b", 1, 2, "one"), Write("c", 2, 3, "two") };

        Assert.Equal(["b"], LoadVerdict.Lost(writes, ["a", "c", "never acknowledged"]).Select(w => w.Id));
    }

    [Theory]
    [InlineData("two", "two")]
    [InlineData("", null)]
    [InlineData("two,one", "one")]
    public void Survivor_ClientsHaveNotFollowedYet_IsTheServerThatTakesWrites(string writers, string? survivor)
    {
        var writes = new[] { Write("a", 0, 1, "one") };

        Assert.Equal(survivor, LoadVerdict.Survivor(writes, writers.Split(',', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void AcceptedByOthers_SentAfterTheSurvivorsFirst_Counts()
    {
        var writes = new[] { Write("a", 0, 1, "one"), Write("b", 2, 3, "two"), Write("c", 4, 5, "one"), Write("d", 6, 7, "two") };

        Assert.Equal(1, LoadVerdict.AcceptedByOthers(writes, "two"));
    }

    [Fact]
    public void AcceptedByOthers_AnswerOnItsWayWhenTheSurvivorTookOver_DoesNotCount()
    {
        var writes = new[] { Write("b", 2, 3, "two"), Write("a", 2, 4, "one"), Write("d", 6, 7, "two") };

        Assert.Equal(0, LoadVerdict.AcceptedByOthers(writes, "two"));
    }

    private static AcknowledgedWrite Write(string id, int sent, int acknowledged, string server) =>
        new(id, Start.AddMilliseconds(sent), Start.AddMilliseconds(acknowledged), "region", server);
}
