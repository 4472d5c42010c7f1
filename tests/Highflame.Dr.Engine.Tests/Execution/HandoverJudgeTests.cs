using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Tests.Execution;

public sealed class HandoverJudgeTests
{
    private static readonly PromotionRecord Record = Seen.Promotion(FailoverMode.Planned);
    private static readonly DatabaseObservation Promoted = Seen.ReplicaDatabase with { InRecovery = false, Timeline = 2, Lsn = "0/510" };
    private static readonly DatabaseObservation Old = Seen.PrimaryDatabase with { ReadOnly = true };

    /// <summary>Each thing that keeps zero loss from being proven, alone, with the words that say so.</summary>
    private static Dictionary<string, (PromotionRecord Record, DatabaseObservation? Promoted, DatabaseObservation? Old)> Gaps => new()
    {
        ["not seen to refuse writes"] = (Record with { Fenced = false }, Promoted, Old),
        ["not seen to have replayed"] = (Record with { ReplayedLsn = "0/4FF" }, Promoted, Old),
        ["the promoted database did not answer"] = (Record, null, Old),
        ["is in recovery"] = (Record, Promoted with { InRecovery = true }, Old),
        ["the system identifier reads 8"] = (Record, Promoted with { SystemIdentifier = "8" }, Old),
        ["the system identifier reads nothing"] = (Record with { SystemIdentifier = null }, Promoted with { SystemIdentifier = null }, Old),
        ["the timeline reads 1, not later than 1"] = (Record, Promoted with { Timeline = 1 }, Old),
        ["the timeline reads nothing"] = (Record, Promoted with { Timeline = null }, Old),
        ["its position 0/4FF is not at or past 0/500"] = (Record, Promoted with { Lsn = "0/4FF" }, Old),
        ["the old primary could not be asked again"] = (Record, Promoted, null),
        ["next transaction id is 101, and was 100"] = (Record, Promoted, Old with { NextTransactionId = "101" }),
        ["did not tell its next transaction id"] = (Record with { FencedTransactionId = null }, Promoted, Old),
        ["old primary did not tell its next"] = (Record, Promoted, Old with { NextTransactionId = null }),
    };

    public static IEnumerable<object[]> Missing => Gaps.Keys.Select(k => new object[] { k });

    [Fact]
    public void Judge_EverythingShown_IsProven() => Assert.True(HandoverJudge.Judge(Record, Promoted, Old).ZeroLossProven);

    [Theory]
    [MemberData(nameof(Missing))]
    public void Judge_OneThingNotShown_IsNotProvenAndNeverFalse(string missing)
    {
        var (record, promoted, old) = Gaps[missing];

        var proof = HandoverJudge.Judge(record, promoted, old);

        Assert.Null(proof.ZeroLossProven);
        Assert.StartsWith("not proven: ", proof.Detail, StringComparison.Ordinal);
        Assert.Contains(missing, proof.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(";", proof.Detail, StringComparison.Ordinal);
    }
}
