using System.Buffers;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>Microsoft.Resources/tags/default at a group or a resource: GET, PATCH with Merge, Replace or Delete, PUT, DELETE. Tag names have no case, values do.</summary>
internal sealed class TagsProvider(ResourceStore store, ResourceGroups groups) : IResourceProvider
{
    private static readonly SearchValues<char> s_forbidden = SearchValues.Create("<>%&\\?/");

    public string Namespace => ProviderCatalog.Resources;

    public bool Answers(ArmPath path) => path.Is(ProviderCatalog.Resources, "tags");

    public Task<ArmAnswer> HandleAsync(ArmCall call)
    {
        if (call.Path.Names is not [var name] || !ArmPath.Same(name, "default")) throw ArmError.BadRequest("InvalidTagsResourceName", "The tags resource must be named 'default'.");
        var scope = ArmPath.Parse(call.Path.Scope);
        switch (call.Method)
        {
            case "GET":
                break;
            case "PUT":
                Change(scope, _ => Given(call));
                break;
            case "PATCH":
                Patch(call, scope);
                break;
            case "DELETE":
                Change(scope, _ => []);
                return Task.FromResult(new ArmAnswer(200));
            default:
                throw ArmError.MethodNotAllowed(call.Method, call.Path);
        }

        return Task.FromResult(ArmAnswer.Ok(new JsonObject
        {
            ["id"] = $"{call.Path.Scope}/providers/Microsoft.Resources/tags/default",
            ["name"] = "default",
            ["type"] = "Microsoft.Resources/tags",
            ["properties"] = new JsonObject { ["tags"] = Read(scope) },
        }));
    }

    private void Patch(ArmCall call, ArmPath scope)
    {
        var given = Given(call);
        var operation = call.Body().Text("operation");
        Func<JsonObject, JsonObject> change = operation?.ToLowerInvariant() switch
        {
            "merge" => known =>
            {
                Json.Merge(known, given);
                return known;
            },
            "replace" => _ => given,
            "delete" => known =>
            {
                foreach (var (name, value) in given)
                {
                    var key = known.Select(p => p.Key).FirstOrDefault(k => ArmPath.Same(k, name));
                    if (key is not null && (value is null || (string?)value is "" || (string?)value == (string?)known[key])) known.Remove(key);
                }

                return known;
            },
            _ => throw ArmError.BadRequest("InvalidRequestContent", $"The tags operation '{operation}' is not valid. Allowed values are 'Merge', 'Replace', 'Delete'.", "operation"),
        };
        Change(scope, change);
    }

    private JsonObject Read(ArmPath scope) => (JsonObject)((Document(scope)["tags"] as JsonObject)?.DeepClone() ?? new JsonObject());

    private JsonObject Document(ArmPath scope) =>
        scope.Namespace is null && scope.Group is { } group
            ? groups.Find(group) ?? throw ArmError.GroupNotFound(group)
            : store.Find(scope.Text)?.Document ?? throw ArmError.ResourceNotFound(scope);

    private void Change(ArmPath scope, Func<JsonObject, JsonObject> change)
    {
        var tags = change(Read(scope));
        if (tags.Count > 50) throw ArmError.BadRequest("InvalidTagCount", $"The number of tags specified ({tags.Count}) is more than the 50 that are allowed.");
        void Set(JsonObject document)
        {
            if (tags.Count == 0) document.Remove("tags");
            else document["tags"] = tags.DeepClone();
        }

        _ = scope.Namespace is null ? groups.Change(scope.Group!, Set) : store.Change(scope.Text, Set);
    }

    private static JsonObject Given(ArmCall call)
    {
        if (call.Body().At("properties.tags") is not JsonObject tags) throw ArmError.BadRequest("InvalidRequestContent", "The request content is missing 'properties.tags'.", "properties.tags");
        foreach (var (name, value) in tags)
        {
            if (name.Length is 0 or > 512 || name.AsSpan().ContainsAny(s_forbidden)) throw ArmError.BadRequest("InvalidTagName", $"The tag name '{name}' is not valid.", name);
            if (value is not null && (value is not JsonValue text || !text.TryGetValue(out string? content) || content.Length > 256))
                throw ArmError.BadRequest("InvalidTagValue", $"The value of tag '{name}' must be a string of at most 256 characters.", name);
        }

        return (JsonObject)tags.DeepClone();
    }
}
