using System.Management.Automation;
using Highflame.Dr.Errors;
using Highflame.Dr.Hosting;

namespace Highflame.Dr;

/// <summary>Several inputs at once: the work for one runs beside that for the others, and each result is written as soon as it is there.</summary>
public abstract partial class DrCmdlet
{
    private PipelineEvents? _besides;
    private int _running;

    /// <summary>
    /// Begins the work for one input and returns, unless as many run already as may: then it waits for one of them. <paramref name="then"/> is called on the pipeline's thread, in the order in which
    /// the work ends, at the latest before <see cref="End"/>. An error of one lets the others go on, unless it ends the pipeline.
    /// </summary>
    private protected void AwaitBeside<T>(int limit, Func<IDrObserver, CancellationToken, Task<T>> work, Action<T> then)
    {
        if (limit <= 1)
        {
            then(Await(work));
            return;
        }

        var events = _besides ??= new();
        Besides(() =>
        {
            while (_running >= limit) events.PumpOne(this, _abandon.Token);
            _running++;
            _ = DrWork.RunAsync(events, () => work(events, _stop.Token))
                .ContinueWith(task => events.Post(_ => Settle(task, then)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            while (events.TryPumpOne(this)) continue;
        });
    }

    private void FinishBesides()
    {
        if (_besides is { } events) Besides(() =>
        {
            while (_running > 0) events.PumpOne(this, _abandon.Token);
        });
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

    private void Settle<T>(Task<T> task, Action<T> then)
    {
        _running--;
        if (task.IsCompletedSuccessfully)
        {
            Guard(() => then(task.Result));
            return;
        }

        var error = task.Exception?.InnerException ?? new TaskCanceledException(task);
        if (_stop.IsCancellationRequested || Stopping) throw new PipelineStoppedException();
        Report(error as DrException ?? DrErrors.Unexpected(error));
    }
}
