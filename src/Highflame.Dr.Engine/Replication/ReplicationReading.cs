using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Replication;

/// <summary>Measures replication to every replica that a query stands for; a primary stands for all of its replicas. What does not answer leaves gaps, not errors.</summary>
internal sealed class ReplicationReading
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly IDatabases _databases;
    private readonly IInventory _inventory;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public ReplicationReading(IDatabases databases, IInventory inventory, TimeProvider time, IDrObserver observer)
    {
        _databases = databases;
        _inventory = inventory;
        _time = time;
        _observer = observer;
    }

    public async Task<IReadOnlyList<ReplicationStatus>> ReadAsync(DbServerQuery query, CancellationToken cancellationToken)
    {
        var servers = await _inventory.GetServersAsync(query, cancellationToken).ConfigureAwait(false);
        var primaries = servers.Where(s => s.Role == DbRole.Primary).Select(s => s.ResourceId)
            .Concat(servers.Where(s => s.Role == DbRole.Replica && s.SourceServerResourceId is not null).Select(s => s.SourceServerResourceId!))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .ToArray();
        var lists = await Task.WhenAll(primaries.Select(id => ListAsync(id, cancellationToken))).ConfigureAwait(false);
        var listed = lists.SelectMany(l => l).ToArray();
        var replicas = servers.Where(s => s.Role == DbRole.Replica)
            .Select(s => Array.Find(listed, r => AzureId.Same(r.ResourceId, s.ResourceId)) ?? s)
            .Concat(listed.Where(r => servers.Any(s => s.Role == DbRole.Primary && AzureId.Same(s.ResourceId, r.SourceServerResourceId))))
            .DistinctBy(r => r.ResourceId, StringComparer.OrdinalIgnoreCase);
        return await Task.WhenAll(replicas.Select(r => MeasureAsync(r, servers, cancellationToken))).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<DbServer>> ListAsync(string primaryId, CancellationToken cancellationToken) =>
        (await Glimpse.OfAsync<IReadOnlyList<DbServer>>(async token => await _inventory.GetReplicasAsync(primaryId, token).ConfigureAwait(false), Patience, _time, cancellationToken).ConfigureAwait(false)).Value ?? [];

    private async Task<ReplicationStatus> MeasureAsync(DbServer replica, IReadOnlyList<DbServer> servers, CancellationToken cancellationToken)
    {
        var sourceId = replica.SourceServerResourceId;
        var primary = servers.FirstOrDefault(s => AzureId.Same(s.ResourceId, sourceId));
        var host = primary?.HostName ?? (sourceId is null ? null : FailoverSurvey.HostOf(replica, sourceId));
        var readingReplica = LookAsync(replica.HostName, cancellationToken);
        var readingPrimary = LookAsync(host, cancellationToken);
        var (seenReplica, problem) = await readingReplica.ConfigureAwait(false);
        var (seenPrimary, _) = await readingPrimary.ConfigureAwait(false);
        if (problem is not null) _observer.Verbose($"{replica.Name} is measured by Azure's metrics: {problem}");
        var metric = seenReplica is null
            ? await Glimpse.OfAsync<object>(async token => await _inventory.GetLagSecondsMetricAsync(replica.ResourceId, token).ConfigureAwait(false), Patience, _time, cancellationToken).ConfigureAwait(false)
            : default;
        return ReplicationMeasure.From(new ReplicationSight
        {
            Replica = replica,
            Primary = primary,
            ReplicaDatabase = seenReplica?.Database,
            PrimaryDatabase = seenPrimary?.Database,
            Senders = seenPrimary?.Senders,
            ReplicationState = replica.ReplicationState,
            MetricSeconds = metric.Value as double?,
            At = _time.GetUtcNow(),
        }) with { Primary = primary?.Name ?? (sourceId is null ? null : AzureId.NameOf(sourceId)) };
    }

    private async Task<(Sight? Sight, string? Problem)> LookAsync(string? hostName, CancellationToken cancellationToken)
    {
        if (hostName is null || !_databases.Asks(hostName)) return (null, null);
        var seen = await Glimpse.OfAsync<Sight>(
            async token =>
            {
                var database = await _databases.OpenAsync(hostName, Patience, token).ConfigureAwait(false);
                await using (database.ConfigureAwait(false))
                {
                    var observation = await database.ObserveAsync(token).ConfigureAwait(false);
                    return new Sight(observation, observation.InRecovery ? null : await database.GetWalSendersAsync(token).ConfigureAwait(false));
                }
            },
            Patience, _time, cancellationToken).ConfigureAwait(false);
        return (seen.Value, seen.Problem);
    }

    private sealed record Sight(DatabaseObservation Database, IReadOnlyList<WalSender>? Senders);
}
