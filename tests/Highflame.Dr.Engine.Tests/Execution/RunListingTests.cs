using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Tests.Execution;

/// <summary>What Get-HfRun tells: who holds a run, since when, at which step.</summary>
public sealed class RunListingTests : FailoverFixture
{
    [Fact]
    public void Of_RunInHand_IsHeldAtItsOpenStepByThisProcess()
    {
        Run.Journal.BeginStep(new PlanStep(StepNames.Fence, "/p", "fence", StepClass.Reversible));

        var held = Assert.Single(RunListing.Of(Store));

        Assert.Equal((RunHold.Held, StepNames.Fence, Time.GetUtcNow()), (held.Hold, held.Step, held.HeldSince));
        Assert.Contains($"process {Environment.ProcessId} on", held.Holder, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_RunLeftOpen_IsFreeAndSaysWhatIsOwed()
    {
        _ = Run;
        Store.AddDebt(Seen.Debt("p", "r"));
        Crash();

        var free = Assert.Single(RunListing.Of(Store));

        Assert.Equal((RunHold.Free, StepOutcome.Pending), (free.Hold, free.Outcome));
        Assert.Equal(["Fence p"], free.Owed);
    }

    [Fact]
    public void Of_RunThatEnded_IsEnded()
    {
        Store.Complete(Run, StepOutcome.Failed);

        var ended = Assert.Single(RunListing.Of(Store));

        Assert.Equal((RunHold.Ended, StepOutcome.Failed, Time.GetUtcNow()), (ended.Hold, ended.Outcome, ended.Finished));
    }
}
