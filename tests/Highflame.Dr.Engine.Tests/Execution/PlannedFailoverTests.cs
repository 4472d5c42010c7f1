using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Tests.Execution;

public sealed partial class PlannedFailoverTests : FailoverFixture
{
    private static readonly FailoverRequest Request = Seen.Planned with { CatchUpTimeoutSeconds = 10 };

    [Fact]
    public async Task ExecuteAsync_Healthy_FencesTakesThePositionSeesItReplayedAndOnlyThenPromotes()
    {
        Regions.Primary.Sessions = 3;
        Regions.Before = line =>
        {
            // Written by a transaction that was open before the fence: it is in the final position.
            if (line == "p: read-only on") Regions.Primary.Written = 0x900;
            if (line == "r: promote Planned") Assert.Equal("p", Assert.Single(Store.ReadDebts()).Server);
        };

        var result = await FailOverAsync(Request);

        Assert.Equal(
            ["r: replayed 0/500", "p: position", "p: read-only on", "p: end sessions", "p: final position", "r: replayed 0/900", "p: end sessions", "r: promote Planned", "p: stop"],
            Regions.Log);
        Assert.Equal((StepOutcome.Succeeded, true, true), (result.Outcome, result.Fenced, result.ZeroLossProven));
        Assert.Equal(("0/900", "0/900"), (result.FinalLsn, result.ReplayedLsn));
        Assert.Equal("Stopped", Regions.Primary.State);
        Assert.Empty(Store.ReadDebts());
        Assert.All(State.Steps, s => Assert.Equal(StepOutcome.Succeeded, s.Outcome));
    }

    [Fact]
    public async Task ExecuteAsync_ReplicaDoesNotCatchUpInTime_LiftsTheFenceAndPromotesNothing()
    {
        Regions.Replica.Replays = () => 0x4FF;

        var failure = await FailAsync(Request);

        Assert.Equal("HfCatchUpTimedOut", failure.ErrorId);
        Assert.Contains("The fence is lifted", failure.Message, StringComparison.Ordinal);
        Assert.Equal("p: read-only off", Regions.Log[^1]);
        Assert.Equal(0, Regions.Count("r: promote Planned"));
        Assert.Equal("off", Regions.Primary.ReadOnly);
        Assert.Empty(Store.ReadDebts());
        Assert.Equal((StepOutcome.Failed, StepOutcome.Succeeded), (OutcomeOf(StepNames.CatchUp), OutcomeOf(StepNames.LiftFence)));
    }

    [Theory]
    [InlineData(29, "")]
    [InlineData(31, "HfReplicaNotReady")]
    public async Task ExecuteAsync_SomethingCameUpWhileItCaughtUp_IsSeenWhenThePlanIsOlderThan30SecondsAndLiftsTheFence(double seconds, string refused)
    {
        // The survey's own looks are done: what comes up then is seen by a new look only.
        var fencedAt = Regions.Primary.Written;
        Regions.Before = line =>
        {
            if (line == "p: read-only on") Regions.Replica.State = "Updating";
            if (line == "r: promote Planned") Regions.Replica.State = "Ready";
        };
        Regions.Replica.Replays = () => Time.GetUtcNow() - Seen.At > TimeSpan.FromSeconds(seconds) ? fencedAt : fencedAt - 1;
        var request = Request with { CatchUpTimeoutSeconds = 60 };

        if (refused.Length == 0)
        {
            Assert.Equal(StepOutcome.Succeeded, (await FailOverAsync(request)).Outcome);
            return;
        }

        var failure = await FailAsync(request);

        Assert.Equal(refused, failure.ErrorId);
        Assert.Contains("came up after the plan was made", failure.Message, StringComparison.Ordinal);
        Assert.Contains("The fence is lifted", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, Regions.Count("r: promote Planned"));
        Assert.Equal("off", Regions.Primary.ReadOnly);
        Assert.Empty(Store.ReadDebts());
    }

    [Fact]
    public async Task ExecuteAsync_CaughtUpAfterAWhile_WaitsForIt()
    {
        var looks = 0;
        Regions.Replica.Replays = () => looks++ < 40 ? 0x400UL : 0x500UL;

        Assert.Equal(StepOutcome.Succeeded, (await FailOverAsync(Request)).Outcome);
        Assert.True(looks > 40);
    }

    [Fact]
    public async Task ExecuteAsync_SomebodyWritesThroughTheFence_StopsBeforeThePromotion()
    {
        Regions.Before = line =>
        {
            if (line == "p: final position") Regions.Primary.NextTransaction++;
            if (line.StartsWith("r: replayed", StringComparison.Ordinal) && Regions.Primary.ReadOnly == "on") Regions.Primary.NextTransaction++;
        };

        var failure = await FailAsync(Request);

        Assert.Equal("HfFenceFailed", failure.ErrorId);
        Assert.Contains("next transaction id went on", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, Regions.Count("r: promote Planned"));
        Assert.Equal("off", Regions.Primary.ReadOnly);
    }

