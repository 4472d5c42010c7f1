using System.Net;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Traffic;

namespace Highflame.Dr.Sandbox.Arm.FlexibleServers;

/// <summary>Virtual endpoints: one pair of reader and writer names per primary; members holds the one server that the reader points at.</summary>
internal sealed class VirtualEndpoints(ServerTable servers, ITrafficPlane traffic, Operations operations)
{
    public const string Type = ServerTable.Type + "/virtualEndpoints";

    public ArmAnswer Handle(ArmCall call)
    {
        var server = servers.Get(call.Path);
        var mine = Of(server);
        if (call.Path.Names.Count < 2) return call.Method == "GET" ? ArmAnswer.List(mine.Select(e => Show(e))) : throw ArmError.MethodNotAllowed(call.Method, call.Path);
        var name = call.Path.Names[1];
        var known = mine.FirstOrDefault(e => ArmPath.Same(e.Name, name));
        return call.Method switch
        {
            "GET" => known is null ? throw ArmError.ResourceNotFound(call.Path) : ArmAnswer.Ok(Show(known)),
            "PUT" => Put(call, server, name, known, mine.Count),
            "PATCH" => known is null ? throw ArmError.ResourceNotFound(call.Path) : Put(call, server, name, known, mine.Count),
            "DELETE" => known is null ? new ArmAnswer(204) : Begin(call, server, () => Remove(known)),
            _ => throw ArmError.MethodNotAllowed(call.Method, call.Path),
        };
    }

    /// <summary>True when a virtual endpoint of the primary has its reader at the server.</summary>
    public bool ReaderIs(Server primary, string server) => Of(primary).Any(e => ArmPath.Same(Member(e), server));

    /// <summary>After a standalone promotion the reader points at the primary.</summary>
    public void ReaderBackToPrimary(Server primary, string promoted)
    {
        foreach (var endpoint in Of(primary).Where(e => ArmPath.Same(Member(e), promoted))) Point(endpoint, primary.Name, primary.Name);
    }

    /// <summary>After a switchover the writer is the new primary, the reader the old one; the endpoint is managed through the new primary.</summary>
    public void Swap(Server oldPrimary, Server newPrimary)
    {
        foreach (var endpoint in Of(oldPrimary))
        {
            servers.Store.Remove(endpoint.Id);
            var moved = servers.Store.Put(ArmPath.Parse($"{newPrimary.Id}/virtualEndpoints/{endpoint.Name}"), endpoint.Document);
            Point(moved, newPrimary.Name, oldPrimary.Name);
        }
    }

    private ArmAnswer Put(ArmCall call, Server server, string name, StoredResource? known, int count)
    {
        var body = BodyRules.Check(call.Body(), "postgresql.VirtualEndpoint");
        if (!ArmPath.Same(body.Text("properties.endpointType") ?? "ReadWrite", "ReadWrite")) throw ArmError.InvalidParameter("properties.endpointType", "The endpoint type must be ReadWrite.");
        if (server.IsReplica) throw ArmError.BadRequest("OperationNotAllowed", $"The server '{server.Name}' is a read replica. Virtual endpoints are managed through the primary server.");
        if (!ServerNames.IsValid(name)) throw ArmError.BadRequest("InvalidVirtualEndpointName", $"Specified virtual endpoint name '{name}' is not valid: {ServerNames.Rule}");
        if (known is null && count > 0) throw ArmError.BadRequest("OperationNotAllowed", $"The server '{server.Name}' has a pair of virtual endpoints already.");
        if (known is null && (servers.FindByName(name) is not null || servers.Store.Where(r => ArmPath.Same(r.Type, Type) && ArmPath.Same(r.Name, name)).Count > 0))
            throw new ArmError(409, "VirtualEndpointNameAlreadyExists", $"The virtual endpoint name '{name}' is already used.");
        if (body.At("properties.members") is not JsonArray { Count: 1 } members || (string?)members[0] is not { } member)
            throw ArmError.InvalidParameter("properties.members", "members must hold the name of exactly one server.");
        if (!ArmPath.Same(member, server.Name) && !servers.ReplicasOf(server).Any(r => ArmPath.Same(r.Name, member)))
            throw ArmError.InvalidParameter("properties.members", $"'{member}' is neither the primary server '{server.Name}' nor one of its read replicas.");
        return Begin(call, server, () =>
        {
            var path = ArmPath.Parse($"{server.Id}/virtualEndpoints/{known?.Name ?? name}");
            Point(servers.Store.Put(path, new JsonObject { ["properties"] = new JsonObject { ["endpointType"] = "ReadWrite", ["members"] = new JsonArray(member) } }), server.Name, member);
        });
    }

    private ArmAnswer Begin(ArmCall call, Server server, Action change)
    {
        servers.Enter(server);
        return operations.Start(call, new OperationPlan
        {
            Name = "UpsertVirtualEndpointManagementOperation",
            Namespace = ProviderCatalog.Postgres,
            Location = server.Location,
            Work = _ =>
            {
                change();
                return Task.CompletedTask;
            },
            Ended = _ => servers.Leave(server),
            Result = () => servers.Store.Find(call.Path.Text) is { } made ? Show(made) : null,
        });
    }

    private void Point(StoredResource endpoint, string writer, string reader)
    {
        servers.Store.Change(endpoint.Id, d => d.Child("properties")["members"] = new JsonArray(reader));
        traffic.SetAddress(Name(endpoint, "writer"), IPAddress.Parse(servers.Fleet.AddressOf(writer)));
        traffic.SetAddress(Name(endpoint, "reader"), IPAddress.Parse(servers.Fleet.AddressOf(reader)));
    }

    private void Remove(StoredResource endpoint)
    {
        servers.Store.Remove(endpoint.Id);
        traffic.RemoveAddress(Name(endpoint, "writer"));
        traffic.RemoveAddress(Name(endpoint, "reader"));
    }

    private IReadOnlyList<StoredResource> Of(Server server) =>
        servers.Store.Where(r => ArmPath.Same(r.Type, Type) && r.Id.StartsWith(server.Id + "/", StringComparison.OrdinalIgnoreCase));

    private static string? Member(StoredResource endpoint) => (endpoint.Document.At("properties.members") as JsonArray)?.Select(m => (string?)m).FirstOrDefault();

    private static string Name(StoredResource endpoint, string kind) => $"{endpoint.Name}.{kind}.postgres.database.azure.com";

    private static JsonObject Show(StoredResource endpoint)
    {
        var shown = Json.Identified(endpoint);
        shown["type"] = Type;
        shown.Child("properties")["virtualEndpoints"] = new JsonArray(Name(endpoint, "reader"), Name(endpoint, "writer"));
        return shown;
    }
}
