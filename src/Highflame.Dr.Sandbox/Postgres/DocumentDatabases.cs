using System.Globalization;

namespace Highflame.Dr.Sandbox.Postgres;

/// <summary>
/// Databases of which only Azure's side is there: who exists, runs, replicates whom, with which parameters and databases. Nobody listens at their addresses, so what they hold can be asked of nobody but the
/// applications of their pairs, which share this process. A replica holds a write as soon as its primary does, while it streams.
/// </summary>
internal sealed class DocumentDatabases(byte network, int port, Func<string, string, bool> isCut, TimeProvider time) : IDatabaseFleet
{
    private const int HostsOfANet = 250;
    private const int FirstNet = 64;
    private const int LastNet = 127;
    private const long BytesOfAnEntry = 256;

    // What Azure's rules and the module's comparisons look at, as PostgreSQL's own pg_settings has it.
    private static readonly ServerParameter[] s_parameters =
    [
        new("autovacuum", "on", "on", "", "bool", "sighup", [], "Starts the autovacuum subprocess.", false),
        new("default_transaction_read_only", "off", "off", "", "bool", "user", [], "Sets the default read-only status of new transactions.", false),
        new("log_min_duration_statement", "-1", "-1", "ms", "integer", "superuser", ["-1", "2147483647"], "Sets the minimum execution time above which all statements will be logged.", false),
        new("max_connections", "200", "100", "", "integer", "postmaster", ["1", "262143"], "Sets the maximum number of concurrent connections.", false),
        new("max_locks_per_transaction", "64", "64", "", "integer", "postmaster", ["10", "2147483647"], "Sets the maximum number of locks per transaction.", false),
        new("max_prepared_transactions", "0", "0", "", "integer", "postmaster", ["0", "262143"], "Sets the maximum number of simultaneously prepared transactions.", false),
        new("max_wal_senders", "10", "10", "", "integer", "postmaster", ["0", "262143"], "Sets the maximum number of simultaneously running WAL sender processes.", false),
        new("max_worker_processes", "8", "8", "", "integer", "postmaster", ["0", "262143"], "Maximum number of concurrent worker processes.", false),
        new("shared_buffers", "16384", "16384", "8kB", "integer", "postmaster", ["16", "1073741823"], "Sets the number of shared memory buffers used by the server.", false),
        new("wal_level", "replica", "replica", "", "enum", "postmaster", ["minimal", "replica", "logical"], "Sets the level of information written to the WAL.", false),
        new("work_mem", "4096", "4096", "kB", "integer", "user", ["64", "2147483647"], "Sets the maximum memory to be used for query workspaces.", false),
    ];

    private readonly Dictionary<string, Document> _servers = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();
    private int _addresses;

    public int Port => port;

    public bool Has(string server)
    {
        lock (_gate) return _servers.ContainsKey(server);
    }

    public Task CreatePrimaryAsync(string server, string location, string administrator, string password, IReadOnlyDictionary<string, string> parameters, CancellationToken cancellationToken) => Do(() =>
    {
        var made = Add(server, location);
        foreach (var (name, value) in parameters) made.Parameters[name] = value;
    });

    public Task CreateReplicaAsync(string server, string location, string source, CancellationToken cancellationToken) => Do(() =>
    {
        var primary = Running(source);
        Follow(Add(server, location), primary);
    });

    public Task PromoteAsync(string server, bool waitForReplay, CancellationToken cancellationToken) => Do(() =>
    {
        var replica = Running(server);
        if (replica.Source is not { } source) throw new InvalidOperationException($"The server '{server}' is a primary already.");
        if (waitForReplay)
        {
            Running(source);
            if (!Streams(replica)) throw new InvalidOperationException($"The server '{source}' cannot be reached from '{server}', or replay is paused.");
        }

        Receive(replica);
        replica.Source = null;
    });