    [Fact]
    public async Task ExecuteAsync_LateWriteWasSeen_TheNewPositionIsWaitedFor()
    {
        var late = true;
        Regions.Before = line =>
        {
            if (!late || !line.StartsWith("r: replayed", StringComparison.Ordinal) || Regions.Primary.ReadOnly != "on") return;
            late = false;
            Regions.Primary.Written = 0xA00;
            Regions.Primary.NextTransaction++;
        };

        var result = await FailOverAsync(Request);

        Assert.Equal(("0/A00", true), (result.FinalLsn, result.ZeroLossProven));
        Assert.Equal(2, Regions.Count("p: final position"));
    }

    [Fact]
    public async Task ExecuteAsync_FenceAcceptedAndNeverSeen_IsTakenBack()
    {
        Regions.Primary.Applies = false;

        var failure = await FailAsync(Request);

        Assert.Equal("HfFenceFailed", failure.ErrorId);
        Assert.Equal(["p: read-only on", "p: read-only off"], Regions.Log.Where(l => l.Contains("read-only", StringComparison.Ordinal)));
        Assert.Equal(0, Regions.Count("r: promote Planned"));
    }

    [Fact]
    public async Task ExecuteAsync_PrimaryDiesUnderTheFence_LiftsItThroughAzure()
    {
        Regions.Before = line => Regions.Primary.DatabaseAnswers = line != "p: final position";

        var failure = await FailAsync(Request);

        Assert.Equal("HfFenceFailed", failure.ErrorId);
        Assert.Equal("off", Regions.Primary.ReadOnly);
        Assert.Equal(0, Regions.Count("r: promote Planned"));
    }

