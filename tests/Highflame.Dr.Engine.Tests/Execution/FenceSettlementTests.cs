using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Tests.Execution;

/// <summary>What a run finds of earlier fences when it begins, and what it leaves when it is given up.</summary>
public sealed class FenceSettlementTests : FailoverFixture
{
    private Task BeginAsync(FailoverMode mode = FailoverMode.Planned)
    {
        Regions.Stop = default;
        Regions.Log.Clear();
        return Time.DriveAsync(new FenceSettlement(Tools).BeginAsync(new RunRequest(Pair, "westus", mode, new RunBefore { Active = "eastus" }), CancellationToken.None));
    }

    private Task GiveUpAsync() => Time.DriveAsync(new FenceSettlement(Tools).GiveUpAsync(CancellationToken.None));

    // Killed after the fence, before the promotion was asked for.
    private void LeaveFenced(string before = "off")
    {
        Run.Journal.RecordFact(FenceRecord.FactName, new FenceRecord { ServerId = Regions.Primary.Id, HostName = "p.postgres.database.azure.com", Before = before });
        Run.Journal.BeginStep(new PlanStep(StepNames.Fence, Regions.Primary.Id, "fence", StepClass.Reversible));
        Regions.Primary.ReadOnly = "on";
    }

    [Fact]
    public async Task BeginAsync_KilledUnderTheFence_LiftsItSoThatWritesGoOnWhileItIsPlannedAnew()
    {
        LeaveFenced();
        Crash();

        await BeginAsync();

        Assert.Equal(["p: read-only off"], Regions.Log.Where(l => l.Contains("read-only", StringComparison.Ordinal)));
        Assert.Equal(StepOutcome.Succeeded, OutcomeOf(StepNames.LiftFence));
        await BeginAsync();
        Assert.Empty(Regions.Log);
        Assert.Equal(StepOutcome.Succeeded, (await FailOverAsync(Seen.Planned)).Outcome);
    }

    [Fact]
    public async Task BeginAsync_KilledAfterTheDebtWasWrittenAndBeforeThePromotion_OwesNothing()
    {
        LeaveFenced();
        Store.AddDebt(Seen.Debt("p", "r") with { RunId = State.RunId, Mode = FailoverMode.Planned, Fenced = true });
        Crash();

        await BeginAsync();

        Assert.Equal("off", Regions.Primary.ReadOnly);
        Assert.Empty(Store.ReadDebts());
    }

    [Fact]
    public async Task BeginAsync_PromotionUnderWay_LeavesTheFenceAlone()
    {
        Regions.Promotes = () => Regions.Replica.State = "Updating";
        Regions.Polls = _ => ScriptedArm.Poll(StepOutcome.Pending, "InProgress");
        await FailOverAsync(Seen.Planned, noWait: true);
        Crash();

        await BeginAsync();

        Assert.Equal("on", Regions.Primary.ReadOnly);
        Assert.Empty(Regions.Log);
        Assert.Single(Store.ReadDebts());
    }

    [Fact]
    public async Task BeginAsync_PromotionFailedSinceTheProcessDied_LiftsTheFenceAndOwesNothing()
    {
        Regions.Promotes = () => { };
        await FailOverAsync(Seen.Planned, noWait: true);
        Crash();
        Regions.Polls = url => url == "promote" ? ScriptedArm.Poll(StepOutcome.Failed, "Failed") : ScriptedArm.Poll(StepOutcome.Succeeded, "Succeeded");

        await BeginAsync();

        Assert.Equal("off", Regions.Primary.ReadOnly);
        Assert.Empty(Store.ReadDebts());
        Assert.Equal(StepOutcome.Failed, OutcomeOf(StepNames.Promote));
    }

    [Fact]
    public async Task BeginAsync_AnswerToThePromotionLost_KeepsTheFence()
    {
        await LoseAnswerAsync();
        Crash();

        await BeginAsync();

        Assert.Equal("on", Regions.Primary.ReadOnly);
    }

    [Fact]
    public async Task GiveUpAsync_AnswerLostAndTheReplicaStaysOne_LiftsTheFenceAndOwesNothing()
    {
        await LoseAnswerAsync();
        Crash();

        await GiveUpAsync();

        Assert.Equal("off", Regions.Primary.ReadOnly);
        Assert.Empty(Store.ReadDebts());
    }

    [Fact]
    public async Task GiveUpAsync_AnswerLostAndItWasPromoted_KeepsTheFence()
    {
        await LoseAnswerAsync();
        Regions.Promote();
        Crash();

        await GiveUpAsync();

        Assert.Equal("on", Regions.Primary.ReadOnly);
        Assert.Single(Store.ReadDebts());
    }

    [Fact]
    public async Task GiveUpAsync_AfterAFailoverThatSucceeded_ChangesNothing()
    {
        await FailOverAsync(Seen.Planned);
        Regions.Log.Clear();

        await GiveUpAsync();

        Assert.Empty(Regions.Log);
    }

