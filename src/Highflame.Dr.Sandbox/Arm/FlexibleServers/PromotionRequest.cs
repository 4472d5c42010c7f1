using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm.FlexibleServers;

/// <summary>What a PATCH asks of a replica.</summary>
/// <param name="Switchover">False for a standalone promotion.</param>
/// <param name="Forced">False for a planned promotion, which waits until everything is applied.</param>
internal sealed record PromotionRequest(bool Switchover, bool Forced)
{
    /// <summary>
    /// Reads <c>properties.replica.promoteMode</c> and <c>promoteOption</c>, or the legacy <c>replicationRole: None</c>. Null when the body asks for no promotion.
    /// Throws Azure's refusals for half a request.
    /// </summary>
    public static PromotionRequest? From(Server server, JsonObject body, Behaviour behaviour)
    {
        var (mode, option, role) = (body.Text("properties.replica.promoteMode"), body.Text("properties.replica.promoteOption"), body.Text("properties.replica.role"));
        var legacy = body.Text("properties.replicationRole");
        if (mode is null && option is null)
        {
            if (role is not null && role != server.Role && legacy is null) throw Missing("properties.replica.promoteMode");
            if (legacy is null || legacy == server.Role) return null;
            if (legacy != "None" && legacy != "Primary") throw ArmError.InvalidParameter("properties.replicationRole", $"The replication role of a server cannot be changed to '{legacy}'.");
            RequireReplica(server);
            return new PromotionRequest(Switchover: false, Forced: false);
        }

        if (mode is null) throw Missing("properties.replica.promoteMode");
        if (option is null) throw Missing("properties.replica.promoteOption");
        var switchover = mode == "Switchover";
        if (role is not null && role != (switchover ? "Primary" : "None") && role != server.Role)
            throw ArmError.InvalidParameter("properties.replica.role", $"The role '{role}' does not go with the promote mode '{mode}'.");
        RequireReplica(server);
        if (body.At("properties.administratorLoginPassword") is not null)
            throw ArmError.BadRequest("OperationNotAllowed", "The administrator password cannot be reset in the same request as a promotion.", "properties.administratorLoginPassword");
        var source = body.Text("properties.sourceServerResourceId");
        if (switchover && source is null && ArmPath.Same(behaviour.SwitchoverSource, "Required")) throw Missing("properties.sourceServerResourceId");
        if (source is not null && ArmPath.Same(behaviour.SwitchoverSource, "Unknown"))
            throw new ArmError(400, "InvalidRequestContent", "The request content was invalid and could not be deserialized: 'Could not find member 'sourceServerResourceId' on object 'properties'.'.", "properties.sourceServerResourceId");
        if (source is not null && !ArmPath.Same(source, server.SourceId))
            throw ArmError.InvalidParameter("properties.sourceServerResourceId", $"The server '{server.Name}' is not a read replica of '{source}'.");
        return new PromotionRequest(switchover, option == "Forced");
    }

    private static void RequireReplica(Server server)
    {
        if (!server.IsReplica)
            throw ArmError.BadRequest("OperationNotAllowed", $"The operation cannot be performed: server '{server.Name}' is not a read replica. Its replication role is '{server.Role}'.", "properties.replica");
    }

    private static ArmError Missing(string name) => ArmError.BadRequest("MissingRequiredParameter", $"Parameter '{name}' must be specified. This parameter cannot be NULL or empty.", name);
}
