using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Highflame.Dr.Sandbox.Arm.FlexibleServers;

/// <summary>Databases of a server: real ones.</summary>
internal sealed partial class ServerDatabases(ServerTable servers, Operations operations)
{
    private static readonly string[] s_system = ["postgres", "azure_maintenance", "azure_sys", "template0", "template1"];
    private readonly ConcurrentDictionary<string, (string Charset, string Collation)> _created = new(StringComparer.OrdinalIgnoreCase);

    public async Task<ArmAnswer> HandleAsync(ArmCall call)
    {
        var server = servers.Get(call.Path);
        servers.RequireReady(server, "This operation");
        var databases = await servers.Fleet.ListDatabasesAsync(server.Name, call.Aborted);
        if (call.Path.Names.Count < 2) return call.Method == "GET" ? ArmAnswer.List(databases.Select(d => Show(server, d))) : throw ArmError.MethodNotAllowed(call.Method, call.Path);
        var name = call.Path.Names[1];
        var exists = databases.Contains(name);
        return call.Method switch
        {
            "GET" => exists ? ArmAnswer.Ok(Show(server, name)) : throw ArmError.ResourceNotFound(call.Path),
            "PUT" => Put(call, server, name, exists),
            "DELETE" => Delete(call, server, name, exists),
            _ => throw ArmError.MethodNotAllowed(call.Method, call.Path),
        };
    }

    private ArmAnswer Put(ArmCall call, Server server, string name, bool exists)
    {
        var body = BodyRules.Check(call.Body(), "postgresql.Database");
        var (charset, collation) = (body.Text("properties.charset"), body.Text("properties.collation"));
        if (name.Length > 63 || !NameForm().IsMatch(name)) throw ArmError.BadRequest("InvalidDatabaseName", $"Specified database name '{name}' is not valid.", "name");
        if (charset is not null && !CharsetForm().IsMatch(charset)) throw ArmError.InvalidParameter("properties.charset", $"The charset '{charset}' is not valid.");
        if (collation is not null && !CollationForm().IsMatch(collation)) throw ArmError.InvalidParameter("properties.collation", $"The collation '{collation}' is not valid.");
        if (server.IsReplica) throw ArmError.BadRequest("OperationNotAllowed", $"The server '{server.Name}' is a read replica: its databases cannot be changed.");
        return Begin(call, server, "UpsertServerDatabaseManagementOperation", async token =>
        {
            if (exists) return;
            await servers.Fleet.CreateDatabaseAsync(server.Name, name, charset, collation, token);
            _created[$"{server.Id}/{name}"] = (charset ?? "UTF8", collation ?? "en_US.utf8");
        }, () => Show(server, name));
    }

    private ArmAnswer Delete(ArmCall call, Server server, string name, bool exists)
    {
        if (!exists) return new ArmAnswer(204);
        if (s_system.Contains(name)) throw ArmError.BadRequest("OperationNotAllowed", $"The system database '{name}' cannot be deleted.");
        if (server.IsReplica) throw ArmError.BadRequest("OperationNotAllowed", $"The server '{server.Name}' is a read replica: its databases cannot be changed.");
        return Begin(call, server, "DropServerDatabaseManagementOperation", token => servers.Fleet.DropDatabaseAsync(server.Name, name, token), () => null);
    }

    private ArmAnswer Begin(ArmCall call, Server server, string operation, Func<CancellationToken, Task> work, Func<JsonNode?> result)
    {
        servers.Enter(server);
        return operations.Start(call, new OperationPlan
        {
            Name = operation,
            Namespace = ProviderCatalog.Postgres,
            Location = server.Location,
            Work = work,
            Ended = _ => servers.Leave(server),
            Result = result,
        });
    }

    private JsonObject Show(Server server, string name)
    {
        var (charset, collation) = _created.GetValueOrDefault($"{server.Id}/{name}", ("UTF8", "en_US.utf8"));
        return new JsonObject
        {
            ["id"] = $"{server.Id}/databases/{name}",
            ["name"] = name,
            ["type"] = $"{ServerTable.Type}/databases",
            ["properties"] = new JsonObject { ["charset"] = charset, ["collation"] = collation },
        };
    }

    [GeneratedRegex(@"^[a-zA-Z_][-\w]*$")]
    private static partial Regex NameForm();

    [GeneratedRegex(@"^[a-zA-Z]+\w*$")]
    private static partial Regex CharsetForm();

    [GeneratedRegex(@"^[a-zA-Z\-]+([. ]|\w)*$")]
    private static partial Regex CollationForm();
}
