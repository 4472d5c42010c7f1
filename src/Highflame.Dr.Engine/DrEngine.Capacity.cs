using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Capacity;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Traffic;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine;

/// <summary>The part of the composition root that belongs to the regions' sizes.</summary>
public sealed partial class DrEngine
{
    public async Task<CapacityPlan> PlanCapacityAsync(DrConnection connection, CapacityRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        var pair = PairObservationOf(connection, observer);
        var survey = new CapacitySurvey(AzureConnection.From(connection).Arm, InventoryOf(connection, observer), pair.ActiveAsync, _time);
        return CapacityPlanner.Plan(await survey.TakeAsync(request, cancellationToken).ConfigureAwait(false), request);
    }

    public Task<IReadOnlyList<CapacityChange>> ExecuteAsync(DrConnection connection, CapacityPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        PlanRefused.ThrowIfAny(plan);
        return new CapacityExecution(AzureConnection.From(connection).Arm, OperationWatchOf(connection, observer), options.Run as RunHandle, _time, observer).ExecuteAsync(plan, options.NoWait, cancellationToken);
    }
}
