using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml;

namespace Highflame.Dr.Sandbox.Arm.Deployments;

/// <summary>One step of a deployment: the making of one resource.</summary>
internal sealed class DeploymentOperation(EvaluatedResource resource, DateTimeOffset at)
{
    public string Id { get; } = Convert.ToHexString(ShortHash(resource.Path.Text));

    public EvaluatedResource Resource { get; } = resource;

    /// <summary>Running, Succeeded or Failed.</summary>
    public string State { get; set; } = "Running";

    public string StatusCode { get; set; } = "Accepted";

    public ArmError? Error { get; set; }

    public DateTimeOffset Started { get; } = at;

    public DateTimeOffset Changed { get; set; } = at;

    // The same for the same resource, as Azure's is.
    private static byte[] ShortHash(string path) => SHA256.HashData(Encoding.UTF8.GetBytes(path.ToUpperInvariant()))[..8];
}

/// <summary>A deployment and how it stands. Readers take <see cref="Gate"/>.</summary>
internal sealed class Deployment
{
    public Lock Gate { get; } = new();

    public required ArmPath Path { get; init; }

    public required string Mode { get; init; }

    public required JsonObject Template { get; init; }

    /// <summary>As given, secure ones included: never shown.</summary>
    public required JsonObject Parameters { get; init; }

    public required EvaluatedTemplate Evaluated { get; init; }

    public required DateTimeOffset Started { get; init; }

    public JsonObject? Tags { get; init; }

    public string CorrelationId { get; } = Guid.NewGuid().ToString();

    public string OperationId { get; } = Guid.NewGuid().ToString();

    /// <summary>Ends when the deployment is cancelled.</summary>
    public CancellationTokenSource Cancel { get; } = new();

    /// <summary>Accepted, Running, Succeeded, Failed or Canceled.</summary>
    public string State { get; set; } = "Accepted";

    public DateTimeOffset Changed { get; set; }

    public ArmError? Error { get; set; }

    public JsonObject? Outputs { get; set; }

    public List<DeploymentOperation> Operations { get; } = [];

    public bool IsActive => State is "Accepted" or "Running";

    /// <summary>As GET shows it.</summary>
    public JsonObject ToDocument()
    {
        lock (Gate)
        {
            var properties = new JsonObject
            {
                ["templateHash"] = Hash(),
                ["parameters"] = Shown(),
                ["mode"] = Mode,
                ["provisioningState"] = State,
                ["timestamp"] = Json.Stamp(Changed),
                ["duration"] = XmlConvert.ToString(Changed - Started),
                ["correlationId"] = CorrelationId,
                ["providers"] = Providers(),
                ["dependencies"] = new JsonArray(),
            };
            if (Outputs is not null) properties["outputs"] = Outputs.DeepClone();
            if (State == "Succeeded") properties["outputResources"] = new JsonArray([.. Evaluated.Resources.Select(r => (JsonNode)new JsonObject { ["id"] = r.Path.Text })]);
            if (Error is not null) properties["error"] = Error.ToJson();
            var document = new JsonObject { ["id"] = Path.Text, ["name"] = Path.Names[^1], ["type"] = "Microsoft.Resources/deployments" };
            if (Tags is { Count: > 0 }) document["tags"] = Tags.DeepClone();
            document["properties"] = properties;
            return document;
        }
    }

    /// <summary>The status document of its operation.</summary>
    public JsonObject ToStatus()
    {
        lock (Gate)
        {
            var document = new JsonObject { ["status"] = State };
            if (Error is not null) document["error"] = Error.ToJson();
            return document;
        }
    }

    public JsonObject ToDocument(DeploymentOperation operation)
    {
        lock (Gate)
        {
            var resource = operation.Resource.Path;
            var properties = new JsonObject
            {
                ["provisioningOperation"] = "Create",
                ["provisioningState"] = operation.State,
                ["timestamp"] = Json.Stamp(operation.Changed),
                ["duration"] = XmlConvert.ToString(operation.Changed - operation.Started),
                ["statusCode"] = operation.StatusCode,
                ["targetResource"] = new JsonObject { ["id"] = resource.Text, ["resourceType"] = resource.FullType, ["resourceName"] = string.Join('/', resource.Names) },
            };
            if (operation.Error is not null) properties["statusMessage"] = new JsonObject { ["status"] = "Failed", ["error"] = operation.Error.ToJson() };
            return new JsonObject { ["id"] = $"{Path.Text}/operations/{operation.Id}", ["operationId"] = operation.Id, ["properties"] = properties };
        }
    }

    private string Hash() => BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(Template.ToJsonString(Json.Plain)))).ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Parameters with their types; a secure one without its value.</summary>
    private JsonObject Shown() => new(Parameters.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)(BicepEngine.IsSecure(Template, p.Key)
        ? new JsonObject { ["type"] = "SecureString" }
        : new JsonObject { ["type"] = TypeName(p.Value?["value"]), ["value"] = p.Value?["value"]?.DeepClone() }))));

    private static string TypeName(JsonNode? value) => value?.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.Object => "Object",
        System.Text.Json.JsonValueKind.Array => "Array",
        System.Text.Json.JsonValueKind.Number => "Int",
        System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => "Bool",
        _ => "String",
    };

    private JsonArray Providers() => new([.. Evaluated.Resources.GroupBy(r => r.Path.Namespace, StringComparer.OrdinalIgnoreCase).Select(g => (JsonNode)new JsonObject
    {
        ["namespace"] = g.Key,
        ["resourceTypes"] = new JsonArray([.. g.GroupBy(r => r.Path.TypePath, StringComparer.OrdinalIgnoreCase).Select(t => (JsonNode)new JsonObject
        {
            ["resourceType"] = t.Key,
            ["locations"] = new JsonArray([.. t.Select(r => r.Body.Text("location")).OfType<string>().Distinct().Select(l => (JsonNode)l)]),
        })]),
    })]);
}
