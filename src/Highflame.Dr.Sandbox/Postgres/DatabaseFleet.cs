using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Highflame.Dr.Sandbox.Postgres;

/// <summary>The clusters of the sandbox by server name. What happens inside one server lies in <see cref="DatabaseCluster"/> and the extensions beside it.</summary>
internal sealed class DatabaseFleet : IDatabaseFleet, IAsyncDisposable
{
    private const byte FirstHost = 100;
    private const byte LastHost = 199;

    private readonly SandboxLayout _layout;
    private readonly ClusterHome _home;
    private readonly InterRegionLinks _links;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<string, DatabaseCluster> _clusters = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<Task, byte> _background = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<byte, byte> _hosts = [];

    public DatabaseFleet(SandboxLayout layout, ClusterHome home, InterRegionLinks links, TimeProvider time, ILogger<DatabaseFleet> log) =>
        (_layout, _home, _links, _time, _log) = (layout, home, links, time, log);

    public int Port => _layout.DatabasePort;

    public string AddressOf(string server)
    {
        if (_clusters.TryGetValue(server, out var cluster)) return cluster.EndPoint.Address.ToString();
        // The regions' own servers have their address before they exist: the applications are told it at their start.
        var region = _layout.Regions.FirstOrDefault(r => string.Equals(r.DatabaseServer, server, StringComparison.OrdinalIgnoreCase));
        return region is null ? throw Unknown(server) : Address(region, FirstHost).ToString();
    }

    public Task CreatePrimaryAsync(string server, string location, string administrator, string password, IReadOnlyDictionary<string, string> parameters, CancellationToken cancellationToken) =>
        CreateAsync(server, location, administrator, async cluster =>
        {
            await _home.InitializeAsync(server, cancellationToken).ConfigureAwait(false);
            await cluster.StartAsync(cancellationToken).ConfigureAwait(false);
            await cluster.SetUpAsync(_layout, _home.ReplicatorPassword, password, cancellationToken).ConfigureAwait(false);
            var restart = false;
            foreach (var (name, value) in parameters) restart |= await cluster.SetParameterAsync(name, value, _time, cancellationToken).ConfigureAwait(false);
            if (!restart) return;
            await cluster.StopAsync(cancellationToken).ConfigureAwait(false);
            await cluster.StartAsync(cancellationToken).ConfigureAwait(false);
        });

    public Task CreateReplicaAsync(string server, string location, string source, CancellationToken cancellationToken)
    {
        var primary = Running(source);
        return CreateAsync(server, location, primary.Administrator, cluster => CopyAsync(cluster, primary, cancellationToken));
    }

    public Task PromoteAsync(string server, bool waitForReplay, CancellationToken cancellationToken) => Alone(server, async replica =>
    {
        RequireRunning(replica);
        if (replica.Source is not { } sourceName) throw new InvalidOperationException($"The server '{server}' is a primary already.");
        if (waitForReplay)
        {
            var source = Running(sourceName);
            if (IsCut(source, replica)) throw new InvalidOperationException($"The server '{sourceName}' cannot be reached from '{server}': the link between the regions is cut.");
            await replica.WaitForReplayAsync(source, () => IsCut(source, replica), _time, cancellationToken).ConfigureAwait(false);
        }

        await replica.PromoteAsync(_time, cancellationToken).ConfigureAwait(false);
        replica.Source = null;
        InBackground(DropSlotAsync(sourceName, replica.Slot));
    }, cancellationToken);

    public Task FollowAsync(string server, string source, CancellationToken cancellationToken)
    {
        var primary = Running(source);
        return Alone(server, async cluster =>
        {
            await cluster.StopAsync(cancellationToken).ConfigureAwait(false);
            if (cluster.Source is { } former) await DropSlotAsync(former, cluster.Slot).ConfigureAwait(false);
            Directory.Delete(cluster.Data, recursive: true);
            await CopyAsync(cluster, primary, cancellationToken).ConfigureAwait(false);
        }, cancellationToken);
    }

