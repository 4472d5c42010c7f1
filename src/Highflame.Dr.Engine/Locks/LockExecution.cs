using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Locks;

/// <summary>
/// Takes locks away and puts them back. What is taken away is in the run store before Azure is asked, so that whoever comes next can put it back, whatever happens to this
/// process; it is struck out only when the lock is seen to hold again.
/// </summary>
internal sealed class LockExecution
{
    private static readonly TimeSpan LongestLook = Pace.Seconds(30);
    private readonly IArm _arm;
    private readonly RunStore _store;
    private readonly string? _runId;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public LockExecution(IArm arm, RunStore store, RunHandle? run, TimeProvider time, IDrObserver observer)
    {
        _arm = arm;
        _store = store;
        _runId = run?.Journal.State.RunId;
        _journal = RunHandle.JournalOf(run, time);
        _time = time;
        _observer = observer;
    }

    public async Task<IReadOnlyList<LockChange>> ExecuteAsync(LockPlan plan, CancellationToken cancellationToken)
    {
        if (!plan.Restores) Expect(_store.ReadLockDebts().Select(d => (d.Scope, d.Since)));
        var changes = new List<LockChange>();
        foreach (var item in plan.Items)
            changes.Add(plan.Restores ? await PutBackAsync(item, cancellationToken).ConfigureAwait(false) : await TakeAwayAsync(item, cancellationToken).ConfigureAwait(false));
        return changes;
    }

    /// <summary>Writes that these locks refused may be refused for some minutes more: a lock is not lifted everywhere at once.</summary>
    private void Expect(IEnumerable<(string Scope, DateTimeOffset Since)> lifted)
    {
        if (_arm is not IArmLocks gateway) return;
        foreach (var (scope, since) in lifted) gateway.Lifted(scope, since);
    }

    private async Task<LockChange> TakeAwayAsync(LockItem item, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        _store.AddLockDebt(new LockDebt { Name = item.Name, LockId = item.ResourceId, Level = item.Level, Scope = item.Scope, Notes = item.Notes, Properties = item.Properties, RunId = _runId, Since = now });
        _journal.RecordFact(LockDebt.FactName, _store.ReadLockDebts());
        var open = _journal.BeginStep(LockPlanner.RemoveStep(item));
        try
        {
            await SendAsync(HttpMethod.Delete, item.ResourceId, null, cancellationToken).ConfigureAwait(false);
            if (!await IsSeenAsync(item.ResourceId, null, cancellationToken).ConfigureAwait(false))
                throw new DrException("HfOutcomeUnknown", DrErrorKind.OperationFailed, $"Azure was asked to take lock '{item.Name}' away and still shows it.", item.ResourceId, "Look at the locks; run the same command again.");
        }
        catch (DrException failure)
        {
            var stands = await StandsAsync(item).ConfigureAwait(false);
            // Nothing was taken away: nothing is owed. What cannot be seen stays owed, which does no harm.
            if (stands == true) _store.PayLockDebt(item.ResourceId);
            if (stands == false && !JournalTrouble.Is(failure))
            {
                Expect([(item.Scope, now)]);
                _journal.EndStep(open, StepOutcome.Succeeded, $"gone, although the answer was {failure.ErrorId}");
                return Describe(item, LockState.Owed, StepOutcome.Succeeded);
            }

            _journal.EndStep(open, stands == true ? StepOutcome.Failed : StepOutcome.Unknown, $"{failure.ErrorId}: {failure.Message}");
            throw;
        }

        Expect([(item.Scope, now)]);
        _journal.EndStep(open, StepOutcome.Succeeded, $"{item.Level} lock of {LockScope.Short(item.Scope)} taken away; owed");
        return Describe(item, LockState.Owed, StepOutcome.Succeeded);
    }