    [Fact]
    public async Task ExecuteAsync_FenceWasThereBefore_IsPutBackAsItWasAndNotCalledLifted()
    {
        Regions.Primary.ReadOnly = "on";
        Regions.Replica.Replays = () => 0x4FF;

        var failure = await FailAsync(Request);

        Assert.Equal("on", Regions.Primary.ReadOnly);
        Assert.DoesNotContain("takes writes again", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Observer.Warnings, w => w.Contains("takes writes again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ExecuteAsync_CtrlCUnderTheFence_LiftsItAndStaysCanceled()
    {
        using var stop = new CancellationTokenSource();
        Regions.Replica.Replays = () => 0x4FF;
        Regions.Before = line =>
        {
            if (line == "p: final position") stop.Cancel();
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FailOverAsync(Request, cancellationToken: stop.Token));

        Assert.Equal("off", Regions.Primary.ReadOnly);
        Assert.Equal(0, Regions.Count("r: promote Planned"));
    }

    [Theory]
    [InlineData("p: read-only on")]
    [InlineData("p: end sessions")]
    [InlineData("p: final position")]
    public async Task ExecuteAsync_JournalCannotBeWrittenUnderTheFence_LiftsItAllTheSame(string from)
    {
        Regions.Before = line => Storage.Broken |= line == from;

        Assert.Contains((await FailAsync(Request)).ErrorId, new[] { "HfJournalNotWritten", "HfOutcomeUnknown" });

        Assert.Equal("off", Regions.Primary.ReadOnly);
        Assert.Equal(0, Regions.Count("r: promote Planned"));
        Assert.Contains(Observer.Warnings, w => w.Contains("The fence is lifted", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ExecuteAsync_JournalCannotBeWrittenOnceThePromotionIsAccepted_KeepsTheFenceAndDoesNotAskAgain(bool promoted)
    {
        if (!promoted) Regions.Promotes = () => { };
        Regions.After = line => Storage.Broken |= line == "r: promote Planned";

        var failure = await FailAsync(Request);
        Storage.Broken = false;

        Assert.Contains(failure.ErrorId, new[] { "HfJournalNotWritten", "HfOutcomeUnknown" });
        Assert.Equal("on", Regions.Primary.ReadOnly);
        Assert.Equal("p", Assert.Single(Store.ReadDebts()).Server);
        Assert.Equal(1, Regions.Count("r: promote Planned"));
        Assert.Contains(Observer.Warnings, w => w.Contains("The fence of p stays", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ExecuteAsync_NotJournaledThatItWasAccepted_TheNextRunGoesOnFromWhatItSees()
    {
        Regions.After = line => Storage.Broken |= line == "r: promote Planned";
        await FailAsync(Request);
        Crash();
        (Storage.Broken, Regions.After) = (false, null);

        var result = await FailOverAsync(Request);

        Assert.Equal(["p: stop"], Regions.Log);
        Assert.Equal((StepOutcome.Succeeded, true), (result.Outcome, result.ZeroLossProven));
        Assert.Empty(Store.ReadDebts());
    }

    [Fact]
    public async Task ExecuteAsync_SomebodyTookTheLease_PromotesNothingAndLiftsTheFence()
    {
        Regions.Before = line =>
        {
            if (line == "p: final position") DurableFile.Write(Path.Combine(Store.Location, "lease.json"), new LeaseHolder { FencingNumber = 99, Host = "other", ProcessId = 1, ProcessStarted = Seen.At, Since = Seen.At });
        };

        Assert.Equal("HfLeaseLost", (await FailAsync(Request)).ErrorId);

        Assert.Equal(0, Regions.Count("r: promote Planned"));
        Assert.Equal("off", Regions.Primary.ReadOnly);
    }

    [Fact]
    public async Task ExecuteAsync_PlanTooOld_ChangesNothing()
    {
        var plan = await PlanAsync(Request);
        Time.Advance(TimeSpan.FromSeconds(36));
        Regions.Log.Clear();

        var failure = await Assert.ThrowsAsync<DrException>(() => new FailoverExecution(Tools).ExecuteAsync(plan, false, CancellationToken.None));

        Assert.Equal("HfPlanOutdated", failure.ErrorId);
        Assert.Empty(Regions.Log);
    }

    [Theory]
    [InlineData(true, "7")]
    [InlineData(false, "8")]
    public async Task ExecuteAsync_WorldNoLongerAsPlanned_ChangesNothing(bool promoted, string system)
    {
        var plan = await PlanAsync(Request);
        if (promoted) Regions.Promote();
        Regions.Replica.System = system;

        var failure = await Assert.ThrowsAsync<DrException>(() => Time.DriveAsync(new FailoverExecution(Tools).ExecuteAsync(plan, false, CancellationToken.None)));

        Assert.Equal("HfPlanOutdated", failure.ErrorId);
        Assert.Equal("off", Regions.Primary.ReadOnly);
        Assert.Equal(0, Regions.Count("r: promote Planned"));
    }

    [Fact]
    public async Task ExecuteAsync_ReplicaInheritedTheFence_IsClearedBeforeThePrimaryIsFenced()
    {
        Regions.Replica.ReadOnly = "on";

        await FailOverAsync(Request);

        var order = Regions.Log.Where(l => l.Contains("read-only", StringComparison.Ordinal) || l.Contains("promote", StringComparison.Ordinal));
        Assert.Equal(["r: read-only off", "p: read-only on", "r: promote Planned"], order);
    }

    [Fact]
    public async Task ExecuteAsync_OldPrimaryDoesNotStop_HasFailedOverAndStaysOwed()
    {
        Regions.Before = line =>
        {
            if (line == "p: stop") throw TwoRegions.Refused("OperationNotAllowed");
        };

        var result = await FailOverAsync(Request);

        Assert.Equal(StepOutcome.Succeeded, result.Outcome);
        Assert.True(Assert.Single(Store.ReadDebts()).Fenced);
        Assert.Contains(Observer.Warnings, w => w.Contains("Complete-HfFence", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ExecuteAsync_PromotedServerLacksTheHeartbeat_SaysLoudlyThatTheProofFailed()
    {
        Regions.Replica.Heartbeat = "in the future";

        var result = await FailOverAsync(Request);

        Assert.False(result.ZeroLossProven);
        var error = Assert.Single(Observer.Errors);
        Assert.Equal(("HfHandoverProofFailed", Regions.Replica.Id), (error.ErrorId, error.Target));
        Assert.Equal(StepOutcome.Failed, OutcomeOf(StepNames.Prove));
        Assert.Equal("99", result.Token!.HeartbeatId);
        Assert.Null(Engine.Evidence.EvidenceRules.ReportedLost(State));
    }

    [Fact]
    public async Task ExecuteAsync_ByAzureAlone_WaitsForActiveAndProvesNothing()
    {
        Regions.Available = false;
        var looks = 0;
        Regions.Replica.ReplicationState = "Catchup";
        Regions.Polls = _ => ScriptedArm.Poll(StepOutcome.Succeeded, "Succeeded");
        Regions.Before = line =>
        {
            if (line == "p: read-only on") looks = 1;
            if (line == "r: promote Planned") Assert.Equal("Active", Regions.Replica.ReplicationState);
        };
        var settling = Time.CreateTimer(_ => Regions.Replica.ReplicationState = looks == 1 ? "Active" : "Catchup", null, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1));

        var result = await FailOverAsync(Request);
        await settling.DisposeAsync();

        Assert.Equal((StepOutcome.Succeeded, true, null), (result.Outcome, result.Fenced, result.ZeroLossProven));
        Assert.Equal(["p: read-only on", "r: promote Planned", "p: stop"], Regions.Log);
        Assert.StartsWith("not proven: the databases were not asked", State.Fact<HandoverProof>(HandoverProof.FactName)!.Detail, StringComparison.Ordinal);
        Assert.Null(result.Token);
    }
}