    [Fact]
    public async Task BeginAsync_DebtOfAnEarlierRun_IsPaidBeforeAnythingElse()
    {
        Regions.Add(new FakeServer("old", "eastus") { Sessions = 2 });
        Store.AddDebt(Seen.Debt("old", "p"));

        await BeginAsync();

        Assert.Equal(["old: read-only on", "old: end sessions", "old: stop"], Regions.Log);
        Assert.Empty(Store.ReadDebts());
    }

    [Fact]
    public async Task BeginAsync_ForcedAndTheDebtorsRegionIsLost_IsNotCalledAndStaysOwed()
    {
        Regions.Add(new FakeServer("old", "eastus") { Hangs = true });
        Store.AddDebt(Seen.Debt("old", "p") with { Location = "eastus" });

        await BeginAsync(FailoverMode.Forced);

        Assert.Empty(Regions.Log);
        Assert.Single(Store.ReadDebts());
        Assert.Contains(Observer.Warnings, w => w.StartsWith("Still owed: the fence of old", StringComparison.Ordinal));
    }

    [Fact]
    public async Task BeginAsync_DebtorHangsInForcedMode_HoldsTheRunUpForSecondsAtMost()
    {
        Regions.Add(new FakeServer("old", "westus") { Hangs = true });
        Store.AddDebt(Seen.Debt("old", "p") with { Location = "westus" });
        var begun = Time.GetUtcNow();

        await BeginAsync(FailoverMode.Forced);

        Assert.InRange((Time.GetUtcNow() - begun).TotalSeconds, 0, 20);
        Assert.Single(Store.ReadDebts());
    }

    [Fact]
    public async Task BeginAsync_DebtorIsAReplicaNow_IsPaidWithoutTouchingIt()
    {
        Regions.Add(new FakeServer("old", "eastus") { Role = "AsyncReplica", Source = Regions.Primary.Id, InRecovery = true });
        Store.AddDebt(Seen.Debt("old", "p"));

        await BeginAsync();

        Assert.Empty(Regions.Log);
        Assert.Empty(Store.ReadDebts());
    }

    [Fact]
    public async Task BeginAsync_ResumedForcedRunAndTheOldPrimaryAnswers_IsMadeReadOnlyAndKeptForTheComparison()
    {
        Regions.Primary.AzureAnswers = Regions.Primary.DatabaseAnswers = false;
        await FailOverAsync(Seen.Forced);
        Crash();
        Regions.Primary.AzureAnswers = Regions.Primary.DatabaseAnswers = true;

        await BeginAsync(FailoverMode.Forced);

        Assert.Equal(("on", "Ready"), (Regions.Primary.ReadOnly, Regions.Primary.State));
        Assert.True(Assert.Single(Store.ReadDebts()).Fenced);
    }

    [Fact]
    public async Task BeginAsync_AnEndedRunLeftTheOnlyPrimaryFenced_IsLiftedAndForgiven()
    {
        Regions.Primary.ReadOnly = "on";
        Store.AddDebt(Seen.Debt("p", "r"));

        await BeginAsync();

        Assert.Equal("off", Regions.Primary.ReadOnly);
        Assert.Empty(Store.ReadDebts());
    }

    [Fact]
    public async Task Inventory_RegionThatDoesNotAnswerInARun_IsToldOnce()
    {
        Regions.Primary.AzureAnswers = false;
        Connection.BeginTellingOnce();

        await Inventory.TryGetServerAsync(Regions.Primary.Id, CancellationToken.None);
        await Inventory.TryGetServerAsync(Regions.Primary.Id, CancellationToken.None);
        Assert.Single(Observer.Warnings);

        Connection.EndTellingOnce();
        await Inventory.TryGetServerAsync(Regions.Primary.Id, CancellationToken.None);
        await Inventory.TryGetServerAsync(Regions.Primary.Id, CancellationToken.None);
        Assert.Equal(3, Observer.Warnings.Count);
    }

    [Fact]
    public async Task CompleteFence_ByHandAfterAPromotionThatFailed_DoesNotStopTheOnlyPrimary()
    {
        Store.AddDebt(Seen.Debt("p", "r"));
        var request = new FenceRequest { Server = Regions.Primary.Id };

        var plan = FencePlanner.Plan(await Time.DriveAsync(new FenceSurvey(Connection, Inventory, Time).TakeAsync(request, Pair, null, CancellationToken.None)), request);

        var refusal = Assert.Single(plan.Refusals);
        Assert.Equal("HfServerIsActivePrimary", refusal.Code);
        Assert.Contains("only primary", refusal.Observed, StringComparison.Ordinal);
    }

    private async Task LoseAnswerAsync()
    {
        using var stop = new CancellationTokenSource();
        Regions.Promotes = () => { };
        Regions.After = line =>
        {
            if (line != "r: promote Planned") return;
            stop.Cancel();
            throw TwoRegions.Lost();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FailOverAsync(Seen.Planned, cancellationToken: stop.Token));
        Regions.After = null;
        Regions.Stop = default;
        Assert.Equal("on", Regions.Primary.ReadOnly);
    }
}
