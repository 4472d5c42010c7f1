using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Inventory;

/// <summary>Reads Azure into the model's words. Each call reads afresh; nothing is cached.</summary>
internal interface IInventory
{
    /// <summary>By resource id, or by name (and resource group). Errors: HfServerNotFound, HfServerAmbiguous.</summary>
    Task<DbServer> GetServerAsync(string nameOrId, string? resourceGroup, CancellationToken cancellationToken);

    /// <summary>Null when it is not there. A region in outage answers for its server with State <c>Unknown</c>, not with an exception.</summary>
    Task<DbServer?> TryGetServerAsync(string resourceId, CancellationToken cancellationToken);

    Task<IReadOnlyList<DbServer>> GetServersAsync(DbServerQuery query, CancellationToken cancellationToken);

    /// <summary>GET {primary}/replicas, with ReplicationState.</summary>
    Task<IReadOnlyList<DbServer>> GetReplicasAsync(string primaryId, CancellationToken cancellationToken);

    /// <summary>Value of a server parameter; null when the server has none of that name.</summary>
    Task<string?> GetParameterAsync(string serverId, string parameter, CancellationToken cancellationToken);

    /// <summary>Names and levels of the locks on a resource, inherited ones included.</summary>
    Task<IReadOnlyList<ResourceLock>> GetLocksAsync(string resourceId, CancellationToken cancellationToken);

    Task<TrafficProfile> GetProfileAsync(string profileId, CancellationToken cancellationToken);

    Task<TrafficEndpoint> GetEndpointAsync(string endpointId, CancellationToken cancellationToken);

    /// <summary>Latest physical_replication_delay_in_seconds of a replica, from Azure Monitor; null when there is none.</summary>
    Task<double?> GetLagSecondsMetricAsync(string replicaId, CancellationToken cancellationToken);

    /// <summary>True when the server name is free in all of Azure (checkNameAvailability).</summary>
    Task<bool> IsServerNameFreeAsync(string subscriptionId, string name, CancellationToken cancellationToken);
}

/// <summary>A lock on a resource or above it.</summary>
internal sealed record ResourceLock(string Name, string Level, string Scope)
{
    /// <summary>Resource id of the lock.</summary>
    public string Id { get; init; } = $"{Scope}/providers/Microsoft.Authorization/locks/{Name}";

    public string? Notes { get; init; }

    /// <summary>Azure's properties of it as JSON, to the letter.</summary>
    public string Properties { get; init; } = $$"""{"level":"{{Level}}"}""";
}
