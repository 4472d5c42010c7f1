using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Execution;

/// <summary>What a raised fence showed.</summary>
/// <param name="Since">The server's own clock when it was first seen to refuse writes; null when that was seen through Azure alone.</param>
/// <param name="Operation">Azure's operation that set the parameter; null when nothing had to be changed.</param>
internal sealed record RaisedFence(DateTimeOffset? Since, DrOperation? Operation);

/// <summary>
/// Keeps a primary from writing: <c>default_transaction_read_only</c> is set through ARM and seen to hold in the database, then the sessions that began before are
/// ended, since they could hold a transaction open that still writes. Raising can be undone to exactly what was before.
/// </summary>
internal sealed class WriteFence
{
    private static readonly TimeSpan SettingLimit = Pace.Seconds(90);
    private static readonly TimeSpan SessionsLimit = Pace.Seconds(15);
    private readonly ServerCalls _calls;
    private readonly IInventory _inventory;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public WriteFence(ServerCalls calls, IInventory inventory, IJournal journal, TimeProvider time, IDrObserver observer)
    {
        _calls = calls;
        _inventory = inventory;
        _journal = journal;
        _time = time;
        _observer = observer;
    }

    /// <summary>Sets the parameter and returns as soon as it is seen to hold. Errors: HfFenceFailed.</summary>
    public async Task<RaisedFence> RaiseAsync(PlanStep step, DbServer server, IDatabase? session, CancellationToken cancellationToken)
    {
        var open = _journal.BeginStep(step);
        try
        {
            var (since, isOn) = await LookAsync(server, session, cancellationToken).ConfigureAwait(false);
            if (isOn)
            {
                _journal.EndStep(open, StepOutcome.NoChange, "it refused writes already");
                return new RaisedFence(since, null);
            }

            var operation = await _calls.SetParameterAsync(server.ResourceId, ServerCalls.ReadOnlyParameter, "on", cancellationToken).ConfigureAwait(false);
            (since, isOn) = await AwaitSettingAsync(server, session, "on", cancellationToken).ConfigureAwait(false);
            if (!isOn) throw Failed(server, $"{server.Name} still takes writes {SettingLimit.TotalSeconds:0} s after Azure accepted the change of {ServerCalls.ReadOnlyParameter}.");
            _journal.EndStep(open, StepOutcome.Succeeded, session is null ? "Azure shows the parameter as on" : "seen in the database: new transactions are read-only");
            return new RaisedFence(since, operation);
        }
        catch (DrException e)
        {
            _journal.EndStep(open, StepOutcome.Failed, $"{e.ErrorId}: {e.Message}");
            throw;
        }
    }

    /// <summary>Ends the sessions that began before the fence, until none is left. Errors: HfFenceFailed.</summary>
    /// <returns>How many were ended.</returns>
    public async Task<int> EndSessionsAsync(PlanStep step, DbServer server, IDatabase session, DateTimeOffset? since, CancellationToken cancellationToken)
    {
        var open = _journal.BeginStep(step);
        try
        {
            int? first = null;
            var last = new EndedSessions(0, 0);
            var done = await Pace.UntilAsync(
                async token =>
                {
                    last = await session.EndSessionsAsync(since, token).ConfigureAwait(false);
                    first ??= last.Ended;
                    return last.Ended == 0;
                },
                Pace.Milliseconds(3), Pace.Milliseconds(100), SessionsLimit, _time, cancellationToken).ConfigureAwait(false);
            if (!done) throw Failed(server, $"{last.Ended} sessions at {server.Name} do not end.");
            if (last.Protected > 0) _observer.Verbose($"{last.Protected} sessions at {server.Name} belong to superusers and cannot be ended. On Azure these are the platform's own.");
            _journal.EndStep(open, first == 0 ? StepOutcome.NoChange : StepOutcome.Succeeded, $"{first} ended{(last.Protected > 0 ? $", {last.Protected} of superusers left" : "")}");
            return first ?? 0;
        }
        catch (DrException e)
        {
            _journal.EndStep(open, StepOutcome.Failed, $"{e.ErrorId}: {e.Message}");
            throw;
        }
    }

    /// <summary>What is so once the parameter is back at what it was.</summary>
    public static string AfterLift(DbServer server, string before) =>
        IsOn(before) ? $"{ServerCalls.ReadOnlyParameter} is {before} at {server.Name}, as it was before: it refuses writes." : $"The fence is lifted: {server.Name} takes writes again.";

