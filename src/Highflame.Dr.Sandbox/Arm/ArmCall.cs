using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Identity;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>One ARM request after its envelope was checked.</summary>
internal sealed record ArmCall
{
    public required string Method { get; init; }

    public required ArmPath Path { get; init; }

    public required string ApiVersion { get; init; }

    /// <summary>Query values by name, without case.</summary>
    public required IReadOnlyDictionary<string, string> Query { get; init; }

    public required Principal Principal { get; init; }

    /// <summary>Scheme and authority, for absolute links in answers.</summary>
    public required string BaseUri { get; init; }

    /// <summary>The body as it came; empty when there was none.</summary>
    public string Content { get; init; } = "";

    public CancellationToken Aborted { get; init; }

    public string? Q(string name) => Query.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>The body as a JSON object. Throws Azure's InvalidRequestContent when it is none.</summary>
    public JsonObject Body()
    {
        try
        {
            if (JsonNode.Parse(Content, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) is JsonObject body) return body;
        }
        catch (JsonException error)
        {
            throw new ArmError(400, "InvalidRequestContent", $"The request content was invalid and could not be deserialized: '{error.Message}'.");
        }

        throw new ArmError(400, "InvalidRequestContent", "The request content was invalid and could not be deserialized: 'A JSON object is expected.'.");
    }

    public JsonObject? OptionalBody() => string.IsNullOrWhiteSpace(Content) ? null : Body();
}

/// <summary>What a call is answered with.</summary>
internal sealed record ArmAnswer(int Status, JsonNode? Body = null)
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The operation that a 202 began; null for an answer that is final.</summary>
    public Operation? Operation { get; init; }

    public static ArmAnswer Ok(JsonNode body) => new(200, body);

    public static ArmAnswer List(IEnumerable<JsonNode> items) => new(200, new JsonObject { ["value"] = new JsonArray([.. items]) });
}

/// <summary>Answers the calls to the types it knows.</summary>
internal interface IResourceProvider
{
    /// <summary>Provider namespace, for example Microsoft.DBforPostgreSQL.</summary>
    string Namespace { get; }

    /// <summary>True when this provider answers for the type; the first provider that says so gets the call.</summary>
    bool Answers(ArmPath path);

    Task<ArmAnswer> HandleAsync(ArmCall call);
}
