using Highflame.Dr.Engine.Loss;
using Highflame.Dr.Engine.Postgres;

namespace Highflame.Dr.Engine.Tests.Loss;

public sealed class LossRulesTests
{
    [Fact]
    public void Judge_NothingArrivedAfterTheLastLook_IsExact()
    {
        // 98 was in flight at the cut, 99 was replicated; from 100 on each server has its own.
        var (lost, ambiguous) = LossRules.Judge(Reading("0/5000", [98, 99, 100, 102], [99, 100, 101]));

        Assert.Equal([98, 100, 102], lost);
        Assert.Empty(ambiguous);
    }

    [Theory]
    [InlineData("0/6000")]
    [InlineData(null)]
    public void Judge_LogMovedOnOrIsNotKnown_SameIdOnBothIsAmbiguous(string? recoveryEnd)
    {
        var (lost, ambiguous) = LossRules.Judge(Reading(recoveryEnd, [98, 99, 100, 102], [99, 100, 101]));

        Assert.Equal([98, 102], lost);
        Assert.Equal([100], ambiguous);
    }

    [Fact]
    public void Settle_AmbiguousTransactions_AreToldApartByTheirRows()
    {
        var tallies = new LossTallies([], [100, 101, 102, 103]);
        foreach (var row in (RowVersion[])[Row(100, 1, "a"), Row(100, 2, "b"), Row(101, 3, "c"), Row(102, 4, "d"), Row(102, 5, "e")]) tallies.Add(row);
        foreach (var row in (RowVersion[])[Row(100, 1, "a"), Row(100, 2, "b"), Row(101, 9, "own"), Row(102, 4, "d")]) tallies.Meet(row);

        tallies.Settle();

        // 100 stands on both; 101 is another transaction there; 102 stands in part; 103 left no row.
        Assert.Equal([(101L, true), (102L, false), (103L, false)], tallies.Lost.Select(t => (t.Id, t.Certain)));
    }

    [Fact]
    public void Settle_RowSentAgainByAClient_IsCountedAsWrittenAgainAndAnOlderVersionIsNot()
    {
        var tallies = new LossTallies([100, 101, (1L << 32) + 102], []);
        tallies.Add(Row(100, 1, "a"));
        tallies.Add(Row(101, 2, "b"));
        tallies.Add(Row(102, 3, "c"));
        tallies.Add(Row(77, 4, "not lost"));
        tallies.Meet(Row(205, 1, "a, later"));
        // Another table's key, and a key that nobody lost.
        tallies.Meet(Row(206, 2, "b") with { Table = "public.other" });
        tallies.Meet(Row(207, 50, "x"));

        tallies.Settle();

        Assert.Equal([1, 0, 0], tallies.Lost.Select(t => t.WrittenAgain));
        Assert.Equal([1, 1, 1], tallies.Lost.Select(t => t.Rows));
        Assert.True(tallies.IsWrittenAgain(Row(100, 1, "a")));
        Assert.False(tallies.IsWrittenAgain(Row(101, 2, "b")));
        Assert.Null(tallies.Find(77));
        Assert.Equal((1L << 32) + 102, tallies.Find(102)!.Id);
    }

    private static LossReading Reading(string? recoveryEnd, long[] old, long[] @new) => new()
    {
        Boundary = new TransactionSnapshot(98, 100),
        BoundaryLsn = "0/5000",
        RecoveryEnd = recoveryEnd,
        OldCommitted = old,
        NewCommitted = @new,
    };

    private static RowVersion Row(uint transaction, int id, string value) => new(transaction, "highflame", "public.entries", ["id"], $$"""{"id": {{id}}, "value": "{{value}}"}""");
}
