using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Locks;

/// <summary>
/// Locks that are owed, put back: those of other runs when a run begins, and all of them when it ends or pauses, however it ends. What cannot be put back is told and
/// keeps nobody from anything: it stays owed.
/// </summary>
internal sealed class LockSettlement
{
    private static readonly TimeSpan ForcedLimit = Pace.Seconds(15);
    private readonly IArm _arm;
    private readonly RunHandle _run;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public LockSettlement(IArm arm, RunHandle run, TimeProvider time, IDrObserver observer)
    {
        _arm = arm;
        _run = run;
        _time = time;
        _observer = observer;
    }

    /// <summary>What an ended run left behind is put back. What this very run took away before it was interrupted stays away: it needs it, and puts it back at its end.</summary>
    public async Task BeginAsync(RegionPair pair, FailoverMode mode, CancellationToken cancellationToken)
    {
        var (own, others) = (new List<LockDebt>(), new List<LockDebt>());
        foreach (var debt in _run.Store.ReadLockDebts()) (debt.RunId == _run.Journal.State.RunId ? own : others).Add(debt);
        if (own.Count > 0) _observer.Information($"This run has taken locks away, and puts them back when it ends: {string.Join(", ", own)}.");
        await PutBackAsync(pair, others, mode == FailoverMode.Forced ? ForcedLimit : null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Nothing stays away when a run ends, whatever its outcome.</summary>
    public Task EndAsync(RegionPair pair, CancellationToken cancellationToken) => PutBackAsync(pair, _run.Store.ReadLockDebts(), null, cancellationToken);

    /// <summary>The plan of putting back: what stands again already is only struck out.</summary>
    public static async Task<LockPlan> PlanAsync(IArm arm, RegionPair pair, IReadOnlyList<LockDebt> owed, TimeProvider time, CancellationToken cancellationToken)
    {
        var standing = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var debt in owed)
            standing[debt.LockId] = (await Glimpse.OfAsync<string>(token => LockExecution.LevelAsync(arm, debt.LockId, token), Pace.Seconds(10), time, cancellationToken).ConfigureAwait(false)).Value;
        return LockPlanner.Lock(pair, owed, d => standing[d.LockId], time.GetUtcNow());
    }

    private async Task PutBackAsync(RegionPair pair, IReadOnlyList<LockDebt> owed, TimeSpan? limit, CancellationToken cancellationToken)
    {
        if (owed.Count == 0) return;
        using var deadline = limit is { } span ? new CancellationTokenSource(span, _time) : new CancellationTokenSource();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var plan = await PlanAsync(_arm, pair, owed, _time, both.Token).ConfigureAwait(false);
            foreach (var change in await new LockExecution(_arm, _run.Store, _run, _time, _observer).ExecuteAsync(plan, both.Token).ConfigureAwait(false))
                if (change.State == LockState.Locked) _observer.Information($"The {change.Level} lock '{change.Name}' of {LockScope.Short(change.Scope)} holds again.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _observer.Warning($"Locks could not be put back within {limit?.TotalSeconds:0} s; the run goes on. Still owed: {string.Join(", ", _run.Store.ReadLockDebts())}. Put them back: Lock-HfResource.");
        }
    }
}
