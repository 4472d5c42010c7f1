using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Execution;

/// <summary>
/// The run that a failover works in: the caller's, or one opened for the time of the call. One that it opened it also ends; an unfinished run that it found
/// it goes on with and leaves open.
/// </summary>
internal sealed class RunScope : IDisposable
{
    private readonly bool _owned;
    private bool _ended;

    private RunScope(RunHandle run, bool owned)
    {
        Run = run;
        _owned = owned;
    }

    public RunHandle Run { get; }

    /// <summary>Errors: HfRunHeld, HfRunMismatch, HfRunStoreUnusable.</summary>
    public static RunScope For(FailoverPlan plan, ExecutionOptions options, AzureConnection connection, TimeProvider time)
    {
        if (options.Run is RunHandle given) return new RunScope(given, owned: false);
        var replica = plan.Replica!;
        var store = options.Pair is { } pair ? RunStores.For(pair, connection, time) : RunStores.ForServer(replica.Name, time);
        var before = new RunBefore { Active = plan.Primary?.Location, PrimaryResourceId = plan.Primary?.ResourceId, ReplicaResourceId = replica.ResourceId };
        return new RunScope(store.Start(replica.Location, plan.Request.Mode, before, isImplicit: true), owned: true);
    }

    /// <summary>Ends the run when it is this call's own. Without this call the run stays unfinished, and the same command resumes it.</summary>
    public void End(StepOutcome outcome)
    {
        if (!_owned || _ended || !Run.Journal.State.Implicit) return;
        _ended = true;
        Run.Store.Complete(Run, outcome);
    }

    public void Dispose()
    {
        if (_owned && !_ended) Run.Dispose();
    }
}
