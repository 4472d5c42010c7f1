using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Fakes;

internal sealed partial class FakeEngine
{
    /// <summary>Locks that an earlier process took away.</summary>
    public string[] LocksOwed { get; set; } = [];

    /// <summary>Where the locks stand after they were to be put back.</summary>
    public LockState LockEndsAs { get; set; } = LockState.Locked;

    public async Task<LockPlan> PlanUnlockAsync(DrConnection connection, UnlockRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("PlanUnlock", request, observer, cancellationToken);
        return Locks("Take locks away", request.Pair, restores: false);
    }

    public async Task<LockPlan> PlanLockAsync(DrConnection connection, RegionPair pair, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("PlanLock", pair, observer, cancellationToken);
        return Locks("Put locks back", pair, restores: true);
    }

    public async Task<IReadOnlyList<LockChange>> ExecuteAsync(DrConnection connection, LockPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExecuteLocks", options, observer, cancellationToken);
        return [plan.Restores ? Samples.Lock with { State = LockEndsAs } : Samples.Lock];
    }

    private LockPlan Locks(string title, RegionPair pair, bool restores) =>
        new() { Title = title, Pair = pair, Restores = restores, Steps = Steps, Refusals = Refusals, Warnings = Warnings, ObservedAt = ObservedAt };
}
