using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>Management locks by scope. CanNotDelete forbids DELETE of its scope, of what lies below and of what contains it; ReadOnly forbids every change.</summary>
internal sealed class LockStore : IResourceProvider
{
    private readonly Dictionary<string, SortedDictionary<string, JsonObject>> _locks = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();

    public string Namespace => ProviderCatalog.Authorization;

    public bool Answers(ArmPath path) => path.Is(ProviderCatalog.Authorization, "locks");

    public void Add(string scope, string name, string level, string? notes, JsonNode? owners = null)
    {
        var properties = new JsonObject { ["level"] = level };
        if (notes is not null) properties["notes"] = notes;
        if (owners is not null) properties["owners"] = owners.DeepClone();
        var document = new JsonObject
        {
            ["id"] = $"{scope}/providers/Microsoft.Authorization/locks/{name}",
            ["name"] = name,
            ["type"] = "Microsoft.Authorization/locks",
            ["properties"] = properties,
        };
        lock (_gate)
        {
            if (!_locks.TryGetValue(scope, out var here)) _locks[scope] = here = new SortedDictionary<string, JsonObject>(StringComparer.OrdinalIgnoreCase);
            here[name] = document;
        }
    }

    /// <summary>Throws ScopeLocked (409) when a lock forbids the method at the path.</summary>
    public void Check(string method, ArmPath path)
    {
        if (Answers(path) || method is "GET" or "HEAD") return;
        var delete = method == "DELETE";
        lock (_gate)
        {
            var blocking = _locks
                .Where(s => Covers(s.Key, path.Text) || (delete && Covers(path.Text, s.Key)))
                .Where(s => s.Value.Values.Any(l => Level(l) == "ReadOnly" || (delete && Level(l) == "CanNotDelete")))
                .Select(s => s.Key)
                .ToList();
            if (blocking.Count == 0) return;
            var verb = delete ? "delete" : "write";
            throw new ArmError(
                409, "ScopeLocked", $"The scope '{path.Text}' cannot perform {verb} operation because following scope(s) are locked: '{string.Join("', '", blocking)}'. Please remove the lock and try again.");
        }
    }

    /// <summary>A deleted resource takes its locks along.</summary>
    public void Forget(string scope)
    {
        lock (_gate)
        {
            foreach (var key in _locks.Keys.Where(k => Covers(scope, k)).ToList()) _locks.Remove(key);
        }
    }

    public Task<ArmAnswer> HandleAsync(ArmCall call)
    {
        var (scope, name) = (call.Path.Scope, call.Path.Names.Count > 0 ? call.Path.Names[0] : null);
        return Task.FromResult((call.Method, name) switch
        {
            ("GET", null) => List(scope),
            ("GET", _) => Find(scope, name) is { } found ? ArmAnswer.Ok(found) : throw NotFound(name),
            ("PUT", not null) => Put(call, scope, name),
            ("DELETE", not null) => Remove(scope, name),
            _ => throw ArmError.MethodNotAllowed(call.Method, call.Path),
        });
    }

    /// <summary>Locks at the scope and below it, as Azure lists them.</summary>
    private ArmAnswer List(string scope)
    {
        lock (_gate)
        {
            return ArmAnswer.List(_locks.Where(s => Covers(scope, s.Key)).OrderBy(s => s.Key, StringComparer.OrdinalIgnoreCase).SelectMany(s => s.Value.Values).Select(l => l.DeepClone()));
        }
    }

    private JsonObject? Find(string scope, string name)
    {
        lock (_gate) return _locks.TryGetValue(scope, out var here) && here.TryGetValue(name, out var found) ? (JsonObject)found.DeepClone() : null;
    }

    private ArmAnswer Put(ArmCall call, string scope, string name)
    {
        var body = call.Body();
        var level = body.Text("properties.level");
        if (level is not ("CanNotDelete" or "ReadOnly"))
            throw ArmError.BadRequest("LockLevelInvalid", $"The lock level '{level}' is not valid. Allowed values are 'CanNotDelete', 'ReadOnly'.", "properties.level");
        var known = Find(scope, name) is not null;
        Add(scope, name, level, body.Text("properties.notes"), body["properties"]?["owners"]);
        return new ArmAnswer(known ? 200 : 201, Find(scope, name));
    }

    private ArmAnswer Remove(string scope, string name)
    {
        lock (_gate) return new ArmAnswer(_locks.TryGetValue(scope, out var here) && here.Remove(name) ? 200 : 204);
    }

    private static string? Level(JsonObject document) => document.Text("properties.level");

    private static ArmError NotFound(string name) => new(404, "LockNotFound", $"The lock '{name}' could not be found.");

    /// <summary>True when the scope is the path or contains it.</summary>
    private static bool Covers(string scope, string path) =>
        path.StartsWith(scope, StringComparison.OrdinalIgnoreCase) && (path.Length == scope.Length || path[scope.Length] == '/');
}