    public Task StartAsync(string server, CancellationToken cancellationToken) => Alone(server, cluster =>
    {
        _links.Mend(cluster.Name);
        return cluster.StartAsync(cancellationToken);
    }, cancellationToken);

    public Task StopAsync(string server, CancellationToken cancellationToken) => Alone(server, c => c.StopAsync(cancellationToken), cancellationToken);

    public Task RestartAsync(string server, CancellationToken cancellationToken) => Alone(server, async cluster =>
    {
        _links.Mend(cluster.Name);
        await cluster.StopAsync(cancellationToken).ConfigureAwait(false);
        await cluster.StartAsync(cancellationToken).ConfigureAwait(false);
    }, cancellationToken);

    public async Task CrashAsync(string server, CancellationToken cancellationToken)
    {
        var cluster = Find(server);
        // The link first: on a busy machine the kill takes its time, and all the while the link would go on delivering.
        _links.Sever(cluster.Name);
        await cluster.KillAsync().ConfigureAwait(false);
    }

    public async Task DeleteAsync(string server, CancellationToken cancellationToken)
    {
        var cluster = Find(server);
        await cluster.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        _clusters.TryRemove(server, out _);
        await DiscardAsync(cluster).ConfigureAwait(false);
        if (cluster.Source is { } source) InBackground(DropSlotAsync(source, cluster.Slot));
    }

    public Task<bool> SetParameterAsync(string server, string name, string value, CancellationToken cancellationToken) =>
        Running(server).SetParameterAsync(name, value, _time, cancellationToken);

    public Task<IReadOnlyList<ServerParameter>> GetParametersAsync(string server, CancellationToken cancellationToken) => Running(server).GetParametersAsync(cancellationToken);

    public Task CreateDatabaseAsync(string server, string database, string? charset, string? collation, CancellationToken cancellationToken) =>
        Running(server).CreateDatabaseAsync(database, charset, collation, cancellationToken);

    public Task DropDatabaseAsync(string server, string database, CancellationToken cancellationToken) => Running(server).DropDatabaseAsync(database, cancellationToken);

    public Task<IReadOnlyList<string>> ListDatabasesAsync(string server, CancellationToken cancellationToken) => Running(server).Watch.QueryAsync(
        "SELECT datname::text FROM pg_database WHERE NOT datistemplate ORDER BY 1", row => row.GetString(0), cancellationToken);

    public Task SetPasswordAsync(string server, string administrator, string password, CancellationToken cancellationToken) =>
        Running(server).SetPasswordAsync(administrator, password, cancellationToken);

    public Task<long> GetSizeAsync(string server, CancellationToken cancellationToken) => Running(server).Watch.ScalarAsync<long>(
        "SELECT (SELECT sum(pg_database_size(oid)) FROM pg_database)::bigint + (SELECT coalesce(sum(size), 0) FROM pg_ls_waldir())::bigint", cancellationToken);

    public Task SetReplayPausedAsync(string replica, bool paused, CancellationToken cancellationToken) =>
        RunningStandby(replica).Control.ExecuteAsync(paused ? "SELECT pg_wal_replay_pause()" : "SELECT pg_wal_replay_resume()", cancellationToken);

    public async Task SetStreamingAsync(string replica, bool streaming, CancellationToken cancellationToken)
    {
        // The way is in the standby's file; an empty value over it ends the receiver.
        var control = RunningStandby(replica).Control;
        await control.ExecuteAsync(streaming ? "ALTER SYSTEM RESET primary_conninfo" : "ALTER SYSTEM SET primary_conninfo = ''", cancellationToken).ConfigureAwait(false);
        await control.ExecuteAsync("SELECT pg_reload_conf()", cancellationToken).ConfigureAwait(false);
    }

