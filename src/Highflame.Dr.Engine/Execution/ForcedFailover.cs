using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Execution;

/// <summary>
/// A forced failover. Nothing on its critical path calls the region that failed: the fence is written down as a debt first, and tried beside the promotion only
/// where the primary still answered when the plan was made.
/// </summary>
internal sealed class ForcedFailover
{
    private readonly FailoverTools _tools;
    private readonly FailoverPlan _plan;
    private readonly DbServer _replica;

    public ForcedFailover(FailoverTools tools, FailoverPlan plan)
    {
        _tools = tools;
        _plan = plan;
        _replica = plan.Replica!;
    }

    public async Task<DbFailover> ExecuteAsync(bool noWait, CancellationToken cancellationToken)
    {
        var record = await PrepareAsync(cancellationToken).ConfigureAwait(false);
        await new FreshLook(_tools, _plan).TakeAsync(cancellationToken).ConfigureAwait(false);
        _tools.Run.Lease.Verify();
        _tools.Journal.RecordFact(PromotionRecord.FactName, record);
        FailoverExecution.OweFence(_tools, record);
        var accepted = await PromoteAsync(record, noWait, cancellationToken).ConfigureAwait(false);
        if (noWait && accepted.Operation is not null) return FailoverExecution.Describe(_plan, _tools.Run.Journal.State, StepOutcome.Pending, accepted.Operation);

        DrOperation? operation;
        try
        {
            operation = accepted.Promoted ? accepted.Operation : await _tools.Promotion.AwaitEndAsync(_replica, accepted, cancellationToken).ConfigureAwait(false);
        }
        catch (DrException e) when (e.ErrorId == "HfPromotionFailed")
        {
            throw await FailoverExecution.GiveUpAsync(_tools, _replica, _plan.Primary, null, e).ConfigureAwait(false);
        }

        await _tools.Handover.ConcludeAsync(_tools.Run.Journal.State, _replica.ResourceId, cancellationToken).ConfigureAwait(false);
        if (record.OldPrimary is { } old) _tools.Observer.Warning($"Still owed: the fence of {old}. Pay it as soon as its region answers: Complete-HfFence -ResourceId {record.OldPrimaryId}.");
        return FailoverExecution.Describe(_plan, _tools.Run.Journal.State, StepOutcome.Succeeded, operation);
    }

    // The fence runs beside it. Whichever way this is left, the fence has been given up or has ended before.
    private async Task<AcceptedPromotion> PromoteAsync(PromotionRecord record, bool noWait, CancellationToken cancellationToken)
    {
        var open = _tools.Journal.BeginStep(Step(StepNames.Promote)!);
        using var beside = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var fencing = Step(StepNames.Fence) is { } fence ? TryFenceAsync(fence, record, beside.Token) : Task.CompletedTask;
        try
        {
            var accepted = await SendAsync(open, record, LeaveFencingAsync, cancellationToken).ConfigureAwait(false);
            _tools.Journal.EndStep(open, accepted.Promoted ? StepOutcome.Succeeded : StepOutcome.Pending, accepted.Promoted ? "the database has left recovery" : "accepted by Azure");
            // The fence gets a moment, no more: traffic does not wait for the old region.
            await Task.WhenAny(fencing, Task.Delay(Pace.Seconds(noWait ? 1 : 20), _tools.Time, cancellationToken)).ConfigureAwait(false);
            return accepted;
        }
        finally
        {
            await LeaveFencingAsync().ConfigureAwait(false);
        }

        async Task LeaveFencingAsync()
        {
            await beside.CancelAsync().ConfigureAwait(false);
            await fencing.ConfigureAwait(false);
        }
    }

    private async Task<AcceptedPromotion> SendAsync(OpenStep open, PromotionRecord record, Func<Task> leaveFencing, CancellationToken cancellationToken)
    {
        try
        {
            return await _tools.Promotion.SendAsync(_replica, FailoverMode.Forced, null, cancellationToken).ConfigureAwait(false);
        }
        catch (DrException e)
        {
            await leaveFencing().ConfigureAwait(false);
            var unclear = e.ErrorId == "HfOutcomeUnknown";
            var reason = unclear ? e : await RefusedAsync(record, e).ConfigureAwait(false);
            _tools.Journal.EndStep(open, unclear ? StepOutcome.Unknown : StepOutcome.Failed, $"{e.ErrorId}: {e.Message}");
            if (unclear) throw;
            throw reason;
        }
    }

