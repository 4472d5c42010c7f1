using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Inventory;

/// <summary>The inventory of one connection.</summary>
internal sealed class AzureInventory : IInventory
{
    private readonly IArm _arm;
    private readonly string _subscriptionId;
    private readonly TimeProvider _time;
    private readonly Action<string>? _warn;

    public AzureInventory(IArm arm, string subscriptionId, TimeProvider time, Action<string>? warn = null)
    {
        _arm = arm;
        _subscriptionId = subscriptionId;
        _time = time;
        _warn = warn;
    }

    /// <summary>The inventory as one call of the engine needs it; what could not be read is told to the observer.</summary>
    public static AzureInventory Of(AzureConnection connection, IDrObserver? observer = null) =>
        new(connection.Arm, connection.Context.SubscriptionId, connection.Time, observer is null ? null : observer.Warning);

    public Task<DbServer> GetServerAsync(string nameOrId, string? resourceGroup, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<DbServer?> TryGetServerAsync(string resourceId, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<IReadOnlyList<DbServer>> GetServersAsync(DbServerQuery query, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<IReadOnlyList<DbServer>> GetReplicasAsync(string primaryId, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<string?> GetParameterAsync(string serverId, string parameter, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<IReadOnlyList<ResourceLock>> GetLocksAsync(string resourceId, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<TrafficProfile> GetProfileAsync(string profileId, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<TrafficEndpoint> GetEndpointAsync(string endpointId, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<double?> GetLagSecondsMetricAsync(string replicaId, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<bool> IsServerNameFreeAsync(string subscriptionId, string name, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
