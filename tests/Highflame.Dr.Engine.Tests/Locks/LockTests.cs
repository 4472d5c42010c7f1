using System.Text.Json;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Locks;
using Highflame.Dr.Engine.Tests.Execution;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Locks;

/// <summary>Locks that a run takes away and puts back, with the real run store and journal: nothing that happens to the process loses one.</summary>
public sealed class LockTests : FailoverFixture
{
    private const string Body = """{"level":"ReadOnly","notes":"Change freeze","owners":[{"applicationId":"a-1"}],"futureMember":7}""";
    private readonly LockedScopes _azure = new();

    private static string Profile => Pairs.Create().Traffic.ProfileId;

    private static string Group => $"/subscriptions/{Pairs.Create().SubscriptionId}/resourceGroups/rg1";

    private static string LockAt(string scope, string name = "freeze") => $"{scope}/providers/Microsoft.Authorization/locks/{name}";

    private async Task<LockPlan> PlanAsync(params string[] ids)
    {
        var inventory = new AzureInventory(_azure, Pair.SubscriptionId, Time);
        return LockPlanner.Unlock(Pair, await Task.WhenAll(ids.Select(async id => (id, await inventory.GetLocksAsync(id, CancellationToken.None)))), Time.GetUtcNow());
    }

    private async Task<IReadOnlyList<LockChange>> UnlockAsync(params string[] ids)
    {
        var plan = await PlanAsync(ids);
        return await Time.DriveAsync(new LockExecution(_azure, Run.Store, Run, Time, Observer).ExecuteAsync(plan, CancellationToken.None));
    }

    // As Lock-HfResource does, with a run or without one.
    private async Task<IReadOnlyList<LockChange>> LockAsync(RunHandle? run)
    {
        var plan = await Time.DriveAsync(LockSettlement.PlanAsync(_azure, Pair, Store.ReadLockDebts(), Time, CancellationToken.None));
        return await Time.DriveAsync(new LockExecution(_azure, Store, run, Time, Observer).ExecuteAsync(plan, CancellationToken.None));
    }

    private LockSettlement Settlement => new(_azure, Run, Time, Observer);

    private string[] Owed => [.. Store.ReadLockDebts().Select(d => d.ToString())];

