using System.Management.Automation;
using System.Runtime.ExceptionServices;
using Highflame.Dr.Binding;
using Highflame.Dr.Errors;
using Highflame.Dr.Hosting;
using Highflame.Dr.Topology;

namespace Highflame.Dr;

/// <summary>
/// A synchronous shell over an asynchronous core. Derived cmdlets override <see cref="Begin"/>, <see cref="Process"/> and <see cref="End"/>; a
/// <see cref="DrException"/> thrown there becomes an error record: terminating when nothing further in the pipeline can work, else one that lets the next input through.
/// </summary>
public abstract partial class DrCmdlet : PSCmdlet, IDisposable
{
    // Ctrl-C cancels the work; work that has not reacted after this time is left to itself. Operations that Azure has accepted go on and can be resumed.
    private static readonly TimeSpan AbandonAfter = TimeSpan.FromMilliseconds(400);

    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abandon = new();
    private RunspaceState? _state;

    private protected DrCmdlet()
    {
    }

    /// <summary>State of this runspace: looked up on the pipeline's thread, used from any.</summary>
    private protected RunspaceState State => _state ?? throw new InvalidOperationException("The cmdlet has not begun.");

    private protected IDrEngine Engine => State.Engine;

    /// <summary>True under -WhatIf or a <c>$WhatIfPreference</c> that is on.</summary>
    private protected bool WhatIf =>
        MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? given)
            ? LanguagePrimitives.IsTrue(given)
            : LanguagePrimitives.IsTrue(SessionState.PSVariable.GetValue("WhatIfPreference"));

    protected sealed override void BeginProcessing()
    {
        _state = RunspaceState.Current;
        Guard(Begin);
    }

    protected sealed override void ProcessRecord() => Guard(Process);

    protected sealed override void EndProcessing()
    {
        FinishBesides();
        Guard(End);
        FinishBesides();
    }

    /// <summary>Cancels the work in flight. Sealed, so that no cmdlet can break Ctrl-C.</summary>
    protected sealed override void StopProcessing()
    {
        try
        {
            _abandon.CancelAfter(AbandonAfter);
            // Asynchronous: a callback of the work that blocks must not hold up the one who stops.
            _ = _stop.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It was over already.
        }
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        // The stop source is left to the collector: abandoned work may still look at its token.
        if (disposing) _abandon.Dispose();
    }

    private protected virtual void Begin()
    {
    }

    private protected virtual void Process()
    {
    }

    private protected virtual void End()
    {
    }

    /// <summary>Runs asynchronous work on the pool and writes its reports on the pipeline's thread until it is done.</summary>
    private protected T Await<T>(Func<IDrObserver, CancellationToken, Task<T>> work)
    {
        var events = new PipelineEvents();
        var task = DrWork.RunAsync(events, () => work(events, _stop.Token));
        Pump(events, task);
        return task.Result;
    }

    /// <summary>Runs asynchronous work that has no result; see <see cref="Await{T}"/>.</summary>
    private protected void Await(Func<IDrObserver, CancellationToken, Task> work)
    {
        var events = new PipelineEvents();
        Pump(events, DrWork.RunAsync(events, () => work(events, _stop.Token)));
    }

    /// <summary>Hands each item of an asynchronous sequence to the pipeline's thread as it comes.</summary>
    private protected void AwaitEach<T>(Func<IDrObserver, CancellationToken, IAsyncEnumerable<T>> work, Action<T> onItem)
    {
        var events = new PipelineEvents();
        Pump(events, DrWork.RunAsync(events, async () =>
        {
            await foreach (var item in work(events, _stop.Token).WithCancellation(_stop.Token).ConfigureAwait(false))
                events.Post(_ => onItem(item));
        }));
    }

    /// <summary>Does something for one of several inputs: its error is written and the others go on.</summary>
    private protected void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (DrException e)
        {
            Report(e);
        }
    }

    private protected void Report(DrException error)
    {
        var record = DrErrors.ToRecord(error);
        if (error.EndsPipeline) ThrowTerminatingError(record);
        WriteError(record);
    }

    /// <summary>A path as the session means it, relative to its location.</summary>
    private protected string FullPath(string path) => GetUnresolvedProviderPathFromPSPath(path);

    /// <summary>The address of a blob; null when the text is a path.</summary>
    internal static Uri? BlobAddress(string path) => Uri.TryCreate(path, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps ? address : null;

    /// <summary>The address of a blob as it is, anything else as <see cref="FullPath"/>.</summary>
    private protected string FullPlace(string path) => BlobAddress(path) is null ? FullPath(path) : path;

    /// <summary>The pair that was given, else the one of the open run, else the only one that was imported. Errors: HfPairRequired, HfPairNotFound and those of the file.</summary>
    private protected RegionPair RequirePair(RegionPair? given) =>
        FindPair(given) ?? throw DrErrors.PairRequired(State.Pairs.Count);

    /// <summary>As <see cref="RequirePair"/>, but null when there is none, and only a pair that the resource belongs to when its id is known.</summary>
    private protected RegionPair? FindPair(RegionPair? given, string? resource = null)
    {
        if (given is not null) return PairTransformationAttribute.Checked(given);
        var ofRun = State.Run is null ? null : State.RunPair;
        var pairs = State.Pairs;
        if (resource?.StartsWith('/') == true)
        {
            bool Has(RegionPair pair) => pair.Regions.Any(r => ResourceNames.InGroup(resource, pair.SubscriptionId, r.ResourceGroup));
            return ofRun is not null && Has(ofRun) ? ofRun : pairs.FirstOrDefault(Has);
        }

        return ofRun ?? (pairs.Count == 1 ? pairs.First() : null);
    }

    private protected static PairRegion RequireRegion(RegionPair pair, string location) =>
        pair.FindRegion(location) ?? throw DrErrors.LocationNotInPair(location, pair);

    private void Pump(PipelineEvents events, Task task)
    {
        // Also observes the failure of work that is abandoned.
        _ = task.ContinueWith(
            t =>
            {
                _ = t.Exception;
                events.Complete();
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        try
        {
            events.Pump(this, _abandon.Token);
        }
        catch
        {
            // The pipeline goes down, for example by -WarningAction Stop: so does the work.
            _ = _stop.CancelAsync();
            throw;
        }

        if (task.IsCompletedSuccessfully) return;
        if (_stop.IsCancellationRequested || Stopping) throw new PipelineStoppedException();
        var error = task.Exception?.InnerException ?? new TaskCanceledException(task);
        if (error is DrException) ExceptionDispatchInfo.Throw(error);
        throw DrErrors.Unexpected(error);
    }
}
