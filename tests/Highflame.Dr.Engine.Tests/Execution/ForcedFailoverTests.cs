using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Execution;

namespace Highflame.Dr.Engine.Tests.Execution;

public sealed class ForcedFailoverTests : FailoverFixture
{
    [Fact]
    public async Task ExecuteAsync_RegionLost_WritesTheDebtThenPromotesAndTouchesNothingElse()
    {
        LoseRegion();
        Regions.Before = line =>
        {
            if (line == "r: promote Forced") Assert.Equal(("p", false), Assert.Single(Store.ReadDebts()) is var debt ? (debt.Server, debt.Fenced) : default);
        };

        var result = await FailOverAsync(Seen.Forced);

        Assert.Equal(["r: promote Forced"], Regions.Log);
        Assert.Equal((StepOutcome.Succeeded, false, null), (result.Outcome, result.Fenced, result.ZeroLossProven));
        Assert.Equal(1.5, result.LagSecondsBefore);
        Assert.Equal("p", Assert.Single(Store.ReadDebts()).Server);
        Assert.Contains(Observer.Warnings, w => w.StartsWith("Still owed: the fence of p", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ExecuteAsync_PlanOlderThan30Seconds_IsJudgedAgainBeforeThePromotionWithoutTheLostRegion()
    {
        LoseRegion();
        var plan = await PlanAsync(Seen.Forced);
        Time.Advance(TimeSpan.FromSeconds(31));
        Regions.Replica.ReplicationState = "Broken";
        Regions.Primary.Hangs = true;
        Regions.Log.Clear();

        var failure = await Assert.ThrowsAsync<DrException>(() => Time.DriveAsync(new FailoverExecution(Tools).ExecuteAsync(plan, false, CancellationToken.None)));

        Assert.Equal("HfReplicationBroken", failure.ErrorId);
        Assert.Empty(Regions.Log);
        Assert.Empty(Store.ReadDebts());
    }

    [Fact]
    public async Task ExecuteAsync_PrimaryAnswers_IsFencedBesideAndStillOwesItsStop()
    {
        var result = await FailOverAsync(Seen.Forced);

        Assert.Equal(StepOutcome.Succeeded, result.Outcome);
        Assert.Equal(("on", "Ready"), (Regions.Primary.ReadOnly, Regions.Primary.State));
        Assert.True(Assert.Single(Store.ReadDebts()).Fenced);
    }

    [Fact]
    public async Task ExecuteAsync_PrimaryDiesWhileItIsFenced_IsPromotedAllTheSameAndOwed()
    {
        Regions.Before = line =>
        {
            if (line != "p: read-only on") return;
            LoseRegion();
            throw ScriptedArm.Unavailable("p");
        };

        Assert.Equal(StepOutcome.Succeeded, (await FailOverAsync(Seen.Forced)).Outcome);

        Assert.Equal(1, Regions.Count("r: promote Forced"));
        Assert.False(Assert.Single(Store.ReadDebts()).Fenced);
    }

    [Fact(Timeout = 60_000)]
    public async Task ExecuteAsync_PrimaryHangsWhileItIsFenced_HoldsThePromotionUpForSecondsAtMostAndIsGivenUp()
    {
        var started = Time.GetUtcNow();
        var promoted = DateTimeOffset.MaxValue;
        Regions.Before = line => Regions.Primary.Hangs |= line == "p: read-only on";
        Regions.After = line => promoted = line == "r: promote Forced" ? Time.GetUtcNow() : promoted;

        Assert.Equal(StepOutcome.Succeeded, (await FailOverAsync(Seen.Forced)).Outcome);

        Assert.True(promoted - started < TimeSpan.FromSeconds(5), $"promoted after {promoted - started}");
        Assert.Equal(StepOutcome.Unknown, OutcomeOf(StepNames.Fence));
        Assert.False(Assert.Single(Store.ReadDebts()).Fenced);
    }

    [Fact]
    public async Task ExecuteAsync_AzureRefuses_TheOnlyPrimaryWritesAgainAndOwesNothing()
    {
        Regions.Before = line =>
        {
            if (line == "r: promote Forced") throw TwoRegions.Refused("ServerIsNotReady");
        };

        var failure = await FailAsync(Seen.Forced);

        Assert.Equal("HfAzureRefused", failure.ErrorId);
        Assert.Equal(("off", "Ready"), (Regions.Primary.ReadOnly, Regions.Primary.State));
        Assert.Empty(Store.ReadDebts());
        Assert.Equal(StepOutcome.Failed, OutcomeOf(StepNames.Promote));
    }

    [Fact]
    public async Task ExecuteAsync_AzureRefusesWithTheRegionLost_OwesNothingAndDoesNotCallTheLostRegion()
    {
        LoseRegion();
        Regions.Before = line =>
        {
            if (line == "r: promote Forced") throw TwoRegions.Refused("ServerIsNotReady");
        };

        Assert.Equal("HfAzureRefused", (await FailAsync(Seen.Forced)).ErrorId);

        Assert.Equal(["r: promote Forced"], Regions.Log);
        Assert.Empty(Store.ReadDebts());
    }

    [Fact]
    public async Task ExecuteAsync_JournalCannotBeWrittenOnceItIsAccepted_TheOldPrimaryStaysFencedAndOwed()
    {
        Regions.After = line => Storage.Broken |= line == "r: promote Forced";

        await FailAsync(Seen.Forced);
        Storage.Broken = false;

        Assert.Equal("p", Assert.Single(Store.ReadDebts()).Server);
        Assert.Equal(0, Regions.Count("p: read-only off"));
        Assert.Equal(1, Regions.Count("r: promote Forced"));
    }

    [Fact]
    public async Task ExecuteAsync_OperationFailsLater_ThePrimaryWritesAgainAndThePromotionIsFailed()
    {
        Regions.Promotes = () => { };
        Regions.Polls = _ => ScriptedArm.Poll(StepOutcome.Failed, "Failed", code: "InternalServerError", message: "no");

        Assert.Equal("HfPromotionFailed", (await FailAsync(Seen.Forced)).ErrorId);

        Assert.Equal("off", Regions.Primary.ReadOnly);
        Assert.Empty(Store.ReadDebts());
        Assert.Equal(StepOutcome.Failed, OutcomeOf(StepNames.Promote));
    }

    [Fact]
    public async Task ExecuteAsync_AnswerLostAndNothingToBeSeen_KeepsTheDebtAndIsUnknown()
    {
        LoseRegion();
        Regions.Promotes = () => { };
        Regions.After = _ =>
        {
            Regions.Replica.DatabaseAnswers = false;
            Regions.Replica.State = "Inaccessible";
            throw TwoRegions.Lost();
        };

        Assert.Equal("HfOutcomeUnknown", (await FailAsync(Seen.Forced)).ErrorId);

        Assert.Equal("p", Assert.Single(Store.ReadDebts()).Server);
        Assert.Equal(StepOutcome.Unknown, OutcomeOf(StepNames.Promote));
    }

    [Fact]
    public async Task ExecuteAsync_CtrlCWhileItIsSent_LeavesNoFenceRunningAndTheNextRunSeesThePromotion()
    {
        using var stop = new CancellationTokenSource();
        Regions.Primary.Applies = false;
        Regions.After = line =>
        {
            if (line != "r: promote Forced") return;
            stop.Cancel();
            throw TwoRegions.Lost();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FailOverAsync(Seen.Forced, cancellationToken: stop.Token));
        Crash();
        Regions.After = null;

        var result = await FailOverAsync(Seen.Forced);

        Assert.Equal(StepOutcome.Succeeded, result.Outcome);
        Assert.Empty(Regions.Log);
        Assert.Equal("p", Assert.Single(Store.ReadDebts()).Server);
        Assert.Equal(StepOutcome.Succeeded, OutcomeOf(StepNames.Promote));
    }

    private void LoseRegion()
    {
        Regions.Primary.DatabaseAnswers = false;
        Regions.Primary.AzureAnswers = false;
    }
}
