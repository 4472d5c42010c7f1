using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Highflame.Dr.Sandbox.Arm.FlexibleServers;

/// <summary>Rules of server names, which virtual endpoints share: 3 to 63 letters, digits and single hyphens, unique in the whole of Azure.</summary>
internal sealed partial class ServerNames(ServerTable servers, ResourceStore store)
{
    public static bool IsValid(string? name) => name is { Length: >= 3 and <= 63 } && Form().IsMatch(name);

    public bool IsTaken(string name) =>
        servers.FindByName(name) is not null || store.Where(r => ArmPath.Same(r.Type, VirtualEndpoints.Type) && ArmPath.Same(r.Name, name)).Count > 0;

    public ArmAnswer Check(ArmCall call)
    {
        var body = BodyRules.Check(call.Body(), "postgresql.CheckNameAvailabilityRequest");
        var (name, type) = (body.Text("name"), body.Text("type"));
        if (name is null) throw ArmError.BadRequest("MissingRequiredParameter", "Parameter 'name' must be specified. This parameter cannot be NULL or empty.", "name");
        if (type is not null && !ArmPath.Same(type, ServerTable.Type) && !ArmPath.Same(type, VirtualEndpoints.Type))
            throw ArmError.InvalidParameter("type", $"Invalid value '{type}' given for parameter type. Specify a valid parameter value.");
        var answer = new JsonObject { ["name"] = name, ["type"] = type ?? ServerTable.Type };
        var (reason, message) = !IsValid(name) ? ("Invalid", $"Specified server name is not valid: {Rule}") : IsTaken(name) ? ("AlreadyExists", "Specified server name is already used.") : (null, "");
        answer["message"] = message;
        answer["nameAvailable"] = reason is null;
        if (reason is not null) answer["reason"] = reason;
        return ArmAnswer.Ok(answer);
    }

    /// <summary>What the private DNS zones of servers end with.</summary>
    public const string PrivateZoneSuffix = "postgres.database.azure.com";

    public const string Rule = "a name has 3 to 63 letters, digits and single hyphens, and neither begins nor ends with a hyphen.";

    [GeneratedRegex("^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$")]
    private static partial Regex Form();
}
