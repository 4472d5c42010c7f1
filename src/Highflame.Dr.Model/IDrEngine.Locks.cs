using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr;

public partial interface IDrEngine
{
    /// <summary>Finds the ReadOnly locks that hinder a change of the resources, those above them included.</summary>
    Task<LockPlan> PlanUnlockAsync(DrConnection connection, UnlockRequest request, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>Finds the locks that the pair's runs have taken away and not put back.</summary>
    Task<LockPlan> PlanLockAsync(DrConnection connection, RegionPair pair, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the plan's locks away, each written down as owed before, or puts them back. The first that cannot be taken away is an error; one that cannot be put back
    /// is a warning and stays owed.
    /// </summary>
    Task<IReadOnlyList<LockChange>> ExecuteAsync(DrConnection connection, LockPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken);
}
