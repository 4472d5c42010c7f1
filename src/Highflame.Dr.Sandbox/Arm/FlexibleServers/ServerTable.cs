using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Faults;
using Highflame.Dr.Sandbox.Postgres;

namespace Highflame.Dr.Sandbox.Arm.FlexibleServers;

/// <summary>A flexible server as its stored document says.</summary>
internal sealed record Server(StoredResource Resource)
{
    public string Id => Resource.Id;

    public string Name => Resource.Name;

    public string Location => Resource.Location;

    public JsonObject Document => Resource.Document;

    public string State => Document.Text("properties.state") ?? "Ready";

    public string Role => Document.Text("properties.replicationRole") ?? "None";

    public bool IsReplica => Role is "AsyncReplica" or "GeoAsyncReplica";

    /// <summary>Id of the server that this one replicates; null for a primary.</summary>
    public string? SourceId => Document.Text("properties.sourceServerResourceId");

    public ServerSku? Sku => ServerSkus.Find(Document.Text("sku.name"));

    public long StorageGb => Document.Whole("properties.storage.storageSizeGB") ?? 32;
}

/// <summary>All flexible servers: finding, busy marks, and the state that a GET shows.</summary>
internal sealed class ServerTable(ResourceStore store, IDatabaseFleet fleet, FaultBoard faults)
{
    public const string Type = "Microsoft.DBforPostgreSQL/flexibleServers";

    private readonly HashSet<string> _busy = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();

    public ResourceStore Store => store;

    public IDatabaseFleet Fleet => fleet;

    public Server? Find(string? id) => id is not null && store.Find(id) is { } found && ArmPath.Same(found.Type, Type) ? new Server(found) : null;

    /// <summary>Throws ResourceNotFound.</summary>
    public Server Get(ArmPath path) => Find(path.TopResourceId) ?? throw ArmError.ResourceNotFound(ArmPath.Parse(path.TopResourceId));

    public IReadOnlyList<Server> All() => Those(_ => true);

    /// <param name="group">Null for the whole subscription.</param>
    public IReadOnlyList<Server> In(string? group) => Those(r => group is null || ArmPath.Same(r.Group, group));

    /// <summary>Names are unique in the whole of Azure.</summary>
    public Server? FindByName(string name) => Those(r => ArmPath.Same(r.Name, name)) is [var first, ..] ? first : null;

    public IReadOnlyList<Server> ReplicasOf(Server server) => [.. Those(r => ArmPath.Same(new Server(r).SourceId, server.Id)).Where(s => s.IsReplica)];

    // Only what matches is copied: a sandbox may hold hundreds.
    private IReadOnlyList<Server> Those(Func<StoredResource, bool> which) => [.. store.Where(r => ArmPath.Same(r.Type, Type) && which(r)).Select(r => new Server(r))];

    public bool IsBroken(Server server) => faults.Broken.Contains(server.Name, StringComparer.OrdinalIgnoreCase);

    public bool IsLost(Server server) => faults.IsLost(server.Location);

    /// <summary>Marks servers as busy with one operation, all or none. Throws ServerIsBusy (409).</summary>
    public void Enter(params Server[] servers)
    {
        lock (_gate)
        {
            if (Array.Find(servers, s => _busy.Contains(s.Id)) is { } busy) throw ArmError.ServerIsBusy(busy.Name);
            foreach (var server in servers) _busy.Add(server.Id);
        }
    }

    public void Leave(params Server[] servers)
    {
        lock (_gate)
        {
            foreach (var server in servers) _busy.Remove(server.Id);
        }
    }

    public bool IsBusy(Server server)
    {
        lock (_gate) return _busy.Contains(server.Id);
    }

    /// <summary>The state as it is now. Read it after <see cref="Enter"/>: an operation may have ended since the server was looked up.</summary>
    public string StateNow(Server server) => Find(server.Id)?.State ?? "Ready";

    public void SetState(Server server, string state) => store.Change(server.Id, d => d.Child("properties")["state"] = state);

    public void SetRole(Server server, string role, int capacity, string? sourceId) => store.Change(server.Id, document =>
    {
        var properties = document.Child("properties");
        properties["replicationRole"] = role;
        properties["replicaCapacity"] = capacity;
        if (sourceId is null) properties.Remove("sourceServerResourceId");
        else properties["sourceServerResourceId"] = sourceId;
    });

    /// <summary>Throws ServerIsBusy (409, worth a wait) while an operation runs, ServerIsNotReady (409) unless the server is in the state Ready.</summary>
    public void RequireReady(Server server, string what)
    {
        if (IsBusy(server)) throw ArmError.ServerIsBusy(server.Name);
        RequireStateReady(server, what);
    }

    /// <summary>Throws ServerIsNotReady (409) unless the server is in the state Ready.</summary>
    public static void RequireStateReady(Server server, string what)
    {
        if (server.State != "Ready")
            throw new ArmError(409, "ServerIsNotReady", $"{what} can only be performed on servers in the state Ready. Server Name = {server.Name}, Current Server State = {server.State}");
    }
}
