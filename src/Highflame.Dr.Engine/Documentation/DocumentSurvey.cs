using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Azure.Wire;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Documentation;

/// <summary>Reads all that the document says. Nothing is changed.</summary>
internal sealed class DocumentSurvey
{
    private readonly AzureConnection _connection;
    private readonly Func<RegionPair, CancellationToken, Task<RegionPairStatus>> _status;
    private readonly Func<string, CancellationToken, Task<IReadOnlyList<ReplicationStatus>>> _replication;
    private readonly TimeProvider _time;

    /// <param name="connection">Where to read.</param>
    /// <param name="status">Reads the live state of a pair.</param>
    /// <param name="replication">Measures the replication of the server with this resource id.</param>
    /// <param name="time">Clock.</param>
    public DocumentSurvey(
        AzureConnection connection,
        Func<RegionPair, CancellationToken, Task<RegionPairStatus>> status,
        Func<string, CancellationToken, Task<IReadOnlyList<ReplicationStatus>>> replication,
        TimeProvider time)
    {
        _connection = connection;
        _status = status;
        _replication = replication;
        _time = time;
    }

    /// <summary>What fails as a whole is no gap in a document: it is no document.</summary>
    public static bool EndsEverything(DrException failure) => failure.EndsPipeline && failure.ErrorId != "HfDatabaseUnreachable";

    public async Task<DocumentFacts> ReadAsync(RegionPair pair, CancellationToken cancellationToken)
    {
        var at = _time.GetUtcNow();
        var gaps = new List<string>();
        var readingRegions = Task.WhenAll(pair.Regions.Select(r => new RegionSurvey(_connection.Arm, _connection.Names, pair.SubscriptionId, r).ReadAsync(cancellationToken)));
        var traffic = await TryAsync("Traffic Manager", gaps, () => ReadTrafficAsync(pair, cancellationToken)).ConfigureAwait(false);
        var status = await TryAsync("State of the pair", gaps, async () => await _status(pair, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        var replication = status?.ReplicaResourceId is { } replica
            ? await TryAsync("Replication", gaps, async () => await _replication(replica, cancellationToken).ConfigureAwait(false) is [var first, ..] ? first : null).ConfigureAwait(false)
            : null;
        var regions = await readingRegions.ConfigureAwait(false);
        gaps.AddRange(regions.SelectMany(Problems));
        var options = _connection.Options;
        return new()
        {
            Pair = pair,
            Context = _connection.Context,
            At = at,
            Authority = options.AuthorityHost ?? (_connection.Context.Environment == "Azure" ? AzureClouds.Public.Authority : null),
            Audience = options.ArmAudience,
            Cloud = _connection.Context.Environment is "Azure" or "Sandbox" ? null : _connection.Context.Environment,
            Database = options.Database,
            DatabasePort = options.DatabasePort,
            Status = status,
            Replication = replication,
            Traffic = traffic,
            Regions = regions,
            Unread = [.. gaps],
        };
    }

    private async Task<TrafficFacts?> ReadTrafficAsync(RegionPair pair, CancellationToken cancellationToken)
    {
        var id = pair.Traffic.ProfileId;
        var wire = WireJson.Read(await _connection.Arm.GetAsync(id, ApiVersions.TrafficManager, cancellationToken).ConfigureAwait(false), WireJson.Default.ProfileWire, id);
        var profile = TrafficMapping.From(wire, id);
        var monitor = wire.Properties?.MonitorConfig;
        // Azure's defaults stand in for what it leaves out.
        var interval = monitor?.IntervalInSeconds ?? 30;
        return new(profile, pair.EndpointIn(profile), monitor?.Protocol, monitor?.Port, monitor?.Path, interval, monitor?.TimeoutInSeconds ?? (interval == 10 ? 9 : 10), monitor?.ToleratedNumberOfFailures ?? 3);
    }

    private static IEnumerable<string> Problems(RegionFacts region) =>
        new[] { region.Gateways.Problem, region.PrivateLinks.Problem, region.Servers.Problem, region.Vaults.Problem, region.Caches.Problem, region.Clusters.Problem, region.Networks.Problem }.OfType<string>();

    private static async Task<T?> TryAsync<T>(string what, List<string> gaps, Func<Task<T?>> read)
        where T : class
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (DrException failure) when (!EndsEverything(failure))
        {
            gaps.Add($"{what}: {failure.Message}");
            return null;
        }
    }
}
