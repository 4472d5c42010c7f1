using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Planning;

/// <summary>
/// Gathers what a failover's plan rests on: everything at once. In forced mode the region that failed gets two seconds and never stops the rest
/// (design/safety.md rule 10).
/// </summary>
internal sealed class FailoverSurvey
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan ForcedPatience = TimeSpan.FromSeconds(2);
    private readonly AzureConnection _connection;
    private readonly IInventory _inventory;
    private readonly TimeProvider _time;

    public FailoverSurvey(AzureConnection connection, IInventory inventory, TimeProvider time)
    {
        _connection = connection;
        _inventory = inventory;
        _time = time;
    }

    /// <param name="request">The replica and the mode.</param>
    /// <param name="pair">The pair, for its run store and objectives.</param>
    /// <param name="run">The run of this session.</param>
    /// <param name="lookAtPrimary">False: nothing of the region that is left is called.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<FailoverObservation> TakeAsync(FailoverRequest request, RegionPair? pair, RunHandle? run, CancellationToken cancellationToken, bool lookAtPrimary = true)
    {
        var replica = await _inventory.GetServerAsync(request.Server, request.ResourceGroup, cancellationToken).ConfigureAwait(false);
        var (recorded, promotedByRun, debts) = ReadStore(replica, pair, run);
        var primaryId = replica.SourceServerResourceId ?? recorded?.Record.OldPrimaryId;
        var planned = request.Mode == FailoverMode.Planned;
        var patience = planned ? Patience : ForcedPatience;
        var access = _connection.Databases.Asks(replica.HostName);

        var lookedAt = lookAtPrimary ? primaryId : null;
        var primary = Look<DbServer>(lookedAt, _inventory.TryGetServerAsync);
        var replicas = Look<IReadOnlyList<DbServer>>(lookedAt, async (id, token) => await _inventory.GetReplicasAsync(id, token).ConfigureAwait(false));
        var locks = Look<IReadOnlyList<ResourceLock>>(replica.ResourceId, async (id, token) => await _inventory.GetLocksAsync(id, token).ConfigureAwait(false));
        var primaryLocks = Look<IReadOnlyList<ResourceLock>>(planned ? lookedAt : null, async (id, token) => await _inventory.GetLocksAsync(id, token).ConfigureAwait(false));
        var replicaDatabase = access ? Glimpse.OfDatabaseAsync(_connection.Databases, replica.HostName, patience, _time, cancellationToken) : Nothing<DatabaseObservation>();
        var primaryDatabase = access && lookedAt is not null ? LookAtPrimaryAsync(HostOf(replica, lookedAt), patience, cancellationToken) : Nothing<PrimarySight>();
        var poll = Look<ArmPoll>(recorded?.Operation?.OperationUrl, async (url, token) => await _connection.Arm.PollAsync(url, token).ConfigureAwait(false));
        var metric = Look<object>(access ? null : replica.ResourceId, async (id, token) => await _inventory.GetLagSecondsMetricAsync(id, token).ConfigureAwait(false));
        var swap = lookedAt is not null && request is { Promotion: DbPromotion.Switchover, Mode: FailoverMode.Planned } ? LookAtSwapAsync(lookedAt, replica.ResourceId, patience, cancellationToken) : Task.FromResult<SwitchoverSight?>(null);
        await Task.WhenAll(swap, primary, replicas, locks, primaryLocks, replicaDatabase, primaryDatabase, poll, metric).ConfigureAwait(false);

        var seenReplica = await replicaDatabase.ConfigureAwait(false);
        var seenPrimary = await primary.ConfigureAwait(false);
        var sight = await primaryDatabase.ConfigureAwait(false);
        var listed = (await replicas.ConfigureAwait(false)).Value;
        return new FailoverObservation
        {
            At = _time.GetUtcNow(),
            Replica = replica,
            Primary = seenPrimary.Value,
            PrimaryProblem = seenPrimary.Problem ?? sight.Problem,
            ReplicationState = listed?.FirstOrDefault(r => AzureId.Same(r.ResourceId, replica.ResourceId))?.ReplicationState,
            Listed = listed?.Any(r => AzureId.Same(r.ResourceId, replica.ResourceId)),
            ReplicaLocks = (await locks.ConfigureAwait(false)).Value ?? [],
            PrimaryLocks = (await primaryLocks.ConfigureAwait(false)).Value ?? [],
            DatabaseAccess = access,
            ReplicaDatabase = seenReplica.Value,
            ReplicaProblem = seenReplica.Problem,
            ReplicaFailure = seenReplica.Failure,
            PrimaryDatabase = sight.Value?.Database,
            Senders = sight.Value?.Senders,
            MetricSeconds = (await metric.ConfigureAwait(false)).Value as double?,
            Switchover = await swap.ConfigureAwait(false),
            Grows = pair?.Capacity?.FindRegion(replica.Location)?.Active?.Database,
            Recorded = recorded,
            RecordedOutcome = (await poll.ConfigureAwait(false)).Value?.Outcome,
            RunTarget = run?.Run.To,
            PromotedByRun = promotedByRun,
            Debts = [.. debts.Select(d => d with { Location = d.Location ?? pair?.Regions.FirstOrDefault(r => r.ResourceGroup.Equals(AzureId.GroupOf(d.ServerId), StringComparison.OrdinalIgnoreCase))?.Location })],
            RpoSeconds = pair?.Objectives.RpoSeconds,
        };

        Task<Glimpse<T>> Look<T>(string? subject, Func<string, CancellationToken, Task<T?>> read)
            where T : class
            => subject is null ? Nothing<T>() : Glimpse.OfAsync(token => read(subject, token), patience, _time, cancellationToken);
    }

    /// <summary>A server's host name from its replica's: both carry the same suffix, so the failed region need not be asked for it.</summary>
    internal static string HostOf(DbServer replica, string primaryId) =>
        AzureId.NameOf(primaryId) + (replica.HostName.StartsWith(replica.Name, StringComparison.OrdinalIgnoreCase) ? replica.HostName[replica.Name.Length..] : ".postgres.database.azure.com");

    private static Task<Glimpse<T>> Nothing<T>()
        where T : class
        => Task.FromResult(default(Glimpse<T>));

    private async Task<SwitchoverSight?> LookAtSwapAsync(string primaryId, string replicaId, TimeSpan patience, CancellationToken cancellationToken) =>
        await SwitchoverSight.LookAsync(_connection.Arm, _inventory, primaryId, replicaId, patience, _time, cancellationToken).ConfigureAwait(false);

    private Task<Glimpse<PrimarySight>> LookAtPrimaryAsync(string hostName, TimeSpan patience, CancellationToken cancellationToken) => Glimpse.OfAsync<PrimarySight>(
        async token =>
        {
            var database = await _connection.Databases.OpenAsync(hostName, patience, token).ConfigureAwait(false);
            await using (database.ConfigureAwait(false))
                return new PrimarySight(await database.ObserveAsync(token).ConfigureAwait(false), await database.GetWalSendersAsync(token).ConfigureAwait(false));
        },
        patience, _time, cancellationToken);

    // An open run's own journal comes first, then the unfinished run of the store; an ended one only says that it was promoted.
    private (RecordedPromotion? Recorded, string? PromotedByRun, IReadOnlyList<FenceDebt> Debts) ReadStore(DbServer replica, RegionPair? pair, RunHandle? run)
    {
        var store = run?.Store ?? (pair is null ? RunStores.ForServer(replica.Name, _time) : RunStores.For(pair, _connection, _time));
        if (run is not null && RecordedPromotion.Find(run.Journal.State, replica.ResourceId) is { } own) return (own, null, store.ReadDebts());
        foreach (var (state, _) in store.ReadRuns())
        {
            if (RecordedPromotion.Find(state, replica.ResourceId) is not { } found) continue;
            return state.Finished is null && run is null ? (found, null, store.ReadDebts()) : (null, state.RunId, store.ReadDebts());
        }

        return (null, null, store.ReadDebts());
    }

    private sealed record PrimarySight(DatabaseObservation Database, IReadOnlyList<WalSender> Senders);
}
