using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Execution;

namespace Highflame.Dr.Engine.Tests.Execution;

/// <summary>An operation that was asked for with -NoWait and waited for afterwards, as the runbook does.</summary>
public sealed class OperationEndingTests : FailoverFixture
{
    private OperationEnding Ending => new(Tools);

    [Fact]
    public async Task ConcludeAsync_PromotionSucceeded_CompletesItsStepAndProvesTheHandoverOnce()
    {
        var promotion = (await FailOverAsync(Seen.Planned, noWait: true)).Operation! with { Outcome = StepOutcome.Succeeded };

        await Time.DriveAsync(Ending.ConcludeAsync(promotion, CancellationToken.None));
        await Time.DriveAsync(Ending.ConcludeAsync(promotion, CancellationToken.None));

        Assert.Equal(StepOutcome.Succeeded, OutcomeOf(StepNames.Promote));
        Assert.Single(State.Steps, s => s.Name == StepNames.Prove);
        Assert.True(State.Fact<HandoverProof>(HandoverProof.FactName)!.ZeroLossProven);
    }

    [Fact]
    public async Task ConcludeAsync_PromotedServerInheritedAFence_IsMadeToTakeWrites()
    {
        var promotion = (await FailOverAsync(Seen.Forced, noWait: true)).Operation! with { Outcome = StepOutcome.Succeeded };
        Regions.Replica.ReadOnly = "on";

        await Time.DriveAsync(Ending.ConcludeAsync(promotion, CancellationToken.None));

        Assert.Equal("off", Regions.Replica.ReadOnly);
        Assert.Equal(StepOutcome.Succeeded, OutcomeOf(StepNames.ClearReadOnly));
        Assert.Null(State.Fact<HandoverProof>(HandoverProof.FactName));
    }

    [Fact]
    public async Task ConcludeAsync_PromotionFailedAndTheReplicaIsOneStill_LiftsTheFenceOwesNothingAndTheNextRunAsksAgain()
    {
        Regions.Promotes = () => { };
        var promotion = (await FailOverAsync(Seen.Planned, noWait: true)).Operation! with { Outcome = StepOutcome.Failed, Error = "InternalServerError: no" };

        var ended = await Time.DriveAsync(Ending.ConcludeAsync(promotion, CancellationToken.None));

        Assert.Equal(StepOutcome.Failed, OutcomeOf(StepNames.Promote));
        Assert.Equal("off", Regions.Primary.ReadOnly);
        Assert.Empty(Store.ReadDebts());
        Assert.Equal((StepOutcome.Failed, "HfPromotionFailed"), (ended.Outcome, ended.ErrorId));
        Assert.Contains("takes writes again", ended.Error, StringComparison.Ordinal);
        Regions.Promotes = null;
        Assert.Equal(StepOutcome.Succeeded, (await FailOverAsync(Seen.Planned)).Outcome);
        Assert.Equal(1, Regions.Count("r: promote Planned"));
    }

    [Fact]
    public async Task ConcludeAsync_CalledFailedButTheDatabaseIsPromoted_HasSucceededAndStaysOwed()
    {
        var promotion = (await FailOverAsync(Seen.Planned, noWait: true)).Operation! with { Outcome = StepOutcome.Failed, Error = "InternalServerError: no" };

        var ended = await Time.DriveAsync(Ending.ConcludeAsync(promotion, CancellationToken.None));

        Assert.Equal(StepOutcome.Succeeded, ended.Outcome);
        Assert.Equal("on", Regions.Primary.ReadOnly);
        Assert.Single(Store.ReadDebts());
        Assert.True(State.Fact<HandoverProof>(HandoverProof.FactName)!.ZeroLossProven);
    }

    [Fact]
    public async Task ConcludeAsync_CalledFailedAndTheReplicaCannotBeSeen_IsUnknownAndKeepsTheFence()
    {
        Regions.Promotes = () => { };
        var promotion = (await FailOverAsync(Seen.Planned, noWait: true)).Operation! with { Outcome = StepOutcome.Failed, Error = "InternalServerError: no" };
        Regions.Replica.AzureAnswers = Regions.Replica.DatabaseAnswers = false;

        var ended = await Time.DriveAsync(Ending.ConcludeAsync(promotion, CancellationToken.None));

        Assert.Equal(StepOutcome.Unknown, ended.Outcome);
        Assert.Equal("on", Regions.Primary.ReadOnly);
        Assert.Single(Store.ReadDebts());
    }

    [Fact]
    public async Task ConcludeAsync_OperationOfNoOpenStep_WritesNothing()
    {
        var lines = State.LastHash;
        var operation = new DrOperation { Id = "1", Name = OperationNames.CreateReplica, Target = Pairs.Id("q"), OperationUrl = "u", Outcome = StepOutcome.Succeeded, Status = "Succeeded", Started = Seen.At };

        await Time.DriveAsync(Ending.ConcludeAsync(operation, CancellationToken.None));
        await Time.DriveAsync(Ending.ConcludeAsync(operation with { Name = OperationNames.Promote, Target = Pairs.Id("r") }, CancellationToken.None));

        Assert.Equal(lines, State.LastHash);
    }
}
