using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>A refusal with Azure's status, code and message.</summary>
internal sealed class ArmError(int status, string code, string message, string? target = null) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public string? Target { get; } = target;

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Further errors of the same request.</summary>
    public IReadOnlyList<ArmError> Details { get; init; } = [];

    /// <summary>True for a service that answers the error without the envelope, as Azure Monitor's metrics do.</summary>
    public bool IsFlat { get; init; }

    /// <summary>The body: <c>{"error":{"code","message","target"?,"details"?}}</c>, or what is inside.</summary>
    public JsonObject ToBody() => IsFlat ? ToJson() : new() { ["error"] = ToJson() };

    public JsonObject ToJson()
    {
        var error = new JsonObject { ["code"] = Code, ["message"] = Message };
        if (Target is not null) error["target"] = Target;
        if (Details.Count > 0) error["details"] = new JsonArray([.. Details.Select(d => (JsonNode)d.ToJson())]);
        return error;
    }

    public static ArmError BadRequest(string code, string message, string? target = null) => new(400, code, message, target);

    public static ArmError InvalidParameter(string name, string message) => new(400, "InvalidParameterValue", message, name);

    public static ArmError SubscriptionNotFound(string id) => new(404, "SubscriptionNotFound", $"The subscription '{id}' could not be found.");

    public static ArmError GroupNotFound(string name) => new(404, "ResourceGroupNotFound", $"Resource group '{name}' could not be found.");

    public static ArmError ResourceNotFound(ArmPath path) => new(
        404, "ResourceNotFound", $"The Resource '{path.Namespace}/{Pairs(path)}' under resource group '{path.Group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix");

    public static ArmError ParentNotFound(ArmPath path) => new(
        404, "ParentResourceNotFound", $"Failed to perform 'read' on resource(s) of type '{path.TypePath}', because the parent resource '{path.TopResourceId}' could not be found.");

    public static ArmError MethodNotAllowed(string method, ArmPath path) => new(
        405, "MethodNotAllowed", $"The request with method '{method}' is not supported for '{path.Text}'.") { Headers = new Dictionary<string, string> { ["Allow"] = "GET" } };

    public static ArmError Conflict(string message) => new(409, "Conflict", message);

    public static ArmError ServerIsBusy(string server) => new(409, "ServerIsBusy", $"Cannot complete operation while server '{server}' is busy processing another operation. Try again later.");

    private static string Pairs(ArmPath path) => string.Join('/', path.Types.Select((t, i) => i < path.Names.Count ? $"{t}/{path.Names[i]}" : t));
}
