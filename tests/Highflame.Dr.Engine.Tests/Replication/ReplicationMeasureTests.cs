using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Engine.Replication;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Replication;

public sealed class ReplicationMeasureTests
{
    private static readonly ReplicationSight Sight = Seen.Healthy.Sight;

    [Fact]
    public void From_BothAnswerAndTheReplicaIsLevel_IsNoLagHoweverOldTheLastCommit()
    {
        var status = ReplicationMeasure.From(Sight with { ReplicaDatabase = Seen.ReplicaDatabase with { ReplayAgeSeconds = 3600 } });

        Assert.Equal((0, 0, LagSource.Database, "streaming"), (status.LagBytes, status.LagSeconds, status.Source, status.State));
    }

    [Fact]
    public void From_Behind_IsTheBytesBetweenAndTheAgeOfTheLastCommit()
    {
        var status = ReplicationMeasure.From(Sight with { PrimaryDatabase = Seen.PrimaryDatabase with { Lsn = "1/0" }, ReplicaDatabase = Seen.ReplicaDatabase with { Lsn = "0/FFFFFF00", ReplayAgeSeconds = 1.23456 } });

        Assert.Equal((256, 1.235), (status.LagBytes, status.LagSeconds));
    }

    [Fact]
    public void From_ReplicaAheadOfAnOlderReading_IsNeverNegative() =>
        Assert.Equal(0, ReplicationMeasure.From(Sight with { ReplicaDatabase = Seen.ReplicaDatabase with { Lsn = "0/600" } }).LagBytes);

    [Fact]
    public void From_PrimarySilent_TheBytesAreNotKnown()
    {
        var status = ReplicationMeasure.From(Seen.RegionLost.Sight);

        Assert.Equal((null, 2.5, LagSource.ReplicaOnly, "Active", Pairs.Id("p")), (status.LagBytes, status.LagSeconds, status.Source, status.State, status.PrimaryResourceId));
    }

    [Fact]
    public void From_PrimaryThatIsItselfInRecovery_CountsAsNone() =>
        Assert.Equal(LagSource.ReplicaOnly, ReplicationMeasure.From(Sight with { PrimaryDatabase = Seen.PrimaryDatabase with { InRecovery = true } }).Source);

    [Fact]
    public void From_ReplicaSilent_TakesAzuresMetric() =>
        Assert.Equal((LagSource.Metrics, 4.0), ReplicationMeasure.From(Seen.AzureAlone.Sight) is var s ? (s.Source, s.LagSeconds) : default);

    [Theory]
    [InlineData("", "disconnected")]
    [InlineData("walreceiver:catchup", "catchup")]
    [InlineData("other:streaming,r:catchup", "catchup")]
    [InlineData("other:streaming,another:streaming", "Active")]
    public void From_Senders_TheReplicasOwnCountsOrTheOnlyOneElseAzuresWord(string senders, string state)
    {
        WalSender[] seen = [.. senders.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(s => new WalSender(s.Split(':')[0], s.Split(':')[1], null, null, null))];
        var replica = Seen.Replica with { Name = "r" };
        // 'r' is part of every word: a name nobody else contains.
        seen = [.. seen.Select(s => s.ApplicationName == "r" ? s with { ApplicationName = "hf-replica-7" } : s)];

        Assert.Equal(state, ReplicationMeasure.From(Sight with { Replica = replica with { Name = "hf-replica-7" }, Senders = seen }).State);
    }
}
