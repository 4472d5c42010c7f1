using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Execution;

namespace Highflame.Dr.Engine.Tests.Execution;

/// <summary>Killed in the middle, and gone on with.</summary>
public sealed partial class PlannedFailoverTests
{
    [Fact]
    public async Task ExecuteAsync_NoWait_ReturnsOnAcceptanceAndOwesTheRest()
    {
        Regions.Promotes = () => Regions.Replica.State = "Updating";

        var result = await FailOverAsync(Request, noWait: true);

        Assert.Equal((StepOutcome.Pending, TwoRegions.OperationUrl + "promote"), (result.Outcome, result.Operation!.OperationUrl));
        Assert.Equal("r: promote Planned", Regions.Log[^1]);
        Assert.True(Assert.Single(Store.ReadDebts()).Fenced);
    }

    [Fact]
    public async Task ExecuteAsync_KilledAfterAcceptance_TheNextRunAttachesProvesAndStops()
    {
        Regions.Promotes = () => Regions.Replica.State = "Updating";
        await FailOverAsync(Request, noWait: true);
        Crash();
        var polls = 0;
        Regions.Polls = url =>
        {
            if (url != "promote") return ScriptedArm.Poll(StepOutcome.Succeeded, "Succeeded");
            if (polls++ < 2) return ScriptedArm.Poll(StepOutcome.Pending, "InProgress");
            if (Regions.Replica.InRecovery) Regions.Promote();
            Regions.Replica.State = "Ready";
            return ScriptedArm.Poll(StepOutcome.Succeeded, "Succeeded");
        };

        var result = await FailOverAsync(Request);

        Assert.Equal(["p: stop"], Regions.Log);
        Assert.Equal((StepOutcome.Succeeded, true), (result.Outcome, result.ZeroLossProven));
        Assert.Equal(StepOutcome.Succeeded, OutcomeOf(StepNames.Promote));
        Assert.Empty(Store.ReadDebts());
        Assert.Equal(StepOutcome.NoChange, (await FailOverAsync(Request)).Outcome);
        Assert.Empty(Regions.Log);
    }

    [Fact]
    public async Task ExecuteAsync_KilledWithTheAnswerOnItsWay_TheNextRunSeesItPromotedAndDoesNotAskAgain()
    {
        using var stop = new CancellationTokenSource();
        Regions.After = line =>
        {
            if (line != "r: promote Planned") return;
            stop.Cancel();
            throw TwoRegions.Lost();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FailOverAsync(Request, cancellationToken: stop.Token));
        Assert.Equal("on", Regions.Primary.ReadOnly);
        Crash();
        Regions.After = null;

        var result = await FailOverAsync(Request);

        Assert.Equal(["p: stop"], Regions.Log);
        Assert.Equal((StepOutcome.Succeeded, true), (result.Outcome, result.ZeroLossProven));
    }

    [Fact]
    public async Task ExecuteAsync_KilledUnderTheFence_TheNextRunGoesThroughAndRemembersWhatWasBefore()
    {
        Regions.Primary.ReadOnly = "off";
        Run.Journal.RecordFact(FenceRecord.FactName, new FenceRecord { ServerId = Regions.Primary.Id, Before = "off" });
        Regions.Primary.ReadOnly = "on";
        Crash();
        Regions.Replica.Replays = () => 0x4FF;

        await FailAsync(Request);

        Assert.Equal("off", Regions.Primary.ReadOnly);
    }
}
