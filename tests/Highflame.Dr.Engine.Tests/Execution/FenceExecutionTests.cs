using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Tests.Execution;

public sealed class FenceExecutionTests : FailoverFixture
{
    public FenceExecutionTests()
    {
        Store.AddDebt(Seen.Debt("p", "r"));
        Regions.Promote();
    }

    private async Task<DbFence> FenceAsync(FenceRequest request)
    {
        var survey = new FenceSurvey(Connection, Inventory, Time);
        var plan = FencePlanner.Plan(await Time.DriveAsync(survey.TakeAsync(request with { Server = Regions.Primary.Id }, Pair, Run, CancellationToken.None)), request);
        Assert.Empty(plan.Refusals);
        Regions.Log.Clear();
        return await Time.DriveAsync(new FenceExecution(Connection, Inventory, Watch, Store, Run.Journal, Time, Observer).ExecuteAsync(plan, CancellationToken.None));
    }

    [Fact]
    public async Task ExecuteAsync_OldPrimaryAnswers_RefusesWritesThenLosesItsSessionsThenStopsThenIsPaid()
    {
        Regions.Primary.Sessions = 4;
        Regions.Before = line => Assert.Single(Store.ReadDebts());

        var fence = await FenceAsync(new() { Server = "p" });

        Assert.Equal(["p: read-only on", "p: end sessions", "p: stop"], Regions.Log);
        Assert.Equal((StepOutcome.Succeeded, "Stopped", true, 4), (fence.Outcome, fence.State, fence.ReadOnly, fence.SessionsEnded));
        Assert.Empty(Store.ReadDebts());
    }

    [Fact]
    public async Task ExecuteAsync_DoesNotAnswer_StaysOwedAsPendingWithoutAChange()
    {
        Regions.Primary.DatabaseAnswers = false;
        Regions.Primary.AzureAnswers = false;

        var fence = await FenceAsync(new() { Server = "p", WaitSeconds = 30 });

        Assert.Equal((StepOutcome.Pending, false), (fence.Outcome, fence.ReadOnly));
        Assert.Empty(Regions.Log);
        Assert.Single(Store.ReadDebts());
    }

    [Fact]
    public async Task ExecuteAsync_AnswersWhileItIsWaitedFor_IsFencedThen()
    {
        Regions.Primary.DatabaseAnswers = false;
        Regions.Primary.AzureAnswers = false;
        await using var back = Time.CreateTimer(_ => Regions.Primary.DatabaseAnswers = Regions.Primary.AzureAnswers = true, null, TimeSpan.FromSeconds(20), Timeout.InfiniteTimeSpan);

        var fence = await FenceAsync(new() { Server = "p", WaitSeconds = 120 });

        Assert.Equal((StepOutcome.Succeeded, "Stopped"), (fence.Outcome, fence.State));
        Assert.Empty(Store.ReadDebts());
    }

    [Fact]
    public async Task ExecuteAsync_GoesAwayAgainInTheMiddle_TriesAgainWhileThereIsTime()
    {
        var gone = false;
        Regions.Before = line =>
        {
            if (gone || line != "p: end sessions") return;
            gone = true;
            throw new DrException("HfDatabaseUnreachable", DrErrorKind.ConnectionFailed, "gone");
        };

        var fence = await FenceAsync(new() { Server = "p", WaitSeconds = 60 });

        Assert.Equal(StepOutcome.Succeeded, fence.Outcome);
        Assert.Equal(1, Regions.Count("p: read-only on"));
        Assert.Equal(1, Regions.Count("p: stop"));
    }

    [Fact]
    public async Task ExecuteAsync_StoppedAlready_PaysTheDebtAndChangesNothing()
    {
        Regions.Primary.State = "Stopped";

        var fence = await FenceAsync(new() { Server = "p" });

        Assert.Empty(Regions.Log);
        Assert.Equal((StepOutcome.Succeeded, "Stopped"), (fence.Outcome, fence.State));
        Assert.All(fence.Steps, s => Assert.Equal(StepOutcome.NoChange, s.Outcome));
        Assert.Empty(Store.ReadDebts());
    }

    [Fact]
    public async Task ExecuteAsync_DoneTwice_IsNoChangeTheSecondTime()
    {
        await FenceAsync(new() { Server = "p", KeepRunning = true });
        Run.Journal.RecordFact(PromotionRecord.FactName, Seen.Promotion(FailoverMode.Forced));
        Run.Journal.EndStep(Run.Journal.BeginStep(new(StepNames.Promote, Regions.Replica.Id, "promote", StepClass.Irreversible)), StepOutcome.Succeeded);

        Assert.Equal(StepOutcome.NoChange, (await FenceAsync(new() { Server = "p", KeepRunning = true })).Outcome);
        Assert.Empty(Regions.Log);
    }

    [Fact]
    public async Task ExecuteAsync_KeepRunning_IsReadOnlyAndRuns()
    {
        var fence = await FenceAsync(new() { Server = "p", KeepRunning = true });

        Assert.Equal(["p: read-only on", "p: end sessions"], Regions.Log);
        Assert.Equal(("Ready", true), (fence.State, fence.ReadOnly));
    }

    [Fact]
    public async Task ExecuteAsync_WithoutDatabaseAccess_FencesThroughAzureAndStops()
    {
        Regions.Available = false;

        var fence = await FenceAsync(new() { Server = "p" });

        Assert.Equal(["p: read-only on", "p: stop"], Regions.Log);
        Assert.Equal(StepOutcome.Succeeded, fence.Outcome);
    }

    [Fact]
    public async Task ExecuteAsync_AnswerToTheStopLostAndItStops_IsNotAskedTwice()
    {
        Regions.After = line =>
        {
            if (line == "p: stop") throw TwoRegions.Lost();
        };

        Assert.Equal(StepOutcome.Succeeded, (await FenceAsync(new() { Server = "p" })).Outcome);
        Assert.Equal(1, Regions.Count("p: stop"));
    }

    [Fact]
    public async Task ExecuteAsync_FenceDoesNotTakeHold_FailsAndStaysOwed()
    {
        Regions.Primary.Applies = false;

        var failure = await Assert.ThrowsAsync<DrException>(() => FenceAsync(new() { Server = "p" }));

        Assert.Equal("HfFenceFailed", failure.ErrorId);
        Assert.Equal(0, Regions.Count("p: stop"));
        Assert.Single(Store.ReadDebts());
    }
}
