using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>Resource groups: list with $filter on tags and $top, GET, HEAD, PUT, PATCH of tags, and DELETE of a group with all it holds.</summary>
internal sealed partial class ResourceGroups(string subscription, ResourceStore store, LockStore locks, Operations operations, TimeProvider time)
{
    private readonly Dictionary<string, JsonObject> _groups = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();

    /// <summary>Removes the real part of a resource before its document goes; set by the composition.</summary>
    public Func<StoredResource, CancellationToken, Task> RemoveReal { get; set; } = (_, _) => Task.CompletedTask;

    public JsonObject? Find(string name)
    {
        lock (_gate) return _groups.TryGetValue(name, out var found) ? (JsonObject)found.DeepClone() : null;
    }

    public void Put(string name, string location, JsonObject? tags)
    {
        var document = new JsonObject
        {
            ["id"] = $"/subscriptions/{subscription}/resourceGroups/{name}",
            ["name"] = name,
            ["type"] = "Microsoft.Resources/resourceGroups",
            ["location"] = SandboxLayout.Normalize(location),
        };
        if (tags is { Count: > 0 }) document["tags"] = tags.DeepClone();
        document["properties"] = new JsonObject { ["provisioningState"] = "Succeeded" };
        lock (_gate) _groups[name] = document;
    }

    public bool Change(string name, Action<JsonObject> change)
    {
        lock (_gate)
        {
            if (!_groups.TryGetValue(name, out var found)) return false;
            change(found);
            return true;
        }
    }

    public ArmAnswer Handle(ArmCall call)
    {
        var name = call.Path.Group;
        if (name is null) return call.Method == "GET" ? List(call) : throw ArmError.MethodNotAllowed(call.Method, call.Path);
        var known = Find(name);
        return call.Method switch
        {
            "HEAD" => new ArmAnswer(known is null ? 404 : 204),
            "PUT" => Create(call, name, known),
            _ when known is null => throw ArmError.GroupNotFound(name),
            "GET" => ArmAnswer.Ok(known),
            "PATCH" => Patch(call, name),
            "DELETE" => Delete(call, name, known),
            _ => throw ArmError.MethodNotAllowed(call.Method, call.Path),
        };
    }

    private ArmAnswer List(ArmCall call)
    {
        List<JsonObject> all;
        lock (_gate) all = [.. _groups.Values.OrderBy(g => g.Text("name"), StringComparer.OrdinalIgnoreCase).Select(g => (JsonObject)g.DeepClone())];
        var filter = ResourceFilter.Parse(call.Q("$filter"));
        var now = time.GetUtcNow();
        return ResourceLists.Page(
            call,
            [.. all.Where(g => filter.Matches(new StoredResource
            {
                Id = g.Text("id")!,
                Name = g.Text("name")!,
                Type = "Microsoft.Resources/resourceGroups",
                Group = g.Text("name")!,
                Location = g.Text("location")!,
                Document = g,
                Created = now,
                Changed = now,
            }))],
            g => g);
    }

    private ArmAnswer Create(ArmCall call, string name, JsonObject? known)
    {
        var body = call.Body();
        if (!NameForm().IsMatch(name) || name.EndsWith('.'))
            throw ArmError.BadRequest("InvalidResourceGroupName", $"The provided resource group name '{name}' has these invalid characters or length. The name can only be a letter, digit, '-', '.', '(', ')' or '_', at most 90 long, and not end with '.'.");
        if (body.Text("location") is not { Length: > 0 } location) throw ArmError.BadRequest("LocationRequired", "The location property is required for this definition.");
        if (!Locations.Known(location)) throw ArmError.BadRequest("LocationNotAvailableForResourceGroup", $"The provided location '{location}' is not available for resource group. List of available regions is '{string.Join(",", Locations.All)}'.");
        if (known is not null && known.Text("location") != SandboxLayout.Normalize(location))
            throw new ArmError(409, "InvalidResourceGroupLocation", $"Invalid resource group location '{location}'. The Resource group already exists in location '{known.Text("location")}'.");
        Put(name, location, body["tags"] as JsonObject);
        return new ArmAnswer(known is null ? 201 : 200, Find(name));
    }

    private ArmAnswer Patch(ArmCall call, string name)
    {
        if (call.Body()["tags"] is JsonObject tags) Change(name, g => g["tags"] = tags.DeepClone());
        return ArmAnswer.Ok(Find(name)!);
    }

    private ArmAnswer Delete(ArmCall call, string name, JsonObject known)
    {
        var started = operations.Start(call, new OperationPlan
        {
            Name = "DeleteResourceGroup",
            Namespace = ProviderCatalog.Resources,
            Location = known.Text("location")!,
            Work = async cancellation =>
            {
                foreach (var resource in store.Where(r => ArmPath.Same(r.Group, name) && !r.IsChild))
                {
                    await RemoveReal(resource, cancellation);
                    store.Remove(resource.Id);
                }

                lock (_gate) _groups.Remove(name);
                locks.Forget(known.Text("id")!);
            },
        });
        Change(name, g => g.Child("properties")["provisioningState"] = "Deleting");
        return started with { Body = null };
    }

    [GeneratedRegex(@"^[-\w\._\(\)]{1,90}$")]
    private static partial Regex NameForm();
}
