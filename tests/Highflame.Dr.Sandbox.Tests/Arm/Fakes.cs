using System.Collections.Concurrent;
using System.Net;
using Highflame.Dr.Sandbox.Application;
using Highflame.Dr.Sandbox.Postgres;
using Highflame.Dr.Sandbox.Traffic;

namespace Highflame.Dr.Sandbox.Tests.Arm;

/// <summary>Clusters in memory: who exists, runs and replicates whom; a gate holds the work of operations back.</summary>
internal sealed class FakeFleet : IDatabaseFleet
{
    private readonly ConcurrentDictionary<string, Cluster> _clusters = new(StringComparer.OrdinalIgnoreCase);

    public sealed class Cluster
    {
        public required string Address { get; init; }

        public bool Running { get; set; } = true;

        public string? Source { get; set; }

        public ConcurrentDictionary<string, string> Parameters { get; } = new(new Dictionary<string, string> { ["default_transaction_read_only"] = "off", ["max_connections"] = "100", ["work_mem"] = "4096", ["port"] = "5432", ["wal_level"] = "replica" });

        public ConcurrentDictionary<string, byte> Databases { get; } = new(new Dictionary<string, byte> { ["postgres"] = 0, ["highflame"] = 0 });

        public string? Password { get; set; }
    }

    /// <summary>What the next operations wait for before they act.</summary>
    public TaskCompletionSource? Gate { get; set; }

    public List<string> Calls { get; } = [];

    public int Port => 5432;

    public Cluster this[string server] => _clusters.GetValueOrDefault(server) ?? throw new KeyNotFoundException($"There is no server '{server}'.");

    public bool Exists(string server) => _clusters.ContainsKey(server);

    public async Task CreatePrimaryAsync(string server, string location, string administrator, string password, IReadOnlyDictionary<string, string> parameters, CancellationToken cancellationToken)
    {
        await PassAsync($"create {server}", cancellationToken);
        _clusters[server] = new Cluster { Address = NextAddress(), Password = password };
    }

    public async Task CreateReplicaAsync(string server, string location, string source, CancellationToken cancellationToken)
    {
        await PassAsync($"replica {server} of {source}", cancellationToken);
        _clusters[server] = new Cluster { Address = NextAddress(), Source = source };
    }

    public async Task PromoteAsync(string server, bool waitForReplay, CancellationToken cancellationToken)
    {
        await PassAsync($"promote {server} {(waitForReplay ? "planned" : "forced")}", cancellationToken);
        this[server].Source = null;
    }

    public async Task FollowAsync(string server, string source, CancellationToken cancellationToken)
    {
        await PassAsync($"follow {server} {source}", cancellationToken);
        this[server].Source = source;
    }

    public Task StartAsync(string server, CancellationToken cancellationToken) => RunAsync("start", server, true, cancellationToken);

    public Task StopAsync(string server, CancellationToken cancellationToken) => RunAsync("stop", server, false, cancellationToken);

    public Task RestartAsync(string server, CancellationToken cancellationToken) => RunAsync("restart", server, true, cancellationToken);

    public Task CrashAsync(string server, CancellationToken cancellationToken) => RunAsync("crash", server, false, cancellationToken);

    public async Task DeleteAsync(string server, CancellationToken cancellationToken)
    {
        await PassAsync($"delete {server}", cancellationToken);
        _clusters.TryRemove(server, out _);
    }

    public async Task<bool> SetParameterAsync(string server, string name, string value, CancellationToken cancellationToken)
    {
        await PassAsync($"set {server} {name}={value}", cancellationToken);
        this[server].Parameters[name] = value;
        return name == "max_connections";
    }

    public Task<IReadOnlyList<ServerParameter>> GetParametersAsync(string server, CancellationToken cancellationToken)
    {
        var cluster = this[server];
        if (!cluster.Running) throw new InvalidOperationException("The server does not run.");
        return Task.FromResult<IReadOnlyList<ServerParameter>>(
        [
            new("default_transaction_read_only", cluster.Parameters["default_transaction_read_only"], "off", "", "bool", "user", [], "Sets the default read-only status.", false),
            new("max_connections", cluster.Parameters["max_connections"], "100", "", "integer", "postmaster", ["1", "262143"], "Sets the maximum number of connections.", false),
            new("port", cluster.Parameters["port"], "5432", "", "integer", "postmaster", ["1", "65535"], "Sets the port.", false),
            new("server_version", "15.18", "15.18", "", "string", "internal", [], "Shows the version.", false),
            new("wal_level", cluster.Parameters["wal_level"], "replica", "", "enum", "postmaster", ["minimal", "replica", "logical"], "Sets the level.", false),
            new("work_mem", cluster.Parameters["work_mem"], "4096", "kB", "integer", "user", ["64", "2147483647"], "Sets the memory.", false),
        ]);
    }

    public Task CreateDatabaseAsync(string server, string database, string? charset, string? collation, CancellationToken cancellationToken)
    {
        this[server].Databases[database] = 0;
        return Task.CompletedTask;
    }

