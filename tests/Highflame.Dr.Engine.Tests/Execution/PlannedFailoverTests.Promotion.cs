using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Execution;

namespace Highflame.Dr.Engine.Tests.Execution;

/// <summary>What Azure may answer to the promotion, or not.</summary>
public sealed partial class PlannedFailoverTests
{
    [Fact]
    public async Task ExecuteAsync_AzureRefusesThePromotion_LiftsTheFenceAndOwesNothing()
    {
        Regions.Before = line =>
        {
            if (line == "r: promote Planned") throw TwoRegions.Refused("ServerIsNotReady");
        };

        var failure = await FailAsync(Request);

        Assert.Equal("HfAzureRefused", failure.ErrorId);
        Assert.Contains("Nothing was promoted. The fence is lifted", failure.Message, StringComparison.Ordinal);
        Assert.Equal("off", Regions.Primary.ReadOnly);
        Assert.Empty(Store.ReadDebts());
        Assert.Equal(StepOutcome.Failed, OutcomeOf(StepNames.Promote));
    }

    [Fact]
    public async Task ExecuteAsync_AnswerLostAndItWasPromoted_IsSeenAndNotAskedTwice()
    {
        Regions.After = Lose("r: promote Planned");

        var result = await FailOverAsync(Request);

        Assert.Equal((StepOutcome.Succeeded, true), (result.Outcome, result.ZeroLossProven));
        Assert.Equal(1, Regions.Count("r: promote Planned"));
        Assert.Equal("on", Regions.Primary.ReadOnly);
    }

    [Fact]
    public async Task ExecuteAsync_AnswerLostAndTheReplicaStaysUntouched_IsAskedOnceMore()
    {
        var lost = false;
        Regions.Before = line =>
        {
            if (line != "r: promote Planned" || lost) return;
            lost = true;
            throw TwoRegions.Lost();
        };
        var started = Time.GetUtcNow();

        Assert.Equal(StepOutcome.Succeeded, (await FailOverAsync(Request)).Outcome);

        Assert.Equal(2, Regions.Count("r: promote Planned"));
        Assert.True(Time.GetUtcNow() - started >= TimeSpan.FromSeconds(10), "an untouched replica is watched for a while before it is asked again");
    }

    [Fact]
    public async Task ExecuteAsync_AnswerLostTwiceAndNothingHappened_LiftsTheFence()
    {
        Regions.Before = Lose("r: promote Planned");

        Assert.Equal("HfPromotionFailed", (await FailAsync(Request)).ErrorId);

        Assert.Equal(2, Regions.Count("r: promote Planned"));
        Assert.Equal("off", Regions.Primary.ReadOnly);
        Assert.Empty(Store.ReadDebts());
    }

    [Fact]
    public async Task ExecuteAsync_AnswerLostAndTheReplicaNotSeen_KeepsTheFenceAndIsUnknown()
    {
        Regions.Promotes = () => { };
        Regions.After = line =>
        {
            if (line != "r: promote Planned") return;
            Regions.Replica.DatabaseAnswers = false;
            Regions.Replica.State = "Inaccessible";
            throw TwoRegions.Lost();
        };

        var failure = await FailAsync(Request);

        Assert.Equal("HfOutcomeUnknown", failure.ErrorId);
        Assert.Equal("on", Regions.Primary.ReadOnly);
        Assert.Equal("p", Assert.Single(Store.ReadDebts()).Server);
        Assert.Equal(StepOutcome.Unknown, OutcomeOf(StepNames.Promote));
    }

    [Fact]
    public async Task ExecuteAsync_OperationFailsAndTheReplicaIsOneStill_LiftsTheFence()
    {
        Regions.Promotes = () => { };
        Regions.Polls = _ => ScriptedArm.Poll(StepOutcome.Failed, "Failed", code: "InternalServerError", message: "no");

        var failure = await FailAsync(Request);

        Assert.Equal("HfPromotionFailed", failure.ErrorId);
        Assert.Equal("off", Regions.Primary.ReadOnly);
        Assert.Empty(Store.ReadDebts());
        Assert.Equal(StepOutcome.Failed, OutcomeOf(StepNames.Promote));
    }

    [Fact]
    public async Task ExecuteAsync_OperationFailsAndTheReplicaCannotBeSeen_KeepsTheFence()
    {
        Regions.Promotes = () =>
        {
            Regions.Replica.DatabaseAnswers = false;
            Regions.Replica.State = "Inaccessible";
        };
        Regions.Polls = _ => ScriptedArm.Poll(StepOutcome.Failed, "Failed", code: "InternalServerError", message: "no");

        var failure = await FailAsync(Request);

        Assert.Equal("HfOutcomeUnknown", failure.ErrorId);
        Assert.Equal("on", Regions.Primary.ReadOnly);
        Assert.Equal("p", Assert.Single(Store.ReadDebts()).Server);
    }

    [Fact]
    public async Task ExecuteAsync_OperationFailsButTheDatabaseIsPromoted_GoesOn()
    {
        Regions.Polls = url => url == "promote" ? ScriptedArm.Poll(StepOutcome.Failed, "Failed", code: "DnsUpdateFailed", message: "no") : ScriptedArm.Poll(StepOutcome.Succeeded, "Succeeded");

        var result = await FailOverAsync(Request);

        Assert.Equal((StepOutcome.Succeeded, "Stopped"), (result.Outcome, Regions.Primary.State));
    }

    [Fact]
    public async Task ExecuteAsync_FenceNotLiftedAfterAFailedOperation_OwesNoFenceThatWouldStopTheOnlyPrimary()
    {
        Regions.Promotes = () => { };
        Regions.Polls = _ => ScriptedArm.Poll(StepOutcome.Failed, "Failed", code: "InternalServerError", message: "no");
        Regions.Before = line =>
        {
            if (line == "p: read-only off") throw TwoRegions.Refused("ServerIsBusy");
        };

        var failure = await FailAsync(Request);

        Assert.Contains("could not be lifted", failure.Message, StringComparison.Ordinal);
        Assert.Contains(Observer.Warnings, w => w.Contains("could NOT be lifted", StringComparison.Ordinal));
        Assert.Empty(Store.ReadDebts());
    }

    [Fact]
    public async Task ExecuteAsync_AnswerLostAndAzureGaveUpLater_IsSeenAndTheFenceLifted()
    {
        Regions.Promotes = () => Regions.Replica.State = "Updating";
        Regions.After = line =>
        {
            if (line == "r: promote Planned") throw TwoRegions.Lost();
        };
        Regions.Silent = _ =>
        {
            if (Time.GetUtcNow() - Seen.At > TimeSpan.FromSeconds(8)) Regions.Replica.State = "Ready";
            return false;
        };

        Assert.Equal("HfPromotionFailed", (await FailAsync(Request)).ErrorId);

        Assert.Equal(1, Regions.Count("r: promote Planned"));
        Assert.Equal("off", Regions.Primary.ReadOnly);
        Assert.Empty(Store.ReadDebts());
        Assert.InRange(Time.GetUtcNow() - Seen.At, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60));
    }

    private static Action<string> Lose(string line) => seen =>
    {
        if (seen == line) throw TwoRegions.Lost();
    };
}
