using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Tests.Execution;

public sealed class HandoverJudgeTests
{
    private static readonly PromotionRecord Record = Seen.Promotion(FailoverMode.Planned);
    private static readonly DatabaseObservation Promoted = Seen.ReplicaDatabase with { InRecovery = false, Timeline = 2, Lsn = "0/510" };
    private const string Committed = "committed";
    private static readonly DatabaseObservation Old = Seen.PrimaryDatabase with { ReadOnly = true };

    /// <summary>Each thing that keeps zero loss from being proven, alone, with the words that say so.</summary>
    private static Dictionary<string, (PromotionRecord Record, DatabaseObservation? Promoted, string? Heartbeat, DatabaseObservation? Old)> Gaps => new()
    {
        ["not seen to refuse writes"] = (Record with { Fenced = false }, Promoted, Committed, Old),
        ["not seen to have replayed"] = (Record with { ReplayedLsn = "0/4FF" }, Promoted, Committed, Old),
        ["the promoted database did not answer"] = (Record, null, null, Old),
        ["is in recovery"] = (Record, Promoted with { InRecovery = true }, Committed, Old),
        ["the system identifier reads nothing"] = (Record with { SystemIdentifier = null }, Promoted with { SystemIdentifier = null }, Committed, Old),
        ["the timeline reads nothing"] = (Record, Promoted with { Timeline = null }, Committed, Old),
        ["its position nothing is not at or past 0/500"] = (Record, Promoted with { Lsn = null }, Committed, Old),
        ["transaction 99, reads nothing"] = (Record, Promoted, null, Old),
        ["transaction 99, reads in progress"] = (Record, Promoted, "in progress", Old),
        ["the old primary wrote no heartbeat"] = (Record with { HeartbeatId = null }, Promoted, null, Old),
        ["the old primary could not be asked again"] = (Record, Promoted, Committed, null),
        ["next transaction id is 101, and was 100"] = (Record, Promoted, Committed, Old with { NextTransactionId = "101" }),
        ["did not tell its next transaction id"] = (Record with { FencedTransactionId = null }, Promoted, Committed, Old),
        ["old primary did not tell its next"] = (Record, Promoted, Committed, Old with { NextTransactionId = null }),
    };

    /// <summary>Each thing that shows the contrary of zero loss, alone.</summary>
    private static Dictionary<string, (DatabaseObservation Promoted, string? Heartbeat)> Contradictions => new()
    {
        ["the system identifier reads 8"] = (Promoted with { SystemIdentifier = "8" }, Committed),
        ["the timeline reads 1, not later than 1"] = (Promoted with { Timeline = 1 }, Committed),
        ["its position 0/4FF is not at or past 0/500"] = (Promoted with { Lsn = "0/4FF" }, Committed),
        ["transaction 99, reads aborted"] = (Promoted, "aborted"),
        ["transaction 99, reads in the future"] = (Promoted, "in the future"),
    };

    public static IEnumerable<object[]> Contradicted => Contradictions.Keys.Select(k => new object[] { k });

    public static IEnumerable<object[]> Missing => Gaps.Keys.Select(k => new object[] { k });

    [Fact]
    public void Judge_EverythingShown_IsProven() => Assert.True(HandoverJudge.Judge(Record, Promoted, Committed, Old).ZeroLossProven);

    [Theory]
    [MemberData(nameof(Missing))]
    public void Judge_OneThingNotShown_IsNotProven(string missing)
    {
        var (record, promoted, heartbeat, old) = Gaps[missing];

        var proof = HandoverJudge.Judge(record, promoted, heartbeat, old);

        Assert.Null(proof.ZeroLossProven);
        Assert.StartsWith("not proven: ", proof.Detail, StringComparison.Ordinal);
        Assert.Contains(missing, proof.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(";", proof.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Contradicted))]
    public void Judge_OneThingContradictsTheToken_HasFailed(string wrong)
    {
        var (promoted, heartbeat) = Contradictions[wrong];

        var proof = HandoverJudge.Judge(Record, promoted, heartbeat, Old);

        Assert.False(proof.ZeroLossProven);
        Assert.StartsWith("FAILED: ", proof.Detail, StringComparison.Ordinal);
        Assert.Contains(wrong, proof.Detail, StringComparison.Ordinal);
    }
}
