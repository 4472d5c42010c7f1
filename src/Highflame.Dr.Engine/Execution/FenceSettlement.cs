using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Execution;

/// <summary>
/// What earlier processes left of fences, settled before a run does anything else: a fence of this run whose promotion was never asked for, or came to nothing,
/// is lifted, so that writes go on while it is planned anew; a fence that is owed is paid when its server answers. What cannot be settled stays as it is, loudly.
/// </summary>
internal sealed class FenceSettlement
{
    private static readonly TimeSpan LookLimit = Pace.Seconds(30);
    private static readonly TimeSpan ForcedLookLimit = Pace.Seconds(3);
    private static readonly TimeSpan ForcedActLimit = Pace.Seconds(15);
    private readonly FailoverTools _tools;

    public FenceSettlement(FailoverTools tools) => _tools = tools;

    private JournalState State => _tools.Run.Journal.State;

    /// <summary>At the begin of a run. In forced mode a region that does not answer holds it up for seconds at most (design/safety.md rule 10).</summary>
    public async Task BeginAsync(RunRequest request, CancellationToken cancellationToken)
    {
        var forced = request.Mode == FailoverMode.Forced;
        await WithinAsync(forced ? ForcedActLimit : null, token => ReturnAsync(givenUp: false, forced ? ForcedLookLimit : null, token), cancellationToken).ConfigureAwait(false);
        foreach (var debt in _tools.Run.Store.ReadDebts())
        {
            if (debt.RunId == State.RunId && RecordedPromotion.Find(State, debt.PromotedId) is null)
            {
                // Written down before a promotion that was then never asked for, or refused: nobody took its place.
                _tools.Run.Store.PayDebt(debt.ServerId);
                continue;
            }

            // This run's own fence is on: only stopping is owed, and that comes in its turn.
            if (debt.RunId == State.RunId && debt.Fenced) continue;
            await WithinAsync(forced ? ForcedActLimit : null, token => PayAsync(debt, request, token), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>When a run is ended as failed: nothing is left fenced for a failover that does not come.</summary>
    public Task GiveUpAsync(CancellationToken cancellationToken) => WithinAsync(null, token => ReturnAsync(givenUp: true, null, token), cancellationToken);

    private async Task ReturnAsync(bool givenUp, TimeSpan? liftLimit, CancellationToken cancellationToken)
    {
        if (FenceLeftOn() is not { } fence) return;
        var record = State.Fact<PromotionRecord>(PromotionRecord.FactName);
        var recorded = record is null ? null : RecordedPromotion.Find(State, record.ServerId);
        if (recorded is null)
        {
            await LiftAsync(fence, record, liftLimit, cancellationToken).ConfigureAwait(false);
        }
        else if (recorded.Operation is { } operation)
        {
            if (operation.Outcome != StepOutcome.Failed) operation = await AskAsync(operation, cancellationToken).ConfigureAwait(false);
            if (operation.Outcome == StepOutcome.Failed) await new OperationEnding(_tools).ConcludeAsync(operation, cancellationToken).ConfigureAwait(false);
            else if (givenUp && operation.Outcome is StepOutcome.Pending or StepOutcome.Unknown)
                _tools.Observer.Warning($"Azure is still promoting {recorded.Record.Server}: the fence of {recorded.Record.OldPrimary} stays. See Get-HfOperation.");
        }
        else if (givenUp && !IsDone(recorded.Record.ServerId))
        {
            // Its answer was lost. A fence is not lifted before the replica was seen to be one still for a while.
            if (await _tools.Promotion.ClarifyAsync(recorded.Record.Replica(), cancellationToken).ConfigureAwait(false) != Sighting.Untouched)
            {
                _tools.Observer.Warning($"It is not known whether {recorded.Record.Server} is promoted: the fence of {recorded.Record.OldPrimary} stays.");
                return;
            }

            var reason = new DrException("HfPromotionFailed", DrErrorKind.OperationFailed, $"{recorded.Record.Server} was not promoted.", recorded.Record.ServerId);
            await FailoverExecution.GiveUpAsync(_tools, recorded.Record.Replica(), recorded.Record.Primary(), null, reason).ConfigureAwait(false);
        }
    }

    private bool IsDone(string promotedId) => State.Steps.Any(s => s.Name == StepNames.Promote && AzureId.Same(s.Target, promotedId) && s.Outcome == StepOutcome.Succeeded);

    /// <summary>The fence that this run raised and did not take back; null when there is none.</summary>
    private FenceRecord? FenceLeftOn()
    {
        if (State.Fact<FenceRecord>(FenceRecord.FactName) is not { } fence) return null;
        var last = State.Steps.LastOrDefault(s => AzureId.Same(s.Target, fence.ServerId) && (s.Name == StepNames.Fence || (s.Name == StepNames.LiftFence && s.Outcome == StepOutcome.Succeeded)));
        return last?.Name == StepNames.Fence ? fence : null;
    }

    private async Task<DrOperation> AskAsync(DrOperation operation, CancellationToken cancellationToken)
    {
        var poll = await Glimpse.OfAsync<ArmPoll>(async token => await _tools.Connection.Arm.PollAsync(operation.OperationUrl, token).ConfigureAwait(false), Pace.Seconds(5), _tools.Time, cancellationToken).ConfigureAwait(false);
        return poll.Value is { Outcome: StepOutcome.Failed } failed ? operation with { Outcome = StepOutcome.Failed, Status = failed.Status, Error = $"{failed.ErrorCode}: {failed.ErrorMessage}", Finished = _tools.Time.GetUtcNow() }
            : poll.Value is { Outcome: StepOutcome.Succeeded } ? operation with { Outcome = StepOutcome.Succeeded } : operation;
    }

    private async Task LiftAsync(FenceRecord fence, PromotionRecord? record, TimeSpan? limit, CancellationToken cancellationToken)
    {
        var primary = record?.Primary() is { } known && AzureId.Same(known.ResourceId, fence.ServerId) ? known : new DbServer
        {
            Name = AzureId.NameOf(fence.ServerId),
            ResourceId = fence.ServerId,
            ResourceGroup = AzureId.GroupOf(fence.ServerId),
            Location = State.Before.Active ?? "",
            Role = DbRole.Unknown,
            State = "Unknown",
            HostName = fence.HostName ?? "",
        };
        await using var session = await OpenAsync(primary.HostName, cancellationToken).ConfigureAwait(false);
        await new FenceReturn(_tools, primary).TakeBackAsync(session, null, limit).ConfigureAwait(false);
        if (_tools.Run.Store.ReadDebts().Any(d => AzureId.Same(d.ServerId, fence.ServerId) && d.RunId == State.RunId)) _tools.Run.Store.PayDebt(fence.ServerId);
    }

    private async Task<IDatabase?> OpenAsync(string hostName, CancellationToken cancellationToken)
    {
        if (hostName.Length == 0 || !_tools.Connection.Databases.Asks(hostName)) return null;
        try
        {
            return await _tools.Connection.Databases.OpenAsync(hostName, Pace.Seconds(2), cancellationToken).ConfigureAwait(false);
        }
        catch (DrException)
        {
            return null;
        }
    }

    private async Task PayAsync(FenceDebt debt, RunRequest request, CancellationToken cancellationToken)
    {
        var own = debt.RunId == State.RunId;
        if (!own && request.Mode == FailoverMode.Forced && debt.Location is { } at && AzureLocation.Same(at, State.Before.Active))
        {
            _tools.Observer.Warning(StillOwed(debt, "its region is the one that is left in forced mode"));
            return;
        }

        // What this run took away by force is compared before it is stopped; the runbook stops it afterwards.
        var asked = new FenceRequest { Server = debt.ServerId, KeepRunning = own };
        var survey = new FenceSurvey(_tools.Connection, _tools.Inventory, _tools.Time);
        var limit = request.Mode == FailoverMode.Forced ? ForcedLookLimit : LookLimit;
        var seen = await Glimpse.OfAsync<FenceObservation>(async token => await survey.TakeAsync(asked, request.Pair, _tools.Run, token).ConfigureAwait(false), limit, _tools.Time, cancellationToken).ConfigureAwait(false);
        if (seen.Value is not { } observation)
        {
            _tools.Observer.Warning(StillOwed(debt, seen.Problem ?? "it does not answer"));
            return;
        }

        var plan = FencePlanner.Plan(observation, asked);
        if (plan.Refusals is [var refusal, ..])
        {
            if (!own && observation.SuccessorIs == Sighting.Untouched && request.Mode == FailoverMode.Planned) await ForgiveAsync(debt, observation.Server, cancellationToken).ConfigureAwait(false);
            else _tools.Observer.Warning(StillOwed(debt, refusal.Observed));
            return;
        }

        var paid = await new FenceExecution(_tools.Connection, _tools.Inventory, _tools.Watch, _tools.Run.Store, _tools.Journal, _tools.Time, _tools.Observer).ExecuteAsync(plan, cancellationToken).ConfigureAwait(false);
        if (paid.Outcome != StepOutcome.Pending) _tools.Observer.Information($"The fence of {debt.Server}, owed since {debt.Since:u}, is on: it refuses writes{(paid.State == "Stopped" ? " and is stopped" : "")}.");
    }

    // An ended run left it: the server that was to take over is a replica still, so this one is the only primary.
    private async Task ForgiveAsync(FenceDebt debt, DbServer server, CancellationToken cancellationToken)
    {
        var state = _tools.Run.Store.ReadRuns().FirstOrDefault(r => r.State.RunId == debt.RunId).State;
        var successor = state?.Fact<PromotionRecord>(PromotionRecord.FactName) is { } record && AzureId.Same(record.ServerId, debt.PromotedId) ? record.Replica()
            : server with { Name = AzureId.NameOf(debt.PromotedId), ResourceId = debt.PromotedId, HostName = FailoverSurvey.HostOf(server, debt.PromotedId) };
        if (await _tools.Promotion.ClarifyAsync(successor, cancellationToken).ConfigureAwait(false) != Sighting.Untouched)
        {
            _tools.Observer.Warning(StillOwed(debt, $"it is not known whether {successor.Name} is promoted"));
            return;
        }

        var before = state?.Fact<FenceRecord>(FenceRecord.FactName) is { } fence && AzureId.Same(fence.ServerId, server.ResourceId) ? fence.Before : "off";
        await using var session = await OpenAsync(server.HostName, cancellationToken).ConfigureAwait(false);
        _tools.Run.Store.PayDebt(debt.ServerId);
        await _tools.Fence.LiftAsync(server, session, before, cancellationToken).ConfigureAwait(false);
    }

    private static string StillOwed(FenceDebt debt, string why) => $"Still owed: the fence of {debt.Server} since {debt.Since:u} ({why}). Pay it: Complete-HfFence -ResourceId {debt.ServerId}.";

    // What is wrong with a fence must not keep a run from beginning; a journal that cannot be written must.
    private async Task WithinAsync(TimeSpan? limit, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var deadline = limit is { } span ? new CancellationTokenSource(span, _tools.Time) : new CancellationTokenSource();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await work(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _tools.Observer.Warning($"A fence could not be settled within {limit?.TotalSeconds:0} s; the run goes on. See Get-HfRegionPair for what is owed.");
        }
        catch (DrException e) when (!JournalTrouble.Is(e) && e.ErrorId != "HfLeaseLost")
        {
            _tools.Observer.Warning($"A fence could not be settled: {e.Message}");
        }
    }
}