    public Task DropDatabaseAsync(string server, string database, CancellationToken cancellationToken)
    {
        this[server].Databases.TryRemove(database, out _);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string>> ListDatabasesAsync(string server, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([.. this[server].Databases.Keys.Order()]);

    public Task SetPasswordAsync(string server, string administrator, string password, CancellationToken cancellationToken)
    {
        this[server].Password = password;
        return Task.CompletedTask;
    }

    public Task<DatabaseState> GetStateAsync(string server, CancellationToken cancellationToken) =>
        Task.FromResult(new DatabaseState(this[server].Running, this[server].Source is not null, this[server].Address, Port));

    public Task<ReplicationLag> GetLagAsync(string replica, CancellationToken cancellationToken) => Task.FromResult(new ReplicationLag(4096, 1.5, "streaming"));

    public Task SetReplayPausedAsync(string replica, bool paused, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task SetStreamingAsync(string replica, bool streaming, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<long> GetSizeAsync(string server, CancellationToken cancellationToken) => Task.FromResult(1L << 30);

    public string AddressOf(string server) => this[server].Address;

    private string NextAddress() => $"127.77.1.{100 + _clusters.Count}";

    private async Task RunAsync(string verb, string server, bool running, CancellationToken cancellationToken)
    {
        await PassAsync($"{verb} {server}", cancellationToken);
        this[server].Running = running;
    }

    private async Task PassAsync(string call, CancellationToken cancellationToken)
    {
        lock (Calls) Calls.Add(call);
        if (Gate is { } gate) await gate.Task.WaitAsync(cancellationToken);
    }
}

/// <summary>Traffic Manager's DNS in memory.</summary>
internal sealed class FakeTraffic : ITrafficPlane
{
    public ConcurrentDictionary<string, ProfileView> Profiles { get; } = new(StringComparer.OrdinalIgnoreCase);

    public ConcurrentDictionary<string, IPAddress> Names { get; } = new(StringComparer.OrdinalIgnoreCase);

    public string Status { get; set; } = "Online";

    public void Publish(ProfileView profile) => Profiles[profile.Id] = profile;

    public void Remove(string profileId) => Profiles.TryRemove(profileId, out _);

    public string MonitorStatus(string profileId, string endpointId) => Status;

    public string ProfileMonitorStatus(string profileId) => Status;

    public void SetAddress(string name, IPAddress address) => Names[name] = address;

    public void RemoveAddress(string name) => Names.TryRemove(name, out _);

    public IReadOnlyList<IPAddress> Resolve(string name) => Names.TryGetValue(name, out var address) ? [address] : [];
}

/// <summary>Regions, links and load in memory.</summary>
internal sealed class FakeRegions : IRegionRuntime, IInterRegionLinks, IClientLoad
{
    private readonly ConcurrentDictionary<string, RegionState> _states = new();
    private readonly ConcurrentDictionary<(string, string), LinkSettings> _links = new();
    private LoadSnapshot _load = new();

    public Task StartAsync(string location, CancellationToken cancellationToken) => Set(location, _ => new RegionState(location, true, true, false));

    public Task KillAsync(string location, CancellationToken cancellationToken) => Set(location, s => s with { GatewayRunning = false, ApplicationRunning = false });

    public Task SetGatewayAsync(string location, bool running, CancellationToken cancellationToken) => Set(location, s => s with { GatewayRunning = running });

    public Task SetHealthFailingAsync(string location, bool failing, CancellationToken cancellationToken) => Set(location, s => s with { HealthFailing = failing });

    public Task SetCertificateAsync(string location, bool expired, CancellationToken cancellationToken) => Set(location, s => s with { CertificateExpired = expired });

    public List<string> Restarts { get; } = [];

    public Task RestartApplicationAsync(string location, CancellationToken cancellationToken)
    {
        lock (Restarts) Restarts.Add(location);
        return Task.CompletedTask;
    }

    public void UseVaults(VaultAccess access)
    {
    }

    public IReadOnlyList<RegionState> GetStates() => [.. _states.Values.OrderBy(s => s.Location)];

    public void Set(string fromLocation, string toLocation, LinkSettings settings) => _links[(fromLocation, toLocation)] = settings;

    public LinkSettings Get(string fromLocation, string toLocation) => _links.GetValueOrDefault((fromLocation, toLocation)) ?? new LinkSettings();

    public Task StartAsync(int writers, double intervalMilliseconds, CancellationToken cancellationToken)
    {
        _load = new LoadSnapshot { Running = true, Acknowledged = writers };
        return Task.CompletedTask;
    }

    public Task<LoadSnapshot> GetAsync(CancellationToken cancellationToken) => Task.FromResult(_load);

    public Task<LoadSnapshot> StopAsync(CancellationToken cancellationToken) => Task.FromResult(_load = _load with { Running = false, Lost = 0 });

    private Task Set(string location, Func<RegionState, RegionState> change)
    {
        _states[location] = change(_states.GetValueOrDefault(location) ?? new RegionState(location, false, false, false));
        return Task.CompletedTask;
    }
}