    private async Task<LockChange> PutBackAsync(LockItem item, CancellationToken cancellationToken)
    {
        var open = _journal.BeginStep(LockPlanner.RestoreStep(item));
        try
        {
            if (item.Settled is null)
            {
                await SendAsync(HttpMethod.Put, item.ResourceId, new JsonObject { ["properties"] = JsonNode.Parse(item.Properties) }, cancellationToken).ConfigureAwait(false);
                if (!await IsSeenAsync(item.ResourceId, item.Level, cancellationToken).ConfigureAwait(false))
                    throw new DrException("HfOutcomeUnknown", DrErrorKind.OperationFailed, $"Azure was asked to put lock '{item.Name}' back and does not show it.", item.ResourceId, "Look at the locks; run the same command again.");
            }

            if (_arm is IArmLocks gateway) gateway.Locked(item.Scope);
            _journal.EndStep(open, item.Settled is null ? StepOutcome.Succeeded : StepOutcome.NoChange, item.Settled ?? $"{item.Level} lock of {LockScope.Short(item.Scope)} holds again");
            _store.PayLockDebt(item.ResourceId);
            return Describe(item, LockState.Locked, item.Settled is null ? StepOutcome.Succeeded : StepOutcome.NoChange);
        }
        catch (DrException failure) when (failure.ErrorId == "HfResourceNotFound")
        {
            _journal.EndStep(open, StepOutcome.NoChange, $"{LockScope.Short(item.Scope)} is gone, and its lock with it");
            _store.PayLockDebt(item.ResourceId);
            _observer.Warning($"Lock '{item.Name}' is not put back: {LockScope.Short(item.Scope)} is gone.");
            return Describe(item, LockState.Gone, StepOutcome.NoChange);
        }
        catch (DrException failure) when (!JournalTrouble.Is(failure))
        {
            var outcome = failure.ErrorId == "HfOutcomeUnknown" ? StepOutcome.Unknown : StepOutcome.Failed;
            _journal.EndStep(open, outcome, $"{failure.ErrorId}: {failure.Message}");
            _observer.Warning($"STILL OWED: the {item.Level} lock '{item.Name}' of {LockScope.Short(item.Scope)}, away since {item.Since:u}, could not be put back: {failure.Message} Run Lock-HfResource again.");
            return Describe(item, LockState.Owed, outcome) with { Shortfall = $"{failure.ErrorId}: {failure.Message}" };
        }
    }

    private async Task SendAsync(HttpMethod method, string lockId, JsonObject? body, CancellationToken cancellationToken)
    {
        try
        {
            await _arm.WriteAsync(method, lockId, ApiVersions.Locks, body, cancellationToken).ConfigureAwait(false);
        }
        catch (DrException lost) when (lost.ErrorId == "HfOutcomeUnknown" || (method == HttpMethod.Delete && lost.ErrorId == "HfResourceNotFound"))
        {
            // It sets a value: what is there tells.
            _observer.Verbose(lost.Message);
        }
    }

    /// <summary>True as soon as the lock is seen with the level, or, for null, is not there any more.</summary>
    private async Task<bool> IsSeenAsync(string lockId, string? level, CancellationToken cancellationToken) => await Pace.UntilAsync(
        async token => AzureWord.Is(await LevelAsync(_arm, lockId, token).ConfigureAwait(false) ?? "", level ?? ""),
        Pace.Milliseconds(100), Pace.Seconds(3), LongestLook, _time, cancellationToken).ConfigureAwait(false);

    /// <summary>Whether the lock is there, whatever has been cancelled meanwhile; null when that cannot be seen.</summary>
    private async Task<bool?> StandsAsync(LockItem item)
    {
        using var patience = new CancellationTokenSource(Pace.Seconds(10), _time);
        try
        {
            return await LevelAsync(_arm, item.ResourceId, patience.Token).ConfigureAwait(false) is not null;
        }
        catch (Exception unknown) when (unknown is DrException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Level of the lock; null when there is none at the id.</summary>
    internal static async Task<string?> LevelAsync(IArm arm, string lockId, CancellationToken cancellationToken) =>
        await arm.TryGetAsync(lockId, ApiVersions.Locks, cancellationToken).ConfigureAwait(false) is { } found
            && found.TryGetProperty("properties", out var properties) && properties.TryGetProperty("level", out var level) && level.ValueKind == JsonValueKind.String ? level.GetString() : null;

    private static LockChange Describe(LockItem item, LockState state, StepOutcome outcome) => new()
    {
        Name = item.Name,
        LockId = item.ResourceId,
        Level = item.Level,
        Scope = item.Scope,
        Reach = item.Reach,
        Notes = item.Notes,
        State = state,
        Outcome = outcome,
    };
}
