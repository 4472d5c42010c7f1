using System.Collections.Concurrent;
using Highflame.Dr.Execution;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Hosting;

/// <summary>
/// What a runspace has seen so far: food for the argument completers, which never sign in, and for finding an endpoint's resource id without asking
/// again. It is never used to decide what to change.
/// </summary>
internal sealed class Sightings
{
    private readonly ConcurrentDictionary<string, DbServer> _servers = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, TrafficEndpoint> _endpoints = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, DrOperation> _operations = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RunStatus> _runs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RegionPairStatus> _statuses = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyCollection<DbServer> Servers => [.. _servers.Values];

    public IReadOnlyCollection<TrafficEndpoint> Endpoints => [.. _endpoints.Values];

    public IReadOnlyCollection<DrOperation> Operations => [.. _operations.Values];

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _servers.Clear();
        _endpoints.Clear();
        _operations.Clear();
        _runs.Clear();
        _statuses.Clear();
    }

    public IReadOnlyCollection<RunStatus> Runs => [.. _runs.Values];

    public void Add(RunStatus run) => _runs[run.Id] = run;

    public void Add(DbServer server) => _servers[server.ResourceId] = server;

    public void Add(TrafficEndpoint endpoint) => _endpoints[endpoint.ResourceId] = endpoint;

    public void Add(RegionPairStatus status)
    {
        _statuses[status.Name] = status;
        foreach (var server in status.Servers) Add(server);
    }

    /// <summary>The last status of a pair, when it is no older than asked.</summary>
    public RegionPairStatus? FindStatus(RegionPair pair, DateTimeOffset notBefore) =>
        _statuses.TryGetValue(pair.Name, out var status) && status.ObservedAt >= notBefore && status.Pair == pair ? status : null;

    public void Add(DrOperation? operation)
    {
        if (operation is not null) _operations[operation.Id] = operation;
    }

    public DrOperation? FindOperation(string id) => _operations.GetValueOrDefault(id);

    public TrafficEndpoint? FindEndpoint(string profileId, string name) =>
        _endpoints.Values.FirstOrDefault(e =>
            string.Equals(e.ProfileResourceId, profileId, StringComparison.OrdinalIgnoreCase)
            && string.Equals(e.Name, name, StringComparison.OrdinalIgnoreCase));
}
