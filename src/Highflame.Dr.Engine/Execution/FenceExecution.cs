using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Execution;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Operations;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Execution;

/// <summary>
/// Pays a fence: waits for an old primary to answer, makes it refuse writes, ends its sessions, stops it, and strikes the debt out. A server that does not answer in
/// time stays owed: that is Pending, not an error.
/// </summary>
internal sealed class FenceExecution
{
    private readonly AzureConnection _connection;
    private readonly IInventory _inventory;
    private readonly OperationWatch _watch;
    private readonly RunStore _store;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public FenceExecution(AzureConnection connection, IInventory inventory, OperationWatch watch, RunStore store, IJournal journal, TimeProvider time, IDrObserver observer)
    {
        _connection = connection;
        _inventory = inventory;
        _watch = watch;
        _store = store;
        _journal = journal;
        _time = time;
        _observer = observer;
    }

    public async Task<DbFence> ExecuteAsync(FencePlan plan, CancellationToken cancellationToken)
    {
        var server = plan.Server!;
        if (plan.Steps is [{ Name: StepNames.StrikeFenceDebt } strike])
        {
            var struck = await new Following(_connection, _inventory, _store, _journal, _time, _observer).AwaitAsync(strike, Following.Longest, cancellationToken).ConfigureAwait(false);
            return Describe(server, server.State, StepOutcome.Succeeded, readOnly: true, 0, [struck]);
        }

        if (plan.Steps.Length == 0) return Describe(server, server.State, StepOutcome.NoChange, readOnly: true, 0, []);
        var start = _time.GetTimestamp();
        var limit = Pace.Seconds(plan.Request.WaitSeconds);
        while (true)
        {
            var (state, session) = await AwaitAnswerAsync(server, limit - _time.GetElapsedTime(start), cancellationToken).ConfigureAwait(false);
            await using (session)
            {
                if (state is null) return Pending(plan, "it does not answer yet");
                try
                {
                    return await FenceAsync(plan, state, session, cancellationToken).ConfigureAwait(false);
                }
                catch (DrException e) when (IsPassing(e))
                {
                    // It went away again, or its region is not quite back.
                    if (_time.GetElapsedTime(start) >= limit) return Pending(plan, e.Message);
                    _observer.Verbose($"{e.Message} Trying again.");
                }
            }

            await Task.Delay(Pace.Milliseconds(500), _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool IsPassing(DrException e) => e.ErrorId is "HfDatabaseUnreachable" or "HfArmUnavailable" or "HfServerBusy" or "HfThrottled" or "HfOutcomeUnknown";

    private async Task<DbFence> FenceAsync(FencePlan plan, string state, IDatabase? session, CancellationToken cancellationToken)
    {
        var server = plan.Server!;
        var calls = new ServerCalls(_connection.Arm, _journal, _time);
        var fence = new WriteFence(calls, _inventory, _journal, _time, _observer);
        var results = new List<StepResult>();
        var ended = 0;
        var changed = false;
        var gone = state is "Stopped" or FenceSurvey.Deleted;
        foreach (var step in plan.Steps)
        {
            if (gone)
            {
                results.Add(_journal.EndStep(_journal.BeginStep(step), StepOutcome.NoChange, $"it is {state}"));
                continue;
            }

            switch (step.Name)
            {
                case StepNames.Fence:
                    var raised = await fence.RaiseAsync(step, server, session, cancellationToken).ConfigureAwait(false);
                    changed |= raised.Operation is not null;
                    break;
                case StepNames.EndSessions when session is not null:
                    ended = await fence.EndSessionsAsync(step, server, session, await SinceAsync(session, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
                    changed |= ended > 0;
                    break;
                case StepNames.EndSessions:
                    results.Add(_journal.EndStep(_journal.BeginStep(step), StepOutcome.Unknown, "the database could not be asked; stopping the server ends its sessions"));
                    break;
                case StepNames.Follow:
                    try
                    {
                        results.Add(await new Following(_connection, _inventory, _store, _journal, _time, _observer).AwaitAsync(step, Following.Longest, cancellationToken).ConfigureAwait(false));
                        changed = true;
                    }
                    catch (DrException e) when (e.ErrorId == "HfNotFollowing")
                    {
                        return Pending(plan, e.Message.TrimEnd('.'));
                    }

                    break;
                case StepNames.StopOldPrimary:
                    var stopped = await new OldPrimary(calls, _inventory, _watch, _journal, _time).StopAsync(step, cancellationToken).ConfigureAwait(false);
                    changed |= stopped.Outcome != StepOutcome.NoChange;
                    results.Add(stopped);
                    state = "Stopped";
                    break;
            }
        }

        // Fenced and left running: that it is stopped stays owed.
        if (!plan.Steps.Any(s => s.Name is StepNames.StopOldPrimary or StepNames.Follow) && !gone) _store.NoteFenced(server.ResourceId);
        else changed |= _store.PayDebt(server.ResourceId);
        return Describe(server, state, changed ? StepOutcome.Succeeded : StepOutcome.NoChange, readOnly: true, ended, results);
    }

    // Sessions that began up to now: those that begin later are read-only.
    private static async Task<DateTimeOffset?> SinceAsync(IDatabase session, CancellationToken cancellationToken) =>
        (await session.ObserveAsync(cancellationToken).ConfigureAwait(false)).ServerTime;

    /// <summary>Azure's state of the server once it can be acted upon; null when the time is up. With a database credential also a session to it, while it runs.</summary>
    private async Task<(string? State, IDatabase? Session)> AwaitAnswerAsync(DbServer server, TimeSpan limit, CancellationToken cancellationToken)
    {
        string? state = null;
        IDatabase? session = null;
        var begun = _time.GetTimestamp();
        await Pace.UntilAsync(
            async token =>
            {
                var asking = Glimpse.OfAsync<DbServer>(t => AskAsync(server, t), Pace.Seconds(5), _time, token);
                var opening = _connection.Databases.Asks(server.HostName) && session is null ? OpenAsync(server.HostName, token) : Task.FromResult(session);
                session = await opening.ConfigureAwait(false);
                var seen = await asking.ConfigureAwait(false);
                if (seen.Value?.State is "Stopped" or FenceSurvey.Deleted)
                {
                    state = seen.Value.State;
                    return true;
                }

                if (seen.Value?.State is "Ready" or "Updating" && (session is not null || !_connection.Databases.Asks(server.HostName)))
                {
                    state = seen.Value.State;
                    return true;
                }

                _observer.Progress(new DrProgress($"Fence of {server.Name}", $"waiting for it to answer, {_time.GetElapsedTime(begun).TotalSeconds:0} s ({seen.Value?.State ?? seen.Problem})"));
                return false;
            },
            Pace.Milliseconds(100), Pace.Seconds(1), limit, _time, cancellationToken).ConfigureAwait(false);
        if (state is not null) return (state, session);
        if (session is not null) await session.DisposeAsync().ConfigureAwait(false);
        return (null, null);
    }

    private async Task<DbServer?> AskAsync(DbServer server, CancellationToken cancellationToken) =>
        await _inventory.TryGetServerAsync(server.ResourceId, cancellationToken).ConfigureAwait(false) ?? server with { State = FenceSurvey.Deleted };

    private async Task<IDatabase?> OpenAsync(string hostName, CancellationToken cancellationToken)
    {
        try
        {
            return await _connection.Databases.OpenAsync(hostName, Pace.Seconds(1), cancellationToken).ConfigureAwait(false);
        }
        catch (DrException e) when (e.ErrorId == "HfDatabaseUnreachable")
        {
            return null;
        }
    }

    private DbFence Pending(FencePlan plan, string why)
    {
        _observer.Warning($"The fence of {plan.Server!.Name} stays owed: {why}.");
        return Describe(plan.Server, plan.Server.State, StepOutcome.Pending, readOnly: false, 0, []);
    }

    private static DbFence Describe(DbServer server, string state, StepOutcome outcome, bool readOnly, int sessions, IReadOnlyList<StepResult> steps) => new()
    {
        Name = server.Name,
        ResourceId = server.ResourceId,
        Outcome = outcome,
        State = state,
        ReadOnly = readOnly,
        SessionsEnded = sessions,
        Steps = [.. steps],
    };
}