    public async Task<DatabaseState> GetStateAsync(string server, CancellationToken cancellationToken)
    {
        var cluster = Find(server);
        var running = cluster.IsRunning;
        var inRecovery = cluster.HasStandbySignal;
        if (running)
        {
            try
            {
                inRecovery = await cluster.Watch.ScalarAsync<bool>("SELECT pg_is_in_recovery()", cancellationToken).ConfigureAwait(false);
            }
            catch (Exception gone) when (gone is NpgsqlException or SocketException or IOException or TimeoutException or ObjectDisposedException)
            {
                // On its way up or down: not serving.
                running = false;
            }
        }

        return new DatabaseState(running, inRecovery, cluster.EndPoint.Address.ToString(), Port);
    }

    public async Task<ReplicationLag> GetLagAsync(string replica, CancellationToken cancellationToken)
    {
        var standby = Find(replica);
        if (standby.Source is not { } name) throw new InvalidOperationException($"The server '{replica}' is no replica.");
        var source = _clusters.GetValueOrDefault(name);
        return await ReplicationView.LagAsync(source, standby, source is not null && IsCut(source, standby), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One column of text from a server's database, as the superuser: how the client load's record is compared with what survived.</summary>
    /// <exception cref="InvalidOperationException">The server does not run.</exception>
    public async Task<IReadOnlyList<string>> ReadTextAsync(string server, string database, string sql, CancellationToken cancellationToken, params object[] parameters)
    {
        await using var session = Running(server).OpenSession(database);
        return await session.QueryAsync(sql, row => row.GetString(0), cancellationToken, parameters).ConfigureAwait(false);
    }

    /// <summary>The servers of the first pair that take writes now: running, out of recovery, not fenced by default_transaction_read_only.</summary>
    public async Task<IReadOnlyList<string>> FindWritersAsync(string database, CancellationToken cancellationToken)
    {
        const string Writes = "SELECT CASE WHEN pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on' THEN 'no' ELSE 'yes' END";
        var writers = new List<string>();
        foreach (var server in _clusters.Where(c => c.Value.IsRunning && !_layout.FurtherPairs.Any(p => c.Key.StartsWith(p.Name + "-", StringComparison.OrdinalIgnoreCase))).Select(c => c.Key))
        {
            try
            {
                if (await ReadTextAsync(server, database, Writes, cancellationToken).ConfigureAwait(false) is ["yes"]) writers.Add(server);
            }
            catch (Exception gone) when (gone is NpgsqlException or SocketException or IOException or TimeoutException or InvalidOperationException or ObjectDisposedException)
            {
                // On its way up or down: it takes none.
            }
        }

        return writers;
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_clusters.Values.Select(c => c.AbortAsync())).ConfigureAwait(false);
        await Task.WhenAll(_background.Keys).ConfigureAwait(false);
        foreach (var cluster in _clusters.Values) await cluster.DisposeAsync().ConfigureAwait(false);
        _clusters.Clear();
    }

    private async Task CreateAsync(string server, string location, string administrator, Func<DatabaseCluster, Task> fill)
    {
        var region = _layout.Region(location);
        var cluster = new DatabaseCluster(_home, server, region.Location, new IPEndPoint(NextAddress(region, server), Port), _time) { Administrator = administrator };
        if (!_clusters.TryAdd(server, cluster))
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw new InvalidOperationException($"The server '{server}' exists already.");
        }

        await cluster.Gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await fill(cluster).ConfigureAwait(false);
        }
        catch
        {
            _clusters.TryRemove(server, out _);
            await DiscardAsync(cluster).ConfigureAwait(false);
            throw;
        }