    /// <summary>Puts the parameter back. Never throws: what it could not do it says, loudly, and returns false. A journal that cannot be written does not keep it from that.</summary>
    public async Task<bool> LiftAsync(DbServer server, IDatabase? session, string before, CancellationToken cancellationToken)
    {
        var open = Noted(() => _journal.BeginStep(new PlanStep(StepNames.LiftFence, server.ResourceId, $"Set {ServerCalls.ReadOnlyParameter} back to {before} at {server.Name}.", StepClass.Reversible)));
        try
        {
            await SendAsync(server, before, cancellationToken).ConfigureAwait(false);
            var isOn = await IsOnAtLastAsync(server, session, before, cancellationToken).ConfigureAwait(false);
            var lifted = isOn == IsOn(before);
            End(lifted ? StepOutcome.Succeeded : StepOutcome.Pending, lifted ? $"{ServerCalls.ReadOnlyParameter} is {before} again" : "accepted by Azure and not seen yet");
            if (lifted) _observer.Warning($"Nothing was promoted. {AfterLift(server, before)}");
            else _observer.Warning($"Nothing was promoted. Azure has accepted to lift the fence of {server.Name}; it is not seen to take writes yet.");
            return lifted;
        }
        catch (Exception e) when (e is DrException or OperationCanceledException)
        {
            End(StepOutcome.Failed, e.Message);
            _observer.Warning($"Nothing was promoted, and the fence of {server.Name} could NOT be lifted: {e.Message} Set {ServerCalls.ReadOnlyParameter} to {before} there by hand, or run the failover again.");
            return false;
        }

        void End(StepOutcome outcome, string detail)
        {
            if (open is not null) Noted(() => _journal.EndStep(open, outcome, detail));
        }
    }

    // The change is journaled once Azure has accepted it: what cannot be written then has been done all the same.
    private async Task SendAsync(DbServer server, string value, CancellationToken cancellationToken)
    {
        try
        {
            await _calls.SetParameterAsync(server.ResourceId, ServerCalls.ReadOnlyParameter, value, cancellationToken).ConfigureAwait(false);
        }
        catch (DrException e) when (JournalTrouble.IsUnrecorded(e))
        {
            _observer.Warning(e.Message);
        }
    }

    private T? Noted<T>(Func<T> write)
        where T : class
    {
        try
        {
            return write();
        }
        catch (DrException e) when (JournalTrouble.Is(e))
        {
            _observer.Warning(e.Message);
            return null;
        }
    }

    // The session may be what failed: then Azure tells.
    private async Task<bool> IsOnAtLastAsync(DbServer server, IDatabase? session, string value, CancellationToken cancellationToken)
    {
        try
        {
            return (await AwaitSettingAsync(server, session, value, cancellationToken).ConfigureAwait(false)).IsOn;
        }
        catch (DrException) when (session is not null)
        {
            return (await AwaitSettingAsync(server, null, value, cancellationToken).ConfigureAwait(false)).IsOn;
        }
    }

    private async Task<(DateTimeOffset? Since, bool IsOn)> AwaitSettingAsync(DbServer server, IDatabase? session, string value, CancellationToken cancellationToken)
    {
        (DateTimeOffset? Since, bool IsOn) seen = (null, !IsOn(value));
        var first = session is null ? Pace.Milliseconds(100) : Pace.Milliseconds(4);
        var longest = session is null ? Pace.Seconds(5) : Pace.Milliseconds(50);
        await Pace.UntilAsync(
            async token =>
            {
                seen = await LookAsync(server, session, token).ConfigureAwait(false);
                return seen.IsOn == IsOn(value);
            },
            first, longest, SettingLimit, _time, cancellationToken).ConfigureAwait(false);
        return seen;
    }

    private async Task<(DateTimeOffset? Since, bool IsOn)> LookAsync(DbServer server, IDatabase? session, CancellationToken cancellationToken)
    {
        if (session is null) return (null, IsOn(await _inventory.GetParameterAsync(server.ResourceId, ServerCalls.ReadOnlyParameter, cancellationToken).ConfigureAwait(false)));
        var seen = await session.ObserveAsync(cancellationToken).ConfigureAwait(false);
        return (seen.ServerTime, seen.ReadOnly);
    }

    internal static bool IsOn(string? value) => value?.ToUpperInvariant() is "ON" or "TRUE" or "1" or "YES";

    private static DrException Failed(DbServer server, string message) => new(
        "HfFenceFailed", DrErrorKind.OperationFailed, message, server.ResourceId, "Nothing was promoted. Find out what holds it, then run the failover again.");
}
