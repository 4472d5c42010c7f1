using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Binding;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Traffic;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine;

/// <summary>The part of the composition root that belongs to what a region's applications find.</summary>
public sealed partial class DrEngine
{
    public async Task<BindingPlan> PlanBindingAsync(DrConnection connection, BindingRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        var azure = AzureConnection.From(connection);
        var survey = new BindingSurvey(azure.Arm, InventoryOf(connection, observer), new RegionVaults(azure.Arm, azure.Vaults), _time);
        return BindingPlanner.Plan(await survey.TakeAsync(request, cancellationToken).ConfigureAwait(false), request);
    }

    public Task<DbBinding> ExecuteAsync(DrConnection connection, BindingPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        PlanRefused.ThrowIfAny(plan);
        var azure = AzureConnection.From(connection);
        return new BindingExecution(azure.Arm, new RegionVaults(azure.Arm, azure.Vaults), azure.Names, OperationWatchOf(connection, observer), RunHandle.JournalOf(options.Run, _time), _time, observer)
            .ExecuteAsync(plan, cancellationToken);
    }
}