        cluster.Gate.Release();
    }

    /// <summary>pg_basebackup across the link, then start as its standby.</summary>
    private async Task CopyAsync(DatabaseCluster cluster, DatabaseCluster source, CancellationToken cancellationToken)
    {
        var way = source.Location == cluster.Location ? source.EndPoint : _links.Reach(source.Name, source.EndPoint, source.Location, cluster.Location);
        await DropSlotAsync(source.Name, cluster.Slot).ConfigureAwait(false);
        await _home.RunAsync(
            _home.Installation.BaseBackup,
            [
                "--pgdata", cluster.Data, "--host", way.Address.ToString(), "--port", way.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--username", ClusterHome.Replicator,
                "--wal-method", "stream", "--create-slot", "--slot", cluster.Slot, "--checkpoint", "fast", "--no-sync", "--no-password",
            ],
            new Dictionary<string, string>
            {
                ["PGPASSWORD"] = _home.ReplicatorPassword,
                ["PGSSLMODE"] = "verify-ca",
                ["PGSSLROOTCERT"] = Path.Combine(source.Data, "root.crt"),
            },
            cancellationToken).ConfigureAwait(false);
        await _home.Files.WriteStandbyAsync(cluster.Data, cluster.Name, way, ClusterHome.Replicator, _home.ReplicatorPassword, cluster.Slot, cancellationToken).ConfigureAwait(false);
        cluster.Source = source.Name;
        _links.Mend(cluster.Name);
        await cluster.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task DiscardAsync(DatabaseCluster cluster)
    {
        await cluster.DisposeAsync().ConfigureAwait(false);
        await _links.ForgetAsync(cluster.Name).ConfigureAwait(false);
        if (Directory.Exists(cluster.Data)) Directory.Delete(cluster.Data, recursive: true);
    }

    /// <summary>Drops a replica's slot at its source, so that WAL does not pile up there. A source that is gone keeps it until it is rebuilt or deleted.</summary>
    private async Task DropSlotAsync(string sourceName, string slot)
    {
        if (!_clusters.TryGetValue(sourceName, out var source)) return;
        try
        {
            for (var attempt = 0; attempt < 50 && source.IsRunning; attempt++)
            {
                if (await source.TryDropSlotAsync(slot).ConfigureAwait(false)) return;
                await Task.Delay(TimeSpan.FromMilliseconds(100), _time).ConfigureAwait(false);
            }
        }
        catch (Exception gone) when (gone is NpgsqlException or SocketException or IOException or TimeoutException or ObjectDisposedException or InvalidOperationException)
        {
            _log.LogInformation("Slot {Slot} stays at {Source}: {Reason}", slot, sourceName, gone.Message);
        }
    }

    private void InBackground(Task work)
    {
        _background[work] = 0;
        _ = work.ContinueWith(done => _background.TryRemove(done, out _), TaskScheduler.Default);
    }

    private bool IsCut(DatabaseCluster one, DatabaseCluster other) => one.Location != other.Location && _links.IsCut(one.Location, other.Location);

    private async Task Alone(string server, Func<DatabaseCluster, Task> work, CancellationToken cancellationToken)
    {
        var cluster = Find(server);
        await cluster.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await work(cluster).ConfigureAwait(false);
        }
        finally
        {
            cluster.Gate.Release();
        }
    }

    private DatabaseCluster Find(string server) => _clusters.GetValueOrDefault(server) ?? throw Unknown(server);

    private DatabaseCluster Running(string server)
    {
        var cluster = Find(server);
        RequireRunning(cluster);
        return cluster;
    }

    private DatabaseCluster RunningStandby(string server)
    {
        var cluster = Running(server);
        return cluster.Source is null ? throw new InvalidOperationException($"The server '{server}' is no replica.") : cluster;
    }

    private static void RequireRunning(DatabaseCluster cluster)
    {
        if (!cluster.IsRunning) throw new InvalidOperationException($"The server '{cluster.Name}' does not run.");
    }

    private static KeyNotFoundException Unknown(string server) => new($"There is no server '{server}'.");

    private IPAddress NextAddress(SandboxRegion region, string server)
    {
        if (string.Equals(region.DatabaseServer, server, StringComparison.OrdinalIgnoreCase)) return Address(region, FirstHost);
        lock (_gate)
        {
            var host = (byte)(_hosts.GetValueOrDefault(region.Number, FirstHost) + 1);
            if (host > LastHost) throw new InvalidOperationException($"Region '{region.Location}' has no address left for a server.");
            _hosts[region.Number] = host;
            return Address(region, host);
        }
    }

    private IPAddress Address(SandboxRegion region, byte host) => new([127, _layout.Network, region.Number, host]);
}
