using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Evidence;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Loss;

/// <summary>Asks every server of a pair whether it takes writes now.</summary>
internal sealed class WriterCensus
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly AzureConnection _connection;
    private readonly IInventory _inventory;
    private readonly TimeProvider _time;

    public WriterCensus(AzureConnection connection, IInventory inventory, TimeProvider time)
    {
        _connection = connection;
        _inventory = inventory;
        _time = time;
    }

    public async Task<WriterReport> TakeAsync(RegionPair pair, CancellationToken cancellationToken)
    {
        var servers = await _inventory.GetServersAsync(new DbServerQuery(Pair: pair), cancellationToken).ConfigureAwait(false);
        var sights = await Task.WhenAll(servers.Select(async server => (Server: server, Seen: await LookAsync(server, cancellationToken).ConfigureAwait(false)))).ConfigureAwait(false);
        return Judge([.. sights]);
    }

    /// <summary>Two writers are two servers of one history, told by the system identifier, that both take writes. Pure.</summary>
    internal static WriterReport Judge(IReadOnlyList<(DbServer Server, Glimpse<DatabaseObservation> Seen)> sights)
    {
        var checks = sights.Select(s => Check(s.Server, s.Seen)).ToArray();
        var writers = sights.Where((_, n) => checks[n].AcceptsWrites == true).ToArray();
        var several = writers.Where(w => writers.Any(o => o.Server != w.Server && (o.Seen.Value!.SystemIdentifier is null || w.Seen.Value!.SystemIdentifier is null || o.Seen.Value.SystemIdentifier == w.Seen.Value.SystemIdentifier)));
        return new WriterReport(checks, [.. several.Select(w => $"{w.Server.Name} ({w.Server.Location})")]);
    }

    private static WriterCheck Check(DbServer server, Glimpse<DatabaseObservation> seen)
    {
        var (accepts, words) = (server.State, seen.Value) switch
        {
            ("Stopped" or "Disabled" or "Dropping", null) => (false, $"it is {server.State}"),
            (_, { InRecovery: true }) => (false, "it is in recovery: a replica"),
            (_, { ReadOnly: true }) => (false, "default_transaction_read_only is on: fenced"),
            (_, { }) => (true, "it is a primary and takes writes"),
            _ => ((bool?)null, seen.Problem ?? "it could not be asked"),
        };
        return new WriterCheck { Name = server.Name, ResourceId = server.ResourceId, Location = server.Location, AcceptsWrites = accepts, Observed = words };
    }

    private async Task<Glimpse<DatabaseObservation>> LookAsync(DbServer server, CancellationToken cancellationToken)
    {
        if (!_connection.Databases.Asks(server.HostName)) return new(null, "the connection has no database credential for it");
        return server.State is "Stopped" or "Disabled" or "Dropping"
            ? new(null, null)
            : await Glimpse.OfDatabaseAsync(_connection.Databases, server.HostName, Patience, _time, cancellationToken).ConfigureAwait(false);
    }
}