    public Task FollowAsync(string server, string source, CancellationToken cancellationToken) => Do(() =>
    {
        var (follower, primary) = (Find(server), Running(source));
        Follow(follower, primary);
        follower.Running = true;
    });

    public Task StartAsync(string server, CancellationToken cancellationToken) => Do(() => Find(server).Running = true);

    public Task StopAsync(string server, CancellationToken cancellationToken) => Do(() => End(Find(server)));

    public Task RestartAsync(string server, CancellationToken cancellationToken) => Do(() => Find(server).Running = true);

    public Task CrashAsync(string server, CancellationToken cancellationToken) => Do(() => End(Find(server)));

    public Task DeleteAsync(string server, CancellationToken cancellationToken) => Do(() =>
    {
        Find(server);
        _servers.Remove(server);
    });

    public Task<bool> SetParameterAsync(string server, string name, string value, CancellationToken cancellationToken) => Get(() =>
    {
        var found = Running(server);
        found.Parameters[name] = value;
        return Array.Exists(s_parameters, p => p.Name == name && p.Context == "postmaster");
    });

    public Task<IReadOnlyList<ServerParameter>> GetParametersAsync(string server, CancellationToken cancellationToken) => Get<IReadOnlyList<ServerParameter>>(() =>
    {
        var found = Running(server);
        return [.. s_parameters.Select(p => found.Parameters.TryGetValue(p.Name, out var set) ? p with { Value = set } : p)];
    });

    public Task CreateDatabaseAsync(string server, string database, string? charset, string? collation, CancellationToken cancellationToken) => Do(() => Running(server).Databases.Add(database));

    public Task DropDatabaseAsync(string server, string database, CancellationToken cancellationToken) => Do(() => Running(server).Databases.Remove(database));

    public Task<IReadOnlyList<string>> ListDatabasesAsync(string server, CancellationToken cancellationToken) => Get<IReadOnlyList<string>>(() => [.. Running(server).Databases]);

    public Task SetPasswordAsync(string server, string administrator, string password, CancellationToken cancellationToken) => Do(() => Running(server));

    public Task SetReplayPausedAsync(string replica, bool paused, CancellationToken cancellationToken) => Do(() => Change(replica, r => r.Paused = paused));

    public Task SetStreamingAsync(string replica, bool streaming, CancellationToken cancellationToken) => Do(() => Change(replica, r => r.Broken = !streaming));

    public Task<DatabaseState> GetStateAsync(string server, CancellationToken cancellationToken) => Get(() =>
    {
        var found = Find(server);
        return new DatabaseState(found.Running, found.Source is not null, found.Address, port);
    });

    public Task<ReplicationLag> GetLagAsync(string replica, CancellationToken cancellationToken) => Get(() =>
    {
        var found = Find(replica);
        if (found.Source is not { } source) throw new InvalidOperationException($"The server '{replica}' is no replica.");
        if (Streams(found)) Receive(found);
        var behind = _servers.TryGetValue(source, out var primary) ? (primary.Entries.Count - found.Entries.Count) * BytesOfAnEntry : (long?)null;
        return new ReplicationLag(behind, behind == 0 ? 0 : null, Streams(found) ? "streaming" : null);
    });

    public Task<long> GetSizeAsync(string server, CancellationToken cancellationToken) => Get(() => (64L << 20) + (Running(server).Entries.Count * BytesOfAnEntry));

    public string AddressOf(string server)
    {
        lock (_gate) return Find(server).Address;
    }

    /// <summary>Commits an entry, as the application of a pair does; one that is there already keeps its value.</summary>
    /// <exception cref="InvalidOperationException">The server does not run, is a replica, or refuses writes.</exception>
    public DocumentEntry Write(string server, string id, string value, string region)
    {
        lock (_gate)
        {
            var found = Running(server);
            if (found.Source is not null || found.Parameters.GetValueOrDefault("default_transaction_read_only") is "on" or "true") throw new InvalidOperationException("cannot execute INSERT in a read-only transaction");
            if (!found.Entries.TryGetValue(id, out var entry)) found.Entries[id] = entry = new DocumentEntry(value, region, time.GetUtcNow());
            foreach (var replica in _servers.Values.Where(s => s.Source == found.Name && Streams(s))) Receive(replica);
            return entry;
        }
    }

