using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Capacity;
using Highflame.Dr.Execution;

namespace Highflame.Dr.Engine.Execution;

/// <summary>What belongs to the end of an operation that a run did not wait for when it asked: the step it left pending is completed, a promotion is proven or taken back.</summary>
internal sealed class OperationEnding
{
    private readonly FailoverTools _tools;

    public OperationEnding(FailoverTools tools) => _tools = tools;

    /// <summary>Returns the operation as it really ended: what Azure calls failed may have promoted the server all the same.</summary>
    public async Task<DrOperation> ConcludeAsync(DrOperation operation, CancellationToken cancellationToken)
    {
        switch (operation)
        {
            case { Name: OperationNames.Promote, Outcome: StepOutcome.Succeeded }:
                await _tools.Handover.ConcludeAsync(_tools.Run.Journal.State, operation.Target, cancellationToken).ConfigureAwait(false);
                return operation;
            case { Name: OperationNames.Promote, Outcome: StepOutcome.Failed } when RecordedPromotion.Find(_tools.Run.Journal.State, operation.Target) is { } recorded:
                return await SettleAsync(operation, recorded.Record, cancellationToken).ConfigureAwait(false);
            case { Name: OperationNames.CreateReplica, Outcome: StepOutcome.Succeeded or StepOutcome.Failed }:
                Complete(StepNames.CreateReplica, operation);
                return operation;
            case { Outcome: StepOutcome.Succeeded or StepOutcome.Failed } when CapacitySteps.IsOne(operation.Name):
                Complete(operation.Name, operation);
                return operation;
            default:
                return operation;
        }
    }

    // Azure's word that it failed does not say what became of the server. Seen to be a replica still, it owes nothing, and writes go on where they were.
    private async Task<DrOperation> SettleAsync(DrOperation operation, PromotionRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await _tools.Promotion.AwaitEndAsync(record.Replica(), new AcceptedPromotion(operation, false), cancellationToken).ConfigureAwait(false);
        }
        catch (DrException e) when (e.ErrorId == "HfPromotionFailed")
        {
            var reason = await FailoverExecution.GiveUpAsync(_tools, record.Replica(), record.Primary(), null, e).ConfigureAwait(false);
            return operation with { Error = reason.Message, ErrorId = reason.ErrorId };
        }
        catch (DrException e) when (e.ErrorId == "HfOutcomeUnknown")
        {
            _tools.Observer.Warning($"{e.Message} The fence of {record.OldPrimary ?? "the old primary"} stays. {e.NextStep}");
            return Recorded(operation with { Outcome = StepOutcome.Unknown, ErrorId = e.ErrorId });
        }

        _tools.Observer.Warning($"Azure calls the promotion of {record.Server} failed ({operation.Error ?? operation.Status}); its database is promoted all the same.");
        await _tools.Handover.ConcludeAsync(_tools.Run.Journal.State, operation.Target, cancellationToken).ConfigureAwait(false);
        return Recorded(operation with { Outcome = StepOutcome.Succeeded });
    }

    private DrOperation Recorded(DrOperation operation)
    {
        _tools.Journal.RecordOperation(operation);
        return operation;
    }

    private void Complete(string step, DrOperation operation)
    {
        var journal = _tools.Run.Journal;
        if (journal.State.Steps.LastOrDefault(s => s.Name == step && AzureId.Same(s.Target, operation.Target)) is not { Outcome: StepOutcome.Pending or StepOutcome.Unknown } open) return;
        journal.RecordStep(open with { Outcome = operation.Outcome, Finished = _tools.Time.GetUtcNow(), Detail = operation.Error ?? "Azure's operation has ended" });
    }
}
