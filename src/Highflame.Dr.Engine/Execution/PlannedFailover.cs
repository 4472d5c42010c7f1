using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Execution;

/// <summary>
/// A planned failover. Everything slow is done before the fence: sessions opened, parameters and token read, a checkpoint made. From the fence to the promotion
/// only the two databases are asked, every few milliseconds. What fails before the promotion is accepted lifts the fence again.
/// </summary>
internal sealed class PlannedFailover
{
    private static readonly TimeSpan OpenLimit = Pace.Seconds(10);
    private readonly FailoverTools _tools;
    private readonly FailoverPlan _plan;
    private readonly DbServer _replica;
    private readonly DbServer _primary;
    private readonly FenceReturn _return;
    private bool _unclear;

    public PlannedFailover(FailoverTools tools, FailoverPlan plan)
    {
        _tools = tools;
        _plan = plan;
        _replica = plan.Replica!;
        _primary = plan.Primary!;
        _return = new FenceReturn(tools, _primary);
    }

    private bool Swap => _plan.Request.Promotion == DbPromotion.Switchover;

    public async Task<DbFailover> ExecuteAsync(bool noWait, CancellationToken cancellationToken)
    {
        await using var sessions = await WarmAsync(cancellationToken).ConfigureAwait(false);
        await _return.RememberAsync(cancellationToken).ConfigureAwait(false);
        AcceptedPromotion accepted;
        try
        {
            var record = await FenceAndCatchUpAsync(sessions, cancellationToken).ConfigureAwait(false);
            accepted = await PromoteAsync(record, noWait, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (MayLift(e))
        {
            if (await _return.TakeBackAsync(sessions.Primary, e as DrException).ConfigureAwait(false) is { } explained) throw explained;
            throw;
        }

        if (noWait && accepted.Operation is not null) return FailoverExecution.Describe(_plan, _tools.Run.Journal.State, StepOutcome.Pending, accepted.Operation);
        return await FinishAsync(sessions, accepted, cancellationToken).ConfigureAwait(false);
    }

    // Whatever went wrong before the promotion was sent, a journal that cannot be written included, must not leave the primary read-only. An unclear promotion keeps the fence: it may
    // yet happen, and two servers must never write.
    private bool MayLift(Exception exception)
    {
        if (!_unclear) return true;
        if (exception is DrException or OperationCanceledException)
            _tools.Observer.Warning($"It is not known whether {_replica.Name} was promoted. The fence of {_primary.Name} stays. Run the same command again.");
        return false;
    }

    private async Task<Sessions> WarmAsync(CancellationToken cancellationToken)
    {
        _tools.Run.Lease.Verify();
        var azure = _tools.Inventory.TryGetServerAsync(_replica.ResourceId, cancellationToken);
        if (!_tools.Connection.Databases.Asks(_replica.HostName))
        {
            await azure.ConfigureAwait(false);
            return new Sessions(null, null, null, null);
        }

        var openingPrimary = _tools.Connection.Databases.OpenAsync(_primary.HostName, OpenLimit, cancellationToken);
        var openingReplica = _tools.Connection.Databases.OpenAsync(_replica.HostName, OpenLimit, cancellationToken);
        try
        {
            await Task.WhenAll(openingPrimary, openingReplica, azure).ConfigureAwait(false);
            var (primary, replica) = (await openingPrimary.ConfigureAwait(false), await openingReplica.ConfigureAwait(false));
            if (!await primary.TryCheckpointAsync(cancellationToken).ConfigureAwait(false)) _tools.Observer.Verbose($"No right to CHECKPOINT at {_primary.Name}; the fence may take a little longer.");
            await replica.GetReplayLsnAsync(cancellationToken).ConfigureAwait(false);
            var sessions = new Sessions(primary, replica, await primary.ObserveAsync(cancellationToken).ConfigureAwait(false), await replica.ObserveAsync(cancellationToken).ConfigureAwait(false));
            Confirm(sessions);
            await RehearseAsync(primary, cancellationToken).ConfigureAwait(false);
            if (_plan.Steps.FirstOrDefault(s => s.Name == StepNames.ClearReadOnly) is { } clear) await ClearReadOnlyAsync(clear, replica, cancellationToken).ConfigureAwait(false);
            return sessions;
        }
        catch
        {
            if (openingPrimary.IsCompletedSuccessfully) await (await openingPrimary.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            if (openingReplica.IsCompletedSuccessfully) await (await openingReplica.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // What comes after the fence, once before it and without effect: neither this process nor the server does anything for the first time while writes are down.
    private async Task RehearseAsync(IDatabase primary, CancellationToken cancellationToken)
    {
        await primary.EndSessionsAsync(DateTimeOffset.UnixEpoch, cancellationToken).ConfigureAwait(false);
        await primary.GetFlushedLsnAsync(cancellationToken).ConfigureAwait(false);
        JournalJson.Prepare(Record());
        JournalJson.Prepare(FailoverExecution.DebtOf(_tools, Record()));
        _ = FailoverExecution.Describe(_plan, _tools.Run.Journal.State, StepOutcome.Pending, null);
    }

    // The plan may be some seconds old. What it rests on must still be so.
    private void Confirm(Sessions seen)
    {
        var wrong = seen switch
        {
            { PrimaryBefore.InRecovery: true } => $"{_primary.Name} is in recovery",
            { ReplicaBefore.InRecovery: false } => $"{_replica.Name} is not in recovery any more",
            { PrimaryBefore.SystemIdentifier: { } one, ReplicaBefore.SystemIdentifier: { } other } when one != other => $"{_replica.Name} (system {other}) is no copy of {_primary.Name} (system {one})",
            _ => null,
        };
        if (wrong is not null) throw new DrException("HfPlanOutdated", DrErrorKind.InvalidState, $"The plan no longer fits: {wrong}. Nothing was changed.", _replica.ResourceId, "Run the same command again.");
    }

    private async Task ClearReadOnlyAsync(PlanStep step, IDatabase replica, CancellationToken cancellationToken)
    {
        var open = _tools.Journal.BeginStep(step);
        await _tools.Calls.SetParameterAsync(_replica.ResourceId, ServerCalls.ReadOnlyParameter, "off", cancellationToken).ConfigureAwait(false);
        var cleared = await Pace.UntilAsync(
            async token => !(await replica.ObserveAsync(token).ConfigureAwait(false)).ReadOnly,
            Pace.Milliseconds(20), Pace.Seconds(1), Pace.Seconds(90), _tools.Time, cancellationToken).ConfigureAwait(false);
        _tools.Journal.EndStep(open, cleared ? StepOutcome.Succeeded : StepOutcome.Failed);
        if (!cleared) throw new DrException("HfFenceFailed", DrErrorKind.TimedOut, $"{_replica.Name} still has {ServerCalls.ReadOnlyParameter} on. Nothing else was changed.", _replica.ResourceId, "Set it to off there, then run this again.");
    }

    private async Task<PromotionRecord> FenceAndCatchUpAsync(Sessions sessions, CancellationToken cancellationToken)
    {
        var raised = await _tools.Fence.RaiseAsync(Step(StepNames.Fence), _primary, sessions.Primary, cancellationToken).ConfigureAwait(false);
        var record = Record();
        if (sessions is not { Primary: { } primary, Replica: { } replica })
        {
            return record with { Fenced = true, LagSeconds = await LookAtAzureAsync(cancellationToken).ConfigureAwait(false) ?? record.LagSeconds };
        }

        await _tools.Fence.EndSessionsAsync(Step(StepNames.EndSessions), _primary, primary, raised.Since, cancellationToken).ConfigureAwait(false);
        return await new CatchUp(_tools, _plan, primary, replica).RunAsync(Step(StepNames.CatchUp), record with
        {
            Fenced = true,
            SystemIdentifier = sessions.PrimaryBefore!.SystemIdentifier,
            Timeline = sessions.PrimaryBefore.Timeline,
        }, cancellationToken).ConfigureAwait(false);
    }

    // As far as it is known before the fence.
    private PromotionRecord Record() => new()
    {
        Server = _replica.Name,
        ServerId = _replica.ResourceId,
        HostName = _replica.HostName,
        Location = _replica.Location,
        Mode = FailoverMode.Planned,
        Promotion = _plan.Request.Promotion,
        OldPrimary = _primary.Name,
        OldPrimaryId = _primary.ResourceId,
        OldPrimaryHost = _primary.HostName,
        OldPrimaryLocation = _primary.Location,
        LagBytes = _plan.Replication?.LagBytes,
        LagSeconds = _plan.Replication?.LagSeconds,
    };

    // Without a database credential Azure's own Planned option is all there is: it waits until everything has been applied. Returns its lag metric, in seconds.
    private async Task<double?> LookAtAzureAsync(CancellationToken cancellationToken)
    {
        var open = _tools.Journal.BeginStep(Step(StepNames.CatchUp));
        string? state = null;
        var settled = await Pace.UntilAsync(
            async token =>
            {
                var replicas = await _tools.Inventory.GetReplicasAsync(_primary.ResourceId, token).ConfigureAwait(false);
                state = replicas.FirstOrDefault(r => Azure.AzureId.Same(r.ResourceId, _replica.ResourceId))?.ReplicationState;
                return state is null or "Active";
            },
            Pace.Milliseconds(200), Pace.Seconds(10), Pace.Seconds(_plan.Request.CatchUpTimeoutSeconds), _tools.Time, cancellationToken).ConfigureAwait(false);
        _tools.Journal.EndStep(open, settled ? StepOutcome.Unknown : StepOutcome.Failed, $"Azure's replication state: {state ?? "not told"}; nothing more can be shown without database access");
        if (!settled) throw CatchUp.TimedOut(_replica, _plan.Request.CatchUpTimeoutSeconds, $"its replication state is {state}");
        _tools.Observer.Warning("Zero loss is not proven: the connection has no database credential for these servers. Azure's Planned option waits until all has been applied.");
        return (await Glimpse.OfAsync<object>(async token => await _tools.Inventory.GetLagSecondsMetricAsync(_replica.ResourceId, token).ConfigureAwait(false), Pace.Seconds(5), _tools.Time, cancellationToken).ConfigureAwait(false)).Value as double?;
    }

    private async Task<AcceptedPromotion> PromoteAsync(PromotionRecord record, bool noWait, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await new FreshLook(_tools, _plan).TakeAsync(cancellationToken).ConfigureAwait(false);
        _tools.Run.Lease.Verify();
        _tools.Journal.RecordFact(PromotionRecord.FactName, record);
        FailoverExecution.OweFence(_tools, record);
        var open = _tools.Journal.BeginStep(Step(StepNames.Promote));
        _unclear = true;
        AcceptedPromotion accepted;
        try
        {
            accepted = await _tools.Promotion.SendAsync(_replica, FailoverMode.Planned, Swap ? _primary.ResourceId : null, cancellationToken).ConfigureAwait(false);
        }
        catch (DrException e)
        {
            _unclear = e.ErrorId == "HfOutcomeUnknown";
            if (!_unclear) _tools.Run.Store.PayDebt(_primary.ResourceId);
            _tools.Journal.EndStep(open, _unclear ? StepOutcome.Unknown : StepOutcome.Failed, $"{e.ErrorId}: {e.Message}");
            throw;
        }

        // Accepted, whatever the journal says to it: from here on nothing lifts the fence.
        _tools.Journal.EndStep(open, accepted.Promoted ? StepOutcome.Succeeded : StepOutcome.Pending, accepted.Promoted ? "the database has left recovery" : noWait ? "accepted by Azure" : "accepted by Azure; waiting for its end");
        return accepted;
    }

    private async Task<DbFailover> FinishAsync(Sessions sessions, AcceptedPromotion accepted, CancellationToken cancellationToken)
    {
        DrOperation? operation;
        try
        {
            operation = accepted.Promoted ? accepted.Operation : await _tools.Promotion.AwaitEndAsync(_replica, accepted, cancellationToken).ConfigureAwait(false);
        }
        catch (DrException e) when (e.ErrorId == "HfPromotionFailed")
        {
            throw await FailoverExecution.GiveUpAsync(_tools, _replica, _primary, sessions.Primary, e).ConfigureAwait(false);
        }

        await _tools.Handover.ConcludeAsync(_tools.Run.Journal.State, _replica.ResourceId, cancellationToken).ConfigureAwait(false);
        await sessions.DisposeAsync().ConfigureAwait(false);
        await FailoverExecution.LeaveOldPrimaryAsync(_tools, Step(Swap ? StepNames.Follow : StepNames.StopOldPrimary), cancellationToken).ConfigureAwait(false);
        return FailoverExecution.Describe(_plan, _tools.Run.Journal.State, StepOutcome.Succeeded, operation);
    }

    private PlanStep Step(string name) => Array.Find(_plan.Steps, s => s.Name == name)
        ?? throw new InvalidOperationException($"The plan has no step {name}.");

    private sealed record Sessions(IDatabase? Primary, IDatabase? Replica, DatabaseObservation? PrimaryBefore, DatabaseObservation? ReplicaBefore) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (Primary is not null) await Primary.DisposeAsync().ConfigureAwait(false);
            if (Replica is not null) await Replica.DisposeAsync().ConfigureAwait(false);
        }
    }
}
