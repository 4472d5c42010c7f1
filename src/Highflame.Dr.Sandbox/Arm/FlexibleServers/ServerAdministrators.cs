namespace Highflame.Dr.Sandbox.Arm.FlexibleServers;

/// <summary>Microsoft Entra administrators as documents: nobody signs in to the real clusters with a token.</summary>
internal sealed class ServerAdministrators(ServerTable servers, Operations operations, Settings settings)
{
    public const string Type = ServerTable.Type + "/administrators";

    public ArmAnswer Handle(ArmCall call)
    {
        var server = servers.Get(call.Path);
        if (call.Path.Names.Count < 2)
        {
            if (call.Method != "GET") throw ArmError.MethodNotAllowed(call.Method, call.Path);
            return ArmAnswer.List(servers.Store.Where(r => ArmPath.Same(r.Type, Type) && r.Id.StartsWith(server.Id + "/", StringComparison.OrdinalIgnoreCase)).Select(Json.Identified));
        }

        var known = servers.Store.Find(call.Path.Text);
        switch (call.Method)
        {
            case "GET":
                return known is null ? throw ArmError.ResourceNotFound(call.Path) : ArmAnswer.Ok(Json.Identified(known));
            case "DELETE":
                return known is null ? new ArmAnswer(204) : Begin(call, server, () => servers.Store.Remove(call.Path.Text));
            case "PUT":
                var body = call.Body();
                if (!Guid.TryParse(call.Path.Names[1], out _)) throw ArmError.InvalidParameter("objectId", $"'{call.Path.Names[1]}' is not the object id of a principal.");
                if (body.Text("properties.principalType") is not ("User" or "Group" or "ServicePrincipal" or "Unknown")) throw ArmError.InvalidParameter("properties.principalType", "The principal type must be User, Group or ServicePrincipal.");
                if (string.IsNullOrEmpty(body.Text("properties.principalName"))) throw ArmError.InvalidParameter("properties.principalName", "The principal name must be specified.");
                if (server.Document.Text("properties.authConfig.activeDirectoryAuth") != "Enabled")
                    throw ArmError.BadRequest("AadAuthOperationCannotBePerformedWhenServerIsNotAccessible", $"Microsoft Entra authentication is not enabled on server '{server.Name}'.");
                if (server.IsReplica) throw ArmError.BadRequest("OperationNotAllowed", "Administrators are not changed on read replicas.");
                body.Child("properties")["objectId"] = call.Path.Names[1];
                return Begin(call, server, () => servers.Store.Put(call.Path, body));
            default:
                throw ArmError.MethodNotAllowed(call.Method, call.Path);
        }
    }

    private ArmAnswer Begin(ArmCall call, Server server, Action change)
    {
        servers.Enter(server);
        return operations.Start(call, new OperationPlan
        {
            Name = "UpsertServerAdministratorManagementOperation",
            Namespace = ProviderCatalog.Postgres,
            Location = server.Location,
            Duration = settings.Duration(d => d.ParameterChange),
            Work = _ =>
            {
                change();
                return Task.CompletedTask;
            },
            Ended = _ => servers.Leave(server),
            Result = () => servers.Store.Find(call.Path.Text) is { } rule ? Json.Identified(rule) : null,
        });
    }
}
