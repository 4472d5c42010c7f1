using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Engine.Watch;

/// <summary>What one round saw. Everything the decision rests on is in here and in the memory; the decision itself looks at nothing.</summary>
internal sealed record WatchSight
{
    public required DateTimeOffset At { get; init; }

    /// <summary>Process and machine that looked.</summary>
    public required string Watcher { get; init; }

    public required IReadOnlyList<Witness> Witnesses { get; init; }

    /// <summary>Location that traffic goes to; null when it was not seen now and is not remembered either.</summary>
    public string? Active { get; init; }

    public string? Passive { get; init; }

    /// <summary>What Azure tells of the pair now; null when it does not answer.</summary>
    public KnownPair? Pair { get; init; }

    /// <summary>Position that the primary has written; as its database or its replica's WAL stream tells now; null when neither does.</summary>
    public ulong? PrimaryLsn { get; init; }

    /// <summary>Position that the replica has received; null when its database did not answer.</summary>
    public ulong? ReceivedLsn { get; init; }

    /// <summary>Seconds since the commit of the last transaction that the replica has replayed.</summary>
    public double? ReplayAgeSeconds { get; init; }

    /// <summary>What forbids a failover; null when nobody looked because nothing is wrong.</summary>
    public WatchGuards? Guards { get; init; }
}

/// <summary>What stands in the way of a failover, as the run store and the plan of a forced failover tell it.</summary>
internal sealed record WatchGuards
{
    /// <summary>Who holds the pair's lease; null when nobody does.</summary>
    public string? Holder { get; init; }

    /// <summary>Id and target of the run that has begun and not ended.</summary>
    public (string Id, string To, DateTimeOffset Started)? Unfinished { get; init; }

    /// <summary>When the last run ended or was set aside.</summary>
    public DateTimeOffset? LastRunEnded { get; init; }

    /// <summary>Names of servers that owe a fence.</summary>
    public IReadOnlyList<string> Debts { get; init; } = [];

    /// <summary>Refusals of a forced failover to the passive region, consent apart.</summary>
    public IReadOnlyList<Refusal> Preflight { get; init; } = [];

    /// <summary>Why the guards could not be read; then no failover is asked for.</summary>
    public string? Problem { get; init; }

    /// <summary>What the run store tells; the preflight is looked at elsewhere. Errors: HfRunStoreUnusable.</summary>
    public static WatchGuards Read(RunStore store)
    {
        var holder = store.ReadHolder();
        var runs = RunListing.Of(store);
        var open = runs.FirstOrDefault(r => r.Finished is null);
        return new WatchGuards
        {
            Holder = holder is { Held: true } held ? $"process {held.Holder.ProcessId} on {held.Holder.Host} since {held.Holder.Since:u}" : null,
            Unfinished = open is null ? null : (open.Id, open.To, open.Started),
            LastRunEnded = runs.Count == 0 ? null : runs[0].Finished ?? runs[0].Steps.Max(s => s.Finished),
            Debts = [.. store.ReadDebts().Select(d => d.Server)],
        };
    }
}
