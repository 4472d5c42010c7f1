using Highflame.Dr.Engine.Evidence;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Tests.Execution;

/// <summary>A planned switchover: the fence of every planned failover, then the two servers exchange their roles. Never two writers, and nothing owed that Azure has settled.</summary>
public sealed class SwitchoverTests : FailoverFixture
{
    private static readonly FailoverRequest Request = Seen.Planned with { Promotion = DbPromotion.Switchover };

    public SwitchoverTests() => Regions.Reader = "r";

    private IEnumerable<string> Changes => Regions.Log.Where(l => l.Contains("read-only", StringComparison.Ordinal) || l.Contains("promote", StringComparison.Ordinal) || l.Contains("switchover", StringComparison.Ordinal) || l.Contains("stop", StringComparison.Ordinal));

    [Fact]
    public async Task ExecuteAsync_Healthy_FencesSwapsSeesItFollowAndLiftsTheFenceOnlyThere()
    {
        var result = await FailOverAsync(Request);

        Assert.Equal((StepOutcome.Succeeded, DbPromotion.Switchover, true), (result.Outcome, result.Promotion, result.ZeroLossProven));
        Assert.Equal(["p: read-only on", "r: switchover with p", "p: read-only off"], Changes);
        Assert.Empty(Store.ReadDebts());
        Assert.Equal((StepOutcome.Succeeded, StepOutcome.Succeeded), (OutcomeOf(StepNames.Prove), OutcomeOf(StepNames.Follow)));
        Assert.Contains("follows it as its replica", State.Steps.Last(s => s.Name == StepNames.Prove).Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(Observer.Warnings, w => w.Contains("WRITES AFTER THE FENCE", StringComparison.Ordinal));
        var figures = Assert.Single(PromotionComparison.Of([State]));
        Assert.Equal(("Switchover", 1), (figures.Promotion, figures.Runs));
        Assert.NotNull(figures.UnprotectedSeconds);
    }

    [Fact]
    public async Task ExecuteAsync_ServiceDoesNotKnowTheSource_IsAskedAgainWithoutIt()
    {
        Regions.Before = line =>
        {
            if (line == "r: switchover with p") throw new DrException("HfAzureRefused", DrErrorKind.OperationFailed, "Azure answered HTTP 400, InvalidRequestContent: Could not find member 'sourceServerResourceId'.");
        };

        Assert.Equal(StepOutcome.Succeeded, (await FailOverAsync(Request)).Outcome);

        Assert.Equal(["p: read-only on", "r: switchover with p", "r: switchover", "p: read-only off"], Changes);
    }

    [Fact]
    public async Task ExecuteAsync_AzureRefusesForAnotherReason_IsAskedOnceAndTheFenceIsLifted()
    {
        Regions.Before = line =>
        {
            if (line == "r: switchover with p") throw TwoRegions.Refused("OperationNotAllowed");
        };

        Assert.Equal("HfAzureRefused", (await FailAsync(Request)).ErrorId);

        Assert.Equal(["p: read-only on", "r: switchover with p", "p: read-only off"], Changes);
        Assert.Empty(Store.ReadDebts());
        Assert.False(Regions.Primary.InRecovery);
    }

    [Fact]
    public async Task ExecuteAsync_OldPrimaryIsNotSeenToFollow_StaysFencedOwedAndIsNeverStopped()
    {
        Regions.Swaps = () =>
        {
            Regions.Promote();
            (Regions.Replica.Role, Regions.Replica.Source) = ("Primary", null);
        };

        var result = await FailOverAsync(Request);

        Assert.Equal((StepOutcome.Succeeded, (bool?)null), (result.Outcome, result.ZeroLossProven));
        Assert.Equal(["p: read-only on", "r: switchover with p"], Changes);
        var debt = Assert.Single(Store.ReadDebts());
        Assert.True(debt is { Server: "p", Fenced: true, Switchover: true });
        Assert.Equal(StepOutcome.Unknown, OutcomeOf(StepNames.Follow));

        // It follows later: the debt is struck out, and only then its parameter put off.
        Regions.Follow();
        var fence = await CompleteFenceAsync();
        Assert.Equal(StepOutcome.Succeeded, fence.Outcome);
        Assert.Equal("p: read-only off", Changes.Last());
        Assert.Empty(Store.ReadDebts());
        Assert.DoesNotContain("p: stop", Regions.Log);
        Assert.Equal(StepOutcome.NoChange, (await CompleteFenceAsync()).Outcome);
    }

    [Fact]
    public async Task ExecuteAsync_NotWaitedFor_TheFenceIsPaidBySeeingItFollow()
    {
        var result = await FailOverAsync(Request, noWait: true);
        Assert.Equal(StepOutcome.Pending, result.Outcome);
        Assert.Single(Store.ReadDebts());
        await Time.DriveAsync(new OperationEnding(Tools).ConcludeAsync(result.Operation! with { Outcome = StepOutcome.Succeeded }, CancellationToken.None));

        Assert.Equal(StepOutcome.Succeeded, (await CompleteFenceAsync()).Outcome);

        Assert.Equal(["p: read-only on", "r: switchover with p", "p: read-only off"], Changes);
        Assert.Empty(Store.ReadDebts());
        Assert.True(State.Fact<HandoverProof>(HandoverProof.FactName)!.ZeroLossProven);
    }

    [Fact]
    public async Task ExecuteAsync_KilledAfterAcceptance_TheNextRunSeesItFollowAndAsksForNothing()
    {
        await FailOverAsync(Request, noWait: true);
        Crash();

        var plan = await PlanAsync(Request);

        Assert.Equal([StepNames.Prove, StepNames.Follow], plan.Steps.Select(s => s.Name));
        Assert.Equal(StepOutcome.Succeeded, (await FailOverAsync(Request)).Outcome);
        Assert.Equal(0, Regions.Log.Count(l => l.Contains("switchover", StringComparison.Ordinal)));
        Assert.Empty(Store.ReadDebts());
    }

    [Fact]
    public async Task Fence_OldPrimaryStillAPrimaryAfterTheSwitchover_IsFencedAndNotStopped()
    {
        await FailOverAsync(Request, noWait: true);
        // Azure has promoted the one and is still turning the other.
        (Regions.Primary.Role, Regions.Primary.Source, Regions.Primary.InRecovery) = ("Primary", null, false);

        var plan = await FencePlanAsync();

        Assert.Equal([StepNames.Fence, StepNames.EndSessions, StepNames.Follow], plan.Steps.Select(s => s.Name));
    }

    private async Task<FencePlan> FencePlanAsync()
    {
        var request = new FenceRequest { Server = Regions.Primary.Id };
        return FencePlanner.Plan(await Time.DriveAsync(new FenceSurvey(Connection, Inventory, Time).TakeAsync(request, Pair, Run, CancellationToken.None)), request);
    }

    private async Task<DbFence> CompleteFenceAsync()
    {
        var plan = await FencePlanAsync();
        Assert.Empty(plan.Refusals);
        return await Time.DriveAsync(new FenceExecution(Connection, Inventory, Watch, Store, Run.Journal, Time, Observer).ExecuteAsync(plan, CancellationToken.None));
    }
}
