using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr;

public partial interface IDrEngine
{
    /// <summary>Reads a region's sizes and quota and compares them with what the pair file says. Refusals: HfCapacityNotDeclared, HfRegionIsActive.</summary>
    Task<CapacityPlan> PlanCapacityAsync(DrConnection connection, CapacityRequest request, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>One result for each resource of the plan. A resource that cannot be changed is told in its result and does not stop the others.</summary>
    Task<IReadOnlyList<CapacityChange>> ExecuteAsync(DrConnection connection, CapacityPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken);
}