    [Fact]
    public async Task Unlock_ReadOnlyAboveAndOnTheResource_EachIsAStepOnceAndCanNotDeleteStays()
    {
        _azure.Put(LockAt(Profile), Body);
        _azure.Put(LockAt(Group, "whole"), """{"level":"ReadOnly"}""");
        _azure.Put(LockAt(Profile, "keep"), """{"level":"CanNotDelete"}""");
        _azure.Put(LockAt(Profile + "x"), Body);

        var plan = await PlanAsync(Profile, Group + "/providers/Microsoft.DBforPostgreSQL/flexibleServers/p");

        Assert.Equal([("RemoveLock", LockAt(Profile)), ("RemoveLock", LockAt(Group, "whole"))], plan.Steps.Select(s => (s.Name, s.Target)));
        Assert.Contains("\"Change freeze\"", plan.Steps[0].Action, StringComparison.Ordinal);
        Assert.Equal(["global", "p"], plan.Items[1].Hinders);
        // What protects more than that is said loudly.
        Assert.Contains("NOTHING in that whole resource group", Assert.Single(plan.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnlockThenLock_PutsBackTheSameLockToTheLetterAndJournalsBoth()
    {
        _azure.Put(LockAt(Profile), Body);

        var away = Assert.Single(await UnlockAsync(Profile));

        Assert.Equal((LockState.Owed, StepOutcome.Succeeded), (away.State, away.Outcome));
        Assert.Empty(_azure.Locks);
        Assert.Equal(["freeze (ReadOnly) at global"], Owed);
        Assert.Equal(["Lock freeze (ReadOnly) at global"], Run.Run.Owed);
        Assert.Equal(Body, Assert.Single(State.Fact<LockDebt[]>(LockDebt.FactName)!).Properties);

        var back = Assert.Single(await LockAsync(Run));

        Assert.Equal((LockState.Locked, StepOutcome.Succeeded), (back.State, back.Outcome));
        Assert.Equal(Body, _azure.Locks[LockAt(Profile)]);
        Assert.Empty(Owed);
        Assert.Equal([("RemoveLock", StepOutcome.Succeeded), ("PutBackLock", StepOutcome.Succeeded)], State.Steps.Select(s => (s.Name, s.Outcome)));
        Assert.Empty(await LockAsync(Run));
    }

    [Fact]
    public async Task Unlock_KilledBeforeAzureWasAsked_OwesALockThatStandsAndStrikesItOut()
    {
        _azure.Put(LockAt(Profile), Body);
        _azure.Before = _ => throw new OperationCanceledException("The process is gone.");
        await Assert.ThrowsAsync<OperationCanceledException>(() => UnlockAsync(Profile));
        Crash();
        _azure.Before = null;
        Assert.Equal(["freeze (ReadOnly) at global"], Owed);

        var change = Assert.Single(await LockAsync(null));

        Assert.Equal((LockState.Locked, StepOutcome.NoChange), (change.State, change.Outcome));
        Assert.Empty(Owed);
        Assert.Single(_azure.Writes, "DELETE " + LockAt(Profile));
    }

    [Fact]
    public async Task Unlock_KilledAfterIt_TheSameRunKeepsItAwayAndPutsItBackAtItsEnd()
    {
        _azure.Put(LockAt(Profile), Body);
        await UnlockAsync(Profile);
        Crash();

        await Time.DriveAsync(Settlement.BeginAsync(Pair, FailoverMode.Planned, CancellationToken.None));
        Assert.Empty(_azure.Locks);
        Assert.Empty(await UnlockAsync(Profile));

        await Time.DriveAsync(Settlement.EndAsync(Pair, CancellationToken.None));
        Assert.Equal(Body, _azure.Locks[LockAt(Profile)]);
        Assert.Empty(Owed);
    }

    [Theory]
    [InlineData(FailoverMode.Planned)]
    [InlineData(FailoverMode.Forced)]
    public async Task Begin_LocksThatAnEndedRunOwes_ArePutBackBeforeAnythingElse(FailoverMode mode)
    {
        _azure.Put(LockAt(Profile), Body);
        await UnlockAsync(Profile);
        Store.Complete(Run, StepOutcome.Failed);
        Crash();
        Time.Advance(TimeSpan.FromSeconds(2));

        await Time.DriveAsync(Settlement.BeginAsync(Pair, mode, CancellationToken.None));

        Assert.Equal(Body, _azure.Locks[LockAt(Profile)]);
        Assert.Empty(Owed);
        Assert.Equal("PutBackLock", Assert.Single(State.Steps).Name);
    }

    [Fact]
    public async Task Begin_ForcedAndAzureHangs_HoldsTheRunUpForSecondsAndStaysOwed()
    {
        _azure.Put(LockAt(Profile), Body);
        await UnlockAsync(Profile);
        Store.Complete(Run, StepOutcome.Failed);
        Crash();
        Time.Advance(TimeSpan.FromSeconds(2));
        _azure.Hangs = true;
        var began = Time.GetUtcNow();

        await Time.DriveAsync(Settlement.BeginAsync(Pair, FailoverMode.Forced, CancellationToken.None));

        Assert.InRange((Time.GetUtcNow() - began).TotalSeconds, 0, 20);
        Assert.Equal(["freeze (ReadOnly) at global"], Owed);
        Assert.Contains(Observer.Warnings, w => w.Contains("Lock-HfResource", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unlock_MayNot_IsTheErrorAndOwesNothing()
    {
        _azure.Put(LockAt(Profile), Body);
        _azure.Before = _ => throw new DrException("HfPermissionDenied", DrErrorKind.PermissionDenied, "No.");

        Assert.Equal("HfPermissionDenied", (await Assert.ThrowsAsync<DrException>(() => UnlockAsync(Profile))).ErrorId);

        Assert.Empty(Owed);
        Assert.Equal(StepOutcome.Failed, OutcomeOf("RemoveLock"));
    }

    [Fact]
    public async Task Unlock_AnswerLostAndTheLockIsGone_IsDoneAndOwed()
    {
        _azure.Put(LockAt(Profile), Body);
        _azure.After = _ => throw TwoRegions.Lost();

        Assert.Equal(StepOutcome.Succeeded, Assert.Single(await UnlockAsync(Profile)).Outcome);
        Assert.Single(Owed);
    }

    [Fact]
    public async Task Lock_CannotBePutBack_StaysOwedIsToldAndTheOthersArePutBack()
    {
        _azure.Put(LockAt(Profile), Body);
        _azure.Put(LockAt(Group, "whole"), """{"level":"ReadOnly"}""");
        await UnlockAsync(Profile);
        _azure.Before = line => { if (line == "PUT " + LockAt(Profile)) throw new DrException("HfPermissionDenied", DrErrorKind.PermissionDenied, "No."); };

        var changes = await LockAsync(Run);

        Assert.Equal([(LockState.Owed, StepOutcome.Failed), (LockState.Locked, StepOutcome.Succeeded)], changes.Select(c => (c.State, c.Outcome)));
        Assert.Equal(["freeze (ReadOnly) at global"], Owed);
        Assert.Contains(Observer.Warnings, w => w.StartsWith("STILL OWED", StringComparison.Ordinal));
        // A run that ends all the same shows it, and the next one pays.
        Assert.Equal(["Lock freeze (ReadOnly) at global"], Store.Complete(Run, StepOutcome.Succeeded).Owed);
        Assert.Equal("Lock freeze (ReadOnly) at global", Assert.Single(Store.Owed()));
    }

    [Fact]
    public async Task End_AzureCannotBeReached_KeepsTheRunFromNothingAndStaysOwed()
    {
        _azure.Put(LockAt(Profile), Body);
        await UnlockAsync(Profile);
        _azure.Before = _ => throw new DrException("HfArmUnreachable", DrErrorKind.ConnectionFailed, "No network.");

        await Time.DriveAsync(Settlement.EndAsync(Pair, CancellationToken.None));

        Assert.Equal(["freeze (ReadOnly) at global"], Owed);
        Assert.Equal(["Lock freeze (ReadOnly) at global"], Store.Complete(Run, StepOutcome.Failed).Owed);
    }

    [Fact]
    public async Task Lock_WhatItLockedIsGone_IsStruckOut()
    {
        _azure.Put(LockAt(Profile), Body);
        await UnlockAsync(Profile);
        _azure.Before = _ => throw new DrException("HfResourceNotFound", DrErrorKind.NotFound, "Gone.");

        Assert.Equal(LockState.Gone, Assert.Single(await LockAsync(Run)).State);
        Assert.Empty(Owed);
    }

    [Fact]
    public async Task Lock_SomebodyPutAWeakerOneThere_IsReplacedByTheOneThatWasThere()
    {
        _azure.Put(LockAt(Profile), Body);
        await UnlockAsync(Profile);
        _azure.Put(LockAt(Profile), """{"level":"CanNotDelete"}""");

        await LockAsync(Run);

        Assert.Equal(Body, _azure.Locks[LockAt(Profile)]);
    }
}
