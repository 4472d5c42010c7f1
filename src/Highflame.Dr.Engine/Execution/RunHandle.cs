using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Notifications;
using Highflame.Dr.Execution;
using Highflame.Dr.Topology;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Engine.Execution;

/// <summary>A run in hand: the pair's lease and the open journal. Disposing gives the lease back and leaves an unfinished run to be resumed.</summary>
internal sealed class RunHandle : DrRunHandle
{
    private readonly bool _resumed;

    public RunHandle(RunStore store, ILease lease, Journal journal, bool resumed)
    {
        Store = store;
        Lease = lease;
        Journal = journal;
        _resumed = resumed;
    }

    public RunStore Store { get; }

    public ILease Lease { get; }

    public Journal Journal { get; }

    /// <summary>The connection that the run was begun with; null for a run that one cmdlet opened for its own time.</summary>
    public AzureConnection? Connection { get; set; }

    /// <summary>The pair of the run; null for a run that one cmdlet opened for its own time.</summary>
    public RegionPair? Pair { get; set; }

    /// <summary>Those who are told of this run; null when the pair file names nobody.</summary>
    public RunNotices? Notices { get; set; }

    public override void Tell(DrNotice notice) => Notices?.Tell(notice);

    public override DrRun Run => Store.Describe(Journal.State, Journal.Path, _resumed);

    public static RunHandle From(DrRunHandle run) => (RunHandle)run;

    /// <summary>The run's journal, or one that keeps nothing when there is no run.</summary>
    public static IJournal JournalOf(DrRunHandle? run, TimeProvider time) => run is null ? new NoJournal(time) : From(run).Journal;

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        Journal.Dispose();
        Lease.Dispose();
        Notices?.Close();
    }
}
