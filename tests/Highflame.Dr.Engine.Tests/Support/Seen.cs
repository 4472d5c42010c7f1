using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Support;

/// <summary>What a survey sees of a healthy pair: primary p in eastus, its replica r in westus, both databases answering. A test spoils one thing.</summary>
internal static class Seen
{
    public static readonly DateTimeOffset At = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public static DbServer Primary => Pairs.Server("p", "eastus", DbRole.Primary);

    public static DbServer Replica => Pairs.Server("r", "westus", DbRole.Replica, "p", replicationState: "Active");

    public static DatabaseObservation PrimaryDatabase => new() { InRecovery = false, ReadOnly = false, SystemIdentifier = "7", Timeline = 1, Lsn = "0/500", NextTransactionId = "100", ServerTime = At };

    public static DatabaseObservation ReplicaDatabase => new() { InRecovery = true, ReadOnly = false, SystemIdentifier = "7", Timeline = 1, Lsn = "0/500", ReceivedLsn = "0/500", ReplayAgeSeconds = 2.5, ReplayPaused = false, ServerTime = At };

    public static FailoverObservation Healthy => new()
    {
        At = At,
        Replica = Replica,
        Primary = Primary,
        ReplicationState = "Active",
        DatabaseAccess = true,
        ReplicaDatabase = ReplicaDatabase,
        PrimaryDatabase = PrimaryDatabase,
        Senders = [new("r", "streaming", "0/500", "0/500", 0)],
        RpoSeconds = 60,
    };

    /// <summary>The region of the primary does not answer at all.</summary>
    public static FailoverObservation RegionLost => Healthy with { Primary = null, PrimaryProblem = "no answer within 2 s.", PrimaryDatabase = null, Senders = null };

    /// <summary>No database credential: Azure alone.</summary>
    public static FailoverObservation AzureAlone => Healthy with { DatabaseAccess = false, ReplicaDatabase = null, PrimaryDatabase = null, Senders = null, MetricSeconds = 4 };

    public static FailoverRequest Planned => new() { Server = "r", Mode = FailoverMode.Planned };

    public static FailoverRequest Forced => new() { Server = "r", Mode = FailoverMode.Forced, AllowDataLoss = true };

    public static FenceDebt Debt(string server, string promoted) => new()
    {
        Server = server,
        ServerId = Pairs.Id(server),
        PromotedId = Pairs.Id(promoted),
        RunId = "run-1",
        Mode = FailoverMode.Forced,
        Since = At,
    };

    public static PromotionRecord Promotion(FailoverMode mode) => new()
    {
        Server = "r",
        ServerId = Pairs.Id("r"),
        HostName = "r.postgres.database.azure.com",
        Location = "westus",
        Mode = mode,
        OldPrimary = "p",
        OldPrimaryId = Pairs.Id("p"),
        OldPrimaryHost = "p.postgres.database.azure.com",
        Fenced = mode == FailoverMode.Planned,
        FinalLsn = mode == FailoverMode.Planned ? "0/500" : null,
        ReplayedLsn = "0/500",
        HeartbeatId = mode == FailoverMode.Planned ? "99" : null,
        SystemIdentifier = "7",
        Timeline = 1,
        FencedTransactionId = mode == FailoverMode.Planned ? "100" : null,
    };

    public static RecordedPromotion Recorded(FailoverMode mode, HandoverProof? proof = null, bool stopped = false, DrOperation? operation = null) => new(Promotion(mode), operation, proof, stopped);
}
