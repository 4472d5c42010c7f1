using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Planning;

public sealed class FailoverRefusalsTests
{
    private static readonly ResourceLock NoChanges = new("freeze", "ReadOnly", "/subscriptions/s");
    private static readonly ResourceLock NoDeletes = new("keep", "CanNotDelete", "/subscriptions/s");

    /// <summary>Every way to be refused, each alone: what is spoiled, how it is asked, the ids and the server each speaks of.</summary>
    public static IEnumerable<object[]> Alone => Spoiled.Select(s => new object[] { s.Key, s.Value.Refused });

    private static Dictionary<string, (FailoverObservation Seen, FailoverRequest Request, string Refused)> Spoiled => new()
    {
        ["planned, replica elsewhere"] = (Seen.Healthy with { RunTarget = "centralus" }, Seen.Planned, "HfReplicaNotInTarget r"),
        ["forced, replica elsewhere"] = (Seen.RegionLost with { RunTarget = "eastus" }, Seen.Forced, "HfReplicaNotInTarget r"),
        ["replica promoted behind Azure's back"] = (Seen.Healthy with { ReplicaDatabase = Seen.ReplicaDatabase with { InRecovery = false } }, Seen.Planned, "HfRolesDisagree r"),
        ["primary that is in recovery"] = (Seen.Healthy with { Replica = Seen.Primary }, Seen.Planned, "HfRolesDisagree p"),
        ["promoted by an earlier run"] = (Promoted() with { PromotedByRun = "run-7" }, Seen.Planned, "HfReplicaAlreadyPromoted r"),
        ["promoted, and Azure still names its source"] = (Promoted() with { Replica = Seen.Replica with { Role = DbRole.Primary } }, Seen.Forced, "HfReplicaAlreadyPromoted r"),
        ["a primary"] = (Promoted(), Seen.Planned, "HfServerNotReplica r"),
        ["role unknown, database writes"] = (Promoted() with { Replica = Seen.Replica with { Role = DbRole.Unknown } }, Seen.Forced, "HfServerNotReplica r"),
        ["replica stopped"] = (Seen.Healthy with { Replica = Seen.Replica with { State = "Stopped" } }, Seen.Planned, "HfReplicaNotReady r"),
        ["forced, replica updating"] = (Seen.RegionLost with { Replica = Seen.Replica with { State = "Updating" } }, Seen.Forced, "HfReplicaNotReady r"),
        ["still copied, says the primary's list"] = (Seen.Healthy with { ReplicationState = "Provisioning" }, Seen.Planned, "HfReplicaNotReady r"),
        ["broken, says the replica itself"] = (Seen.RegionLost with { ReplicationState = null, Replica = Seen.Replica with { ReplicationState = "Broken" } }, Seen.Forced, "HfReplicationBroken r"),
        ["replica locked"] = (Seen.Healthy with { ReplicaLocks = [NoDeletes, NoChanges] }, Seen.Planned, "HfReplicaLocked r"),
        ["forced, replica locked"] = (Seen.RegionLost with { ReplicaLocks = [NoChanges] }, Seen.Forced, "HfReplicaLocked r"),
        ["no consent"] = (Seen.RegionLost, Seen.Forced with { AllowDataLoss = false }, "HfDataLossConsentRequired r"),
        ["primary not seen"] = (Seen.RegionLost, Seen.Planned, "HfPrimaryUnreachable p"),
        ["primary stopped"] = (Seen.Healthy with { Primary = Seen.Primary with { State = "Stopped" } }, Seen.Planned, "HfPrimaryUnreachable p"),
        ["primary's database silent"] = (Seen.Healthy with { PrimaryDatabase = null, PrimaryProblem = "refused" }, Seen.Planned, "HfPrimaryUnreachable p"),
        ["primary in recovery itself"] = (Seen.Healthy with { PrimaryDatabase = Seen.PrimaryDatabase with { InRecovery = true } }, Seen.Planned, "HfRolesDisagree p"),
        ["not in the primary's list"] = (Seen.Healthy with { Listed = false }, Seen.Planned, "HfRolesDisagree r"),
        ["another system"] = (Seen.Healthy with { ReplicaDatabase = Seen.ReplicaDatabase with { SystemIdentifier = "8" } }, Seen.Planned, "HfRolesDisagree r"),
        ["replica's database silent"] = (Seen.Healthy with { ReplicaDatabase = null, ReplicaProblem = "refused" }, Seen.Planned, "HfReplicaNotReady r"),
        ["replay paused"] = (Seen.Healthy with { ReplicaDatabase = Seen.ReplicaDatabase with { ReplayPaused = true } }, Seen.Planned, "HfReplayPaused r"),
        ["primary locked"] = (Seen.Healthy with { PrimaryLocks = [NoDeletes, NoChanges] }, Seen.Planned, "HfPrimaryLocked p"),
        ["planned, fence owed where it fails back to"] = (Seen.Healthy with { Debts = [Seen.Debt("old", "p") with { Location = "West US" }] }, Seen.Planned, "HfFailbackBlocked old"),
        ["forced, fence owed where it fails back to"] = (Seen.RegionLost with { Debts = [Seen.Debt("old", "p") with { Location = "westus" }] }, Seen.Forced, "HfFailbackBlocked old"),
        ["fence owed elsewhere"] = (Seen.Healthy with { Debts = [Seen.Debt("old", "p")] }, Seen.Planned, "HfFenceOwed old"),
    };

