using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Locks;
using Highflame.Dr.Engine.Traffic;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine;

/// <summary>The part of the composition root that belongs to locks.</summary>
public sealed partial class DrEngine
{
    public async Task<LockPlan> PlanUnlockAsync(DrConnection connection, UnlockRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        var inventory = InventoryOf(connection, observer);
        string[] ids = [.. request.ResourceIds.Distinct(StringComparer.OrdinalIgnoreCase)];
        var seen = await Task.WhenAll(ids.Select(async id => (id, await inventory.GetLocksAsync(id, cancellationToken).ConfigureAwait(false)))).ConfigureAwait(false);
        return LockPlanner.Unlock(request.Pair, seen, _time.GetUtcNow());
    }

    public async Task<LockPlan> PlanLockAsync(DrConnection connection, RegionPair pair, IDrObserver observer, CancellationToken cancellationToken)
    {
        var azure = AzureConnection.From(connection);
        var owed = await Task.Run(() => RunStores.For(pair, azure, _time).ReadLockDebts(), cancellationToken).ConfigureAwait(false);
        return await LockSettlement.PlanAsync(azure.Arm, pair, owed, _time, cancellationToken).ConfigureAwait(false);
    }

    public Task<IReadOnlyList<LockChange>> ExecuteAsync(DrConnection connection, LockPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        PlanRefused.ThrowIfAny(plan);
        var azure = AzureConnection.From(connection);
        var run = options.Run as RunHandle;
        return new LockExecution(azure.Arm, run?.Store ?? RunStores.For(plan.Pair, azure, _time), run, _time, observer).ExecuteAsync(plan, cancellationToken);
    }
}