    /// <summary>Null when there is no such entry.</summary>
    /// <exception cref="InvalidOperationException">The server does not run.</exception>
    public DocumentEntry? Read(string server, string id)
    {
        lock (_gate) return Running(server).Entries.GetValueOrDefault(id);
    }

    private Document Add(string server, string location)
    {
        if (_servers.ContainsKey(server)) throw new InvalidOperationException($"The server '{server}' exists already.");
        var (net, host) = (FirstNet + (_addresses / HostsOfANet), 1 + (_addresses++ % HostsOfANet));
        if (net > LastNet) throw new InvalidOperationException("No address is left for a server.");
        return _servers[server] = new Document(server, location, string.Create(CultureInfo.InvariantCulture, $"127.{network}.{net}.{host}"));
    }

    /// <summary>A base backup: parameters and all.</summary>
    private static void Follow(Document replica, Document primary)
    {
        replica.Source = primary.Name;
        (replica.Paused, replica.Broken) = (false, false);
        replica.Parameters.Clear();
        foreach (var (name, value) in primary.Parameters.Where(p => p.Key != "default_transaction_read_only")) replica.Parameters[name] = value;
        replica.Databases = [.. primary.Databases];
        replica.Entries = new(primary.Entries);
    }

    private void End(Document server)
    {
        foreach (var replica in _servers.Values.Where(s => s.Source == server.Name && Streams(s))) Receive(replica);
        server.Running = false;
    }

    private void Change(string replica, Action<Document> change)
    {
        var found = Running(replica);
        if (found.Source is null) throw new InvalidOperationException($"The server '{replica}' is no replica.");
        if (Streams(found)) Receive(found);
        change(found);
    }

    private bool Streams(Document replica) =>
        replica is { Running: true, Paused: false, Broken: false, Source: { } source } && _servers.TryGetValue(source, out var primary) && primary.Running && !(primary.Location != replica.Location && isCut(primary.Location, replica.Location));

    private void Receive(Document replica)
    {
        if (!Streams(replica)) return;
        var primary = _servers[replica.Source!];
        foreach (var (id, entry) in primary.Entries) replica.Entries.TryAdd(id, entry);
        replica.Databases = [.. primary.Databases];
    }

    private Document Find(string server) => _servers.GetValueOrDefault(server) ?? throw new KeyNotFoundException($"There is no server '{server}'.");

    private Document Running(string server)
    {
        var found = Find(server);
        return found.Running ? found : throw new InvalidOperationException($"The server '{server}' does not run.");
    }

    private Task Do(Action work) => Get(() =>
    {
        work();
        return true;
    });

    private Task<T> Get<T>(Func<T> work)
    {
        try
        {
            lock (_gate) return Task.FromResult(work());
        }
        catch (Exception refused) when (refused is InvalidOperationException or KeyNotFoundException)
        {
            return Task.FromException<T>(refused);
        }
    }

    private sealed class Document(string name, string location, string address)
    {
        public string Name => name;

        public string Location => location;

        public string Address => address;

        public bool Running { get; set; } = true;

        /// <summary>The server that it copies from; null for a primary.</summary>
        public string? Source { get; set; }

        public bool Paused { get; set; }

        public bool Broken { get; set; }

        public Dictionary<string, string> Parameters { get; } = new(StringComparer.OrdinalIgnoreCase);

        public HashSet<string> Databases { get; set; } = ["postgres", "highflame"];

        public Dictionary<string, DocumentEntry> Entries { get; set; } = new(StringComparer.Ordinal);
    }
}

/// <summary>One row of the application's table.</summary>
internal sealed record DocumentEntry(string Value, string Region, DateTimeOffset CreatedAt);
