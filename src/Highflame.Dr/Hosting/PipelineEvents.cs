using System.Collections.Concurrent;
using System.Management.Automation;
using Highflame.Dr.Errors;

namespace Highflame.Dr.Hosting;

/// <summary>
/// The channel between work on the pool and the pipeline's thread, the only one that may call Write*. Reports of the work are queued; <see cref="Pump"/>
/// writes them until the work is done. Reports that come after that are dropped: nobody is left to read them.
/// </summary>
internal sealed class PipelineEvents : IDrObserver
{
    private readonly BlockingCollection<Action<Cmdlet>> _queue = [];

    public void Progress(DrProgress progress) => Post(cmdlet => cmdlet.WriteProgress(ToRecord(progress)));

    public void Verbose(string message) => Post(cmdlet => cmdlet.WriteVerbose(message));

    public void Warning(string message) => Post(cmdlet => cmdlet.WriteWarning(message));

    public void Information(string message) => Post(cmdlet => cmdlet.WriteInformation(message, ["Highflame.Dr"]));

    public void Error(DrException error) => Post(cmdlet => cmdlet.WriteError(DrErrors.ToRecord(error)));

    public void Post(Action<Cmdlet> write)
    {
        try
        {
            _queue.Add(write);
        }
        catch (InvalidOperationException)
        {
            // The pipeline has gone.
        }
    }

    public void Complete() => _queue.CompleteAdding();

    /// <summary>Writes what arrives until the queue is completed. An abandoned pump is a stopped pipeline.</summary>
    public void Pump(Cmdlet cmdlet, CancellationToken abandon)
    {
        try
        {
            foreach (var write in _queue.GetConsumingEnumerable(abandon)) write(cmdlet);
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        finally
        {
            Complete();
        }
    }

    /// <summary>Writes the next report, and waits for it when there is none yet. An abandoned pump is a stopped pipeline.</summary>
    public void PumpOne(Cmdlet cmdlet, CancellationToken abandon)
    {
        Action<Cmdlet> write;
        try
        {
            write = _queue.Take(abandon);
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }

        write(cmdlet);
    }

    /// <summary>Writes the next report when there is one; false when there is none.</summary>
    public bool TryPumpOne(Cmdlet cmdlet)
    {
        if (!_queue.TryTake(out var write)) return false;
        write(cmdlet);
        return true;
    }

    /// <summary>An activity keeps its id from call to call and run to run (FNV-1a of its name), so that a host updates one bar and not many.</summary>
    internal static int ActivityId(string activity)
    {
        uint hash = 2166136261;
        foreach (char c in activity) hash = (hash ^ c) * 16777619;
        return (int)(hash & int.MaxValue);
    }

    private static ProgressRecord ToRecord(DrProgress progress)
    {
        string Text(string value, string otherwise) => string.IsNullOrWhiteSpace(value) ? otherwise : value;
        return new ProgressRecord(ActivityId(progress.Activity), Text(progress.Activity, "Highflame.Dr"), Text(progress.Status, "working"))
        {
            PercentComplete = Math.Clamp(progress.PercentComplete, -1, 100),
            RecordType = progress.Completed ? ProgressRecordType.Completed : ProgressRecordType.Processing,
        };
    }
}
