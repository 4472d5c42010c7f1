using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Capacity;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Execution;

namespace Highflame.Dr.Engine.Execution;

/// <summary>What belongs to the end of an operation that a run did not wait for when it asked: the step it left pending is completed, a promotion is proven.</summary>
internal sealed class OperationEnding
{
    private readonly AzureConnection _connection;
    private readonly IInventory _inventory;
    private readonly Journal _journal;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public OperationEnding(AzureConnection connection, IInventory inventory, Journal journal, TimeProvider time, IDrObserver observer)
    {
        _connection = connection;
        _inventory = inventory;
        _journal = journal;
        _time = time;
        _observer = observer;
    }

    public async Task ConcludeAsync(DrOperation operation, CancellationToken cancellationToken)
    {
        switch (operation)
        {
            case { Name: OperationNames.Promote, Outcome: StepOutcome.Succeeded }:
                await new Handover(_connection, _inventory, _journal, _time, _observer).ConcludeAsync(_journal.State, operation.Target, cancellationToken).ConfigureAwait(false);
                break;
            case { Name: OperationNames.Promote, Outcome: StepOutcome.Failed }:
                Complete(StepNames.Promote, operation);
                _observer.Warning($"The promotion of {AzureId.NameOf(operation.Target)} failed after Azure had accepted it. The fence of the old primary stays, so that nothing is written twice. Run the failover again.");
                break;
            case { Name: OperationNames.CreateReplica, Outcome: StepOutcome.Succeeded or StepOutcome.Failed }:
                Complete(StepNames.CreateReplica, operation);
                break;
            case { Outcome: StepOutcome.Succeeded or StepOutcome.Failed } when CapacitySteps.IsOne(operation.Name):
                Complete(operation.Name, operation);
                break;
        }
    }

    private void Complete(string step, DrOperation operation)
    {
        if (_journal.State.Steps.LastOrDefault(s => s.Name == step && AzureId.Same(s.Target, operation.Target)) is not { Outcome: StepOutcome.Pending or StepOutcome.Unknown } open) return;
        _journal.RecordStep(open with { Outcome = operation.Outcome, Finished = _time.GetUtcNow(), Detail = operation.Error ?? "Azure's operation has ended" });
    }
}