    // Nothing was promoted: the old primary is the only one there is. It owes no fence, and what this run did to it is put back.
    private async Task<DrException> RefusedAsync(PromotionRecord record, DrException reason)
    {
        if (record.OldPrimaryId is not null) _tools.Run.Store.PayDebt(record.OldPrimaryId);
        return Step(StepNames.Fence) is null ? reason : await new FenceReturn(_tools, _plan.Primary!).TakeBackAsync(null, reason).ConfigureAwait(false) ?? reason;
    }

    private PlanStep? Step(string name) => Array.Find(_plan.Steps, s => s.Name == name);

    private async Task<PromotionRecord> PrepareAsync(CancellationToken cancellationToken)
    {
        var seen = _tools.Connection.Databases.Asks(_replica.HostName)
            ? await Glimpse.OfDatabaseAsync(_tools.Connection.Databases, _replica.HostName, Pace.Seconds(3), _tools.Time, cancellationToken).ConfigureAwait(false)
            : default;
        if (seen.Value is { InRecovery: false })
            throw new DrException("HfPlanOutdated", DrErrorKind.InvalidState, $"The plan no longer fits: {_replica.Name} is not in recovery any more. Nothing was changed.", _replica.ResourceId, "Run the same command again.");
        if (Step(StepNames.ClearReadOnly) is { } clear)
        {
            var open = _tools.Journal.BeginStep(clear);
            await _tools.Calls.SetParameterAsync(_replica.ResourceId, ServerCalls.ReadOnlyParameter, "off", cancellationToken).ConfigureAwait(false);
            _tools.Journal.EndStep(open, StepOutcome.Succeeded, "accepted by Azure");
        }

        return new PromotionRecord
        {
            Server = _replica.Name,
            ServerId = _replica.ResourceId,
            HostName = _replica.HostName,
            Location = _replica.Location,
            Mode = FailoverMode.Forced,
            OldPrimary = _plan.Primary?.Name ?? (_replica.SourceServerResourceId is { } id ? Azure.AzureId.NameOf(id) : null),
            OldPrimaryId = _plan.Primary?.ResourceId ?? _replica.SourceServerResourceId,
            OldPrimaryHost = _plan.Primary?.HostName ?? (_replica.SourceServerResourceId is { } source ? FailoverSurvey.HostOf(_replica, source) : null),
            OldPrimaryLocation = _plan.Primary?.Location is { Length: > 0 } location ? location : _tools.Run.Journal.State.Before.Active,
            ReplayedLsn = seen.Value?.Lsn,
            Snapshot = seen.Value?.Snapshot,
            SystemIdentifier = seen.Value?.SystemIdentifier,
            Timeline = seen.Value?.Timeline,
            LagBytes = _plan.Replication?.LagBytes,
            LagSeconds = seen.Value?.ReplayAgeSeconds is { } age ? Math.Round(age, 3) : _plan.Replication?.LagSeconds,
        };
    }

    // Never throws: what it cannot do stays owed.
    private async Task TryFenceAsync(PlanStep step, PromotionRecord record, CancellationToken cancellationToken)
    {
        try
        {
            var primary = _plan.Primary!;
            await using var session = _tools.Connection.Databases.Asks(primary.HostName)
                ? await _tools.Connection.Databases.OpenAsync(primary.HostName, Pace.Seconds(2), cancellationToken).ConfigureAwait(false)
                : null;
            await new FenceReturn(_tools, primary).RememberAsync(cancellationToken).ConfigureAwait(false);
            var raised = await _tools.Fence.RaiseAsync(step, primary, session, cancellationToken).ConfigureAwait(false);
            if (session is not null)
                await _tools.Fence.EndSessionsAsync(new PlanStep(StepNames.EndSessions, step.Target, $"End the client sessions of {primary.Name}.", StepClass.Reversible), primary, session, raised.Since, cancellationToken).ConfigureAwait(false);
            FailoverExecution.OweFence(_tools, record with { Fenced = true });
        }
        catch (Exception e) when (e is DrException or OperationCanceledException)
        {
            _tools.Observer.Verbose($"{record.OldPrimary} is not fenced yet: {e.Message}");
        }
    }
}
