using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Planning;

public sealed class FailoverPlannerTests
{
    private static string[] Steps(FailoverPlan plan) => [.. plan.Steps.Select(s => $"{s.Name} {s.Target[(s.Target.LastIndexOf('/') + 1)..]}")];

    [Fact]
    public void Plan_Planned_FencesThenCatchesUpThenPromotesThenStops()
    {
        var plan = FailoverPlanner.Plan(Seen.Healthy, Seen.Planned);

        Assert.Equal(["FenceOldPrimary p", "EndSessions p", "CatchUp r", "PromoteReplica r", "ProveHandover r", "StopOldPrimary p"], Steps(plan));
        Assert.Equal("PromoteReplica", Assert.Single(plan.Steps, s => s.Class == StepClass.Irreversible).Name);
        Assert.Equal("PromoteReplica", Assert.Single(plan.Steps, s => s.PointOfNoReturn).Name);
        Assert.Empty(plan.Warnings);
        Assert.Equal(Seen.At, plan.ObservedAt);
    }

    [Fact]
    public void Plan_PlannedByAzureAlone_EndsNoSessionAndProvesNothing()
    {
        var plan = FailoverPlanner.Plan(Seen.AzureAlone, Seen.Planned);

        Assert.Equal(["FenceOldPrimary p", "CatchUp r", "PromoteReplica r", "StopOldPrimary p"], Steps(plan));
        Assert.Contains(plan.Warnings, w => w.Contains("zero loss is not proven", StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_ReplicaInheritedAFence_ClearsItBeforeAnythingElse()
    {
        var seen = Seen.Healthy with { ReplicaDatabase = Seen.ReplicaDatabase with { ReadOnly = true } };

        Assert.Equal("ClearReadOnly r", Steps(FailoverPlanner.Plan(seen, Seen.Planned))[0]);
        Assert.Equal(["ClearReadOnly r", "PromoteReplica r"], Steps(FailoverPlanner.Plan(seen with { Primary = null, PrimaryDatabase = null }, Seen.Forced)));
    }

    [Fact]
    public void Plan_ForcedWithTheRegionLost_DoesNothingButPromote()
    {
        var plan = FailoverPlanner.Plan(Seen.RegionLost, Seen.Forced);

        Assert.Equal(["PromoteReplica r"], Steps(plan));
        Assert.DoesNotContain(plan.Warnings, w => w.Contains("HfPrimaryHealthy", StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_ForcedWhileThePrimaryAnswers_FencesBesideAndWarnsOfTheNeedlessLoss()
    {
        var plan = FailoverPlanner.Plan(Seen.Healthy, Seen.Forced);

        Assert.Equal(["FenceOldPrimary p", "PromoteReplica r"], Steps(plan));
        Assert.Contains(plan.Warnings, w => w.StartsWith("HfPrimaryHealthy", StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_ForcedAndAzureShowsAPrimaryWhoseDatabaseIsSilent_DoesNotCountOnFencingIt() =>
        Assert.Equal(["PromoteReplica r"], Steps(FailoverPlanner.Plan(Seen.Healthy with { PrimaryDatabase = null }, Seen.Forced)));

    [Theory]
    [InlineData(FailoverMode.Planned)]
    [InlineData(FailoverMode.Forced)]
    public void Plan_LagBeyondTheObjective_IsToldAndNotRefused(FailoverMode mode)
    {
        var seen = Seen.Healthy with
        {
            PrimaryDatabase = Seen.PrimaryDatabase with { Lsn = "1/0" },
            ReplicaDatabase = Seen.ReplicaDatabase with { ReplayAgeSeconds = 61 },
        };

        Assert.Contains(FailoverPlanner.Plan(seen, mode == FailoverMode.Planned ? Seen.Planned : Seen.Forced).Warnings, w => w.StartsWith("HfLagTooHigh", StringComparison.Ordinal));
        Assert.DoesNotContain(FailoverPlanner.Plan(seen with { RpoSeconds = 62 }, Seen.Forced).Warnings, w => w.StartsWith("HfLagTooHigh", StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_ForcedWithAnotherFenceOwed_WarnsInsteadOfRefusing()
    {
        var plan = FailoverPlanner.Plan(Seen.RegionLost with { Debts = [Seen.Debt("old", "p"), Seen.Debt("p", "r")] }, Seen.Forced);

        Assert.Contains("old still owes a fence", Assert.Single(plan.Warnings, w => w.StartsWith("HfFenceOwed", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_ThisRunPromotedItAlready_FinishesWhatIsLeftAndPromotesNothing()
    {
        var seen = Promoted() with { Recorded = Seen.Recorded(FailoverMode.Planned) };

        Assert.Equal(["ProveHandover r", "StopOldPrimary p"], Steps(FailoverPlanner.Plan(seen, Seen.Planned)));
        Assert.Equal(["StopOldPrimary p"], Steps(FailoverPlanner.Plan(seen with { Recorded = Seen.Recorded(FailoverMode.Planned, Proof) }, Seen.Planned)));
        Assert.True(FailoverPlanner.Plan(seen with { Recorded = Seen.Recorded(FailoverMode.Planned, Proof, stopped: true) }, Seen.Planned).NoChange);
        Assert.True(FailoverPlanner.Plan(seen with { Recorded = Seen.Recorded(FailoverMode.Planned, Proof), Primary = Seen.Primary with { State = "Stopped" } }, Seen.Planned).NoChange);
    }

    [Fact]
    public void Plan_ForcedRunPromotedItAlready_OwesNothingHere() =>
        Assert.True(FailoverPlanner.Plan(Promoted() with { Primary = null, Recorded = Seen.Recorded(FailoverMode.Forced) }, Seen.Forced).NoChange);

    [Fact]
    public void Plan_PromotedAndTheRoleFieldStale_TheDatabaseIsTheLastWord()
    {
        var seen = Seen.Healthy with { ReplicaDatabase = Seen.ReplicaDatabase with { InRecovery = false }, Recorded = Seen.Recorded(FailoverMode.Planned, Proof, stopped: true) };

        Assert.True(FailoverPlanner.Plan(seen, Seen.Planned).NoChange);
    }

    [Theory]
    [InlineData(StepOutcome.Pending, "Ready", true)]
    [InlineData(StepOutcome.Succeeded, "Ready", true)]
    [InlineData(StepOutcome.Unknown, "Updating", true)]
    [InlineData(null, "Updating", true)]
    [InlineData(null, "Ready", false)]
    [InlineData(StepOutcome.Unknown, "Ready", false)]
    [InlineData(StepOutcome.Failed, "Ready", false)]
    public void Plan_RecordedAndNotYetPromoted_AsksAgainOnlyWhenItCameToNothing(StepOutcome? outcome, string state, bool underWay)
    {
        var seen = Seen.Healthy with { Replica = Seen.Replica with { State = state }, Recorded = Seen.Recorded(FailoverMode.Planned), RecordedOutcome = outcome };

        var plan = FailoverPlanner.Plan(seen, Seen.Planned);

        Assert.Empty(plan.Refusals);
        Assert.Equal(!underWay, plan.Steps.Any(s => s.Name == StepNames.Promote));
    }

    [Fact]
    public void Plan_RecordedAndUnderWay_LeavesProofAndStopToBeDone()
    {
        var seen = Seen.Healthy with { Recorded = Seen.Recorded(FailoverMode.Planned), RecordedOutcome = StepOutcome.Pending };

        Assert.Equal(["ProveHandover r", "StopOldPrimary p"], Steps(FailoverPlanner.Plan(seen, Seen.Planned)));
    }

    [Fact]
    public void Plan_ResumedAndAzureNoLongerNamesTheOldPrimary_TheJournalDoes()
    {
        var plan = FailoverPlanner.Plan(Promoted() with { Primary = null, Recorded = Seen.Recorded(FailoverMode.Planned) }, Seen.Planned);

        Assert.Equal(("p", Pairs.Id("p"), "p.postgres.database.azure.com"), (plan.Primary!.Name, plan.Primary.ResourceId, plan.Primary.HostName));
        Assert.Equal("StopOldPrimary p", Steps(plan)[^1]);
    }

    private static HandoverProof Proof => new() { ServerId = Pairs.Id("r"), ZeroLossProven = true, Detail = "shown" };

    private static FailoverObservation Promoted() => Seen.Healthy with
    {
        Replica = Seen.Replica with { Role = DbRole.Primary, SourceServerResourceId = null },
        ReplicaDatabase = Seen.ReplicaDatabase with { InRecovery = false, Timeline = 2 },
    };
}
