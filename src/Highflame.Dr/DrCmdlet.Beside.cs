using System.Management.Automation;
using Highflame.Dr.Errors;
using Highflame.Dr.Hosting;

namespace Highflame.Dr;

/// <summary>Several inputs at once: the work for one runs beside that for the others, and each result is written as soon as it is there.</summary>
public abstract partial class DrCmdlet
{
    private readonly HashSet<string> _turns = new(StringComparer.OrdinalIgnoreCase);
    private PipelineEvents? _besides;
    private int _running;

    /// <summary>
    /// Begins the work for one input and returns, unless as many run already as may: then it waits for one of them. <paramref name="then"/> is called on the pipeline's thread, in the order in which
    /// the work ends, at the latest before <see cref="End"/>. An error of one lets the others go on, unless it ends the pipeline.
    /// </summary>
    /// <param name="limit">How many may run; 1 waits for each.</param>
    /// <param name="work">The work.</param>
    /// <param name="then">What is done with its result.</param>
    /// <param name="turn">Work of one turn is never beside other work of it; null has none.</param>
    private protected void AwaitBeside<T>(int limit, Func<IDrObserver, CancellationToken, Task<T>> work, Action<T> then, string? turn = null)
    {
        if (limit <= 1) then(Await(work));
        else Enter(limit, turn, (events, leave) => Begin(events, work, Ended(then), leave));
    }

    /// <summary>
    /// As the other, in two parts with a decision between them: what <paramref name="decide"/>, on the pipeline's thread, gives back of the first part's result goes into the second; null ends it there.
    /// </summary>
    private protected void AwaitBeside<TPlan, T>(
        int limit, Func<IDrObserver, CancellationToken, Task<TPlan>> first, Func<TPlan, TPlan?> decide, Func<TPlan, IDrObserver, CancellationToken, Task<T>> second, Action<TPlan, T> then, string? turn)
        where TPlan : class
    {
        if (limit <= 1)
        {
            if (decide(Await(first)) is { } decided) then(decided, Await((observer, token) => second(decided, observer, token)));
            return;
        }

        Enter(limit, turn, (events, leave) => Begin(
            events,
            first,
            made =>
            {
                if (decide(made) is not { } plan) return false;
                Begin(events, (observer, token) => second(plan, observer, token), Ended<T>(result => then(plan, result)), leave);
                return true;
            },
            leave));
    }

    /// <summary>Waits until no work of a turn runs any more.</summary>
    private protected void AwaitTurn(string turn)
    {
        if (_besides is { } events) Besides(() => PumpWhile(events, () => _turns.Contains(turn)));
    }

    private static Func<T, bool> Ended<T>(Action<T> then) => result =>
    {
        then(result);
        return false;
    };

    private void Enter(int limit, string? turn, Action<PipelineEvents, Action> begin)
    {
        var events = _besides ??= new();
        Besides(() =>
        {
            PumpWhile(events, () => _running >= limit || (turn is not null && _turns.Contains(turn)));
            _running++;
            if (turn is not null) _turns.Add(turn);
            begin(events, () =>
            {
                _running--;
                if (turn is not null) _turns.Remove(turn);
            });
            while (events.TryPumpOne(this)) continue;
        });
    }

    /// <summary>Starts work whose end is settled on the pipeline's thread, by <paramref name="then"/>: true when it has begun more work for the same input.</summary>
    private void Begin<T>(PipelineEvents events, Func<IDrObserver, CancellationToken, Task<T>> work, Func<T, bool> then, Action leave) =>
        _ = DrWork.RunAsync(events, () => work(events, _stop.Token))
            .ContinueWith(task => events.Post(_ => Settle(task, then, leave)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private void PumpWhile(PipelineEvents events, Func<bool> busy)
    {
        while (busy()) events.PumpOne(this, _abandon.Token);
    }

    private void FinishBesides()
    {
        if (_besides is { } events) Besides(() => PumpWhile(events, () => _running > 0));
    }

    private void Besides(Action pump)
    {
        try
        {
            pump();
        }
        catch
        {
            // The pipeline goes down: so does everything that runs beside.
            _ = _stop.CancelAsync();
            _besides?.Complete();
            throw;
        }
    }

    private void Settle<T>(Task<T> task, Func<T, bool> then, Action leave)
    {
        bool goesOn = false;
        try
        {
            if (task.IsCompletedSuccessfully)
            {
                Guard(() => goesOn = then(task.Result));
                return;
            }

            var error = task.Exception?.InnerException ?? new TaskCanceledException(task);
            if (_stop.IsCancellationRequested || Stopping) throw new PipelineStoppedException();
            Report(error as DrException ?? DrErrors.Unexpected(error));
        }
        finally
        {
            if (!goesOn) leave();
        }
    }
}