    [Theory]
    [MemberData(nameof(Alone))]
    public void Plan_OneThingWrong_IsRefusedForThatAloneAndHasNoStep(string name, string refused)
    {
        var (seen, request, _) = Spoiled[name];

        var plan = FailoverPlanner.Plan(seen, request);

        var refusal = Assert.Single(plan.Refusals);
        Assert.Equal(refused, $"{refusal.Code} {refusal.Resource}");
        Assert.Empty(plan.Steps);
        Assert.False(plan.NoChange);
        Assert.All([refusal.Observed, refusal.Required, refusal.Remedy], text => Assert.False(string.IsNullOrWhiteSpace(text)));
    }

    [Fact]
    public void Plan_PlannedAndAllWrong_NamesEveryReasonAtOnce()
    {
        var seen = Seen.Healthy with
        {
            RunTarget = "centralus",
            Replica = Seen.Replica with { State = "Restarting" },
            ReplicationState = "Broken",
            ReplicaLocks = [NoChanges],
            Primary = Seen.Primary with { State = "Updating" },
            PrimaryLocks = [NoChanges],
            ReplicaDatabase = Seen.ReplicaDatabase with { ReplayPaused = true },
            Debts = [Seen.Debt("old", "p"), Seen.Debt("older", "p")],
        };

        Assert.Equal(
            ["HfReplicaNotInTarget", "HfReplicaNotReady", "HfReplicationBroken", "HfReplicaLocked", "HfPrimaryUnreachable", "HfReplayPaused", "HfPrimaryLocked", "HfFenceOwed", "HfFenceOwed"],
            FailoverPlanner.Plan(seen, Seen.Planned).Refusals.Select(r => r.Code));
    }

    [Fact]
    public void Plan_ForcedWithTheRegionLost_AsksOnlyForWhatCanStillBeSaid()
    {
        // What stops a planned failover must not stop a forced one; what Azure would refuse does, and consent is asked for beside it.
        var seen = Seen.RegionLost with
        {
            RunTarget = "centralus",
            ReplicaLocks = [NoChanges],
            PrimaryLocks = [NoChanges],
            ReplicaDatabase = Seen.ReplicaDatabase with { ReplayPaused = true },
            Debts = [Seen.Debt("old", "p")],
        };

        Assert.Equal(["HfReplicaNotInTarget", "HfReplicaLocked", "HfDataLossConsentRequired"], FailoverPlanner.Plan(seen, Seen.Forced with { AllowDataLoss = false }).Refusals.Select(r => r.Code));
    }

    [Fact]
    public void Plan_ReplicaWhoseDatabaseIsSilent_CanStillBeForced()
    {
        var plan = FailoverPlanner.Plan(Seen.RegionLost with { ReplicaDatabase = null, ReplicaProblem = "refused" }, Seen.Forced);

        Assert.Empty(plan.Refusals);
        Assert.Contains(plan.Warnings, w => w.Contains("does not answer: refused", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("westus")]
    [InlineData("West US")]
    public void Plan_ReplicaInTheRunsRegion_IsNotRefusedHoweverTheRegionIsWritten(string target) =>
        Assert.Empty(FailoverPlanner.Plan(Seen.Healthy with { RunTarget = target }, Seen.Planned).Refusals);

    [Fact]
    public void Plan_DebtOfThisVeryPromotion_DoesNotStandInItsOwnWay() =>
        Assert.Empty(FailoverPlanner.Plan(Seen.Healthy with { Debts = [Seen.Debt("p", "R")] }, Seen.Planned).Refusals);

    [Fact]
    public void Plan_ConsentWhileThePrimaryAnswers_StatesBytesSecondsAndWhatWaitsForReplay()
    {
        var seen = Seen.Healthy with
        {
            PrimaryDatabase = Seen.PrimaryDatabase with { Lsn = "0/1500" },
            ReplicaDatabase = Seen.ReplicaDatabase with { Lsn = "0/500", ReceivedLsn = "0/600", ReplayAgeSeconds = 12.3456 },
        };

        var consent = Assert.Single(FailoverPlanner.Plan(seen, Seen.Forced with { AllowDataLoss = false }).Refusals).Observed;

        Assert.Contains("Seconds behind: 12.346; bytes behind: 4096; last heartbeat (replayed commit): 12.346 s ago; received and not yet replayed: 256 bytes.", consent, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_ConsentWithTheRegionLost_SaysThatTheBytesAreNotKnown()
    {
        var consent = Assert.Single(FailoverPlanner.Plan(Seen.RegionLost, Seen.Forced with { AllowDataLoss = false }).Refusals).Observed;

        Assert.Contains("Seconds behind: 2.5; bytes behind: not known (the primary does not answer)", consent, StringComparison.Ordinal);
    }

    private static FailoverObservation Promoted() => Seen.Healthy with
    {
        Replica = Seen.Replica with { Role = DbRole.Primary, SourceServerResourceId = null },
        ReplicaDatabase = Seen.ReplicaDatabase with { InRecovery = false },
    };
}
