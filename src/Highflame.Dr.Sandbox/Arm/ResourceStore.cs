using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>One top-level or child resource as a JSON document.</summary>
internal sealed record StoredResource
{
    /// <summary>Id in the casing of its creation.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>For example Microsoft.DBforPostgreSQL/flexibleServers.</summary>
    public required string Type { get; init; }

    public required string Group { get; init; }

    /// <summary>Normalised location; global for what has none.</summary>
    public required string Location { get; init; }

    /// <summary>The document; a reader gets a copy.</summary>
    public required JsonObject Document { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset Changed { get; init; }

    /// <summary>True for children (subnets, agent pools ...), which resource lists leave out.</summary>
    public bool IsChild => Type.Count(c => c == '/') > 1;
}

/// <summary>All resource documents by id, without case. Every read gives copies; <see cref="Change"/> is atomic.</summary>
internal sealed class ResourceStore(TimeProvider time)
{
    private readonly Dictionary<string, StoredResource> _resources = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();

    public StoredResource? Find(string id)
    {
        lock (_gate) return _resources.TryGetValue(id, out var found) ? Copy(found) : null;
    }

    public bool Contains(string id)
    {
        lock (_gate) return _resources.ContainsKey(id);
    }

    /// <summary>In the order of creation, then by name: stable for paging.</summary>
    public IReadOnlyList<StoredResource> Where(Func<StoredResource, bool> filter)
    {
        lock (_gate) return [.. _resources.Values.Where(filter).OrderBy(r => r.Created).ThenBy(r => r.Id, StringComparer.OrdinalIgnoreCase).Select(Copy)];
    }

    /// <summary>Stores a document under its id; the path gives type, group and name, the document location.</summary>
    public StoredResource Put(ArmPath path, JsonObject document)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var known = _resources.GetValueOrDefault(path.Text);
            var stored = new StoredResource
            {
                Id = known?.Id ?? path.Text,
                Name = known?.Name ?? path.Names[^1],
                Type = known?.Type ?? path.FullType,
                Group = path.Group ?? "",
                Location = SandboxLayout.Normalize((string?)document["location"] ?? known?.Location ?? "global"),
                Document = (JsonObject)document.DeepClone(),
                Created = known?.Created ?? now,
                Changed = now,
            };
            _resources[path.Text] = stored;
            return Copy(stored);
        }
    }

    /// <summary>Changes a document in place; false when it is gone.</summary>
    public bool Change(string id, Action<JsonObject> change)
    {
        lock (_gate)
        {
            if (!_resources.TryGetValue(id, out var found)) return false;
            var document = (JsonObject)found.Document.DeepClone();
            change(document);
            _resources[id] = found with { Document = document, Changed = time.GetUtcNow() };
            return true;
        }
    }

    /// <summary>Removes a resource and everything below it.</summary>
    public bool Remove(string id)
    {
        lock (_gate)
        {
            foreach (var child in _resources.Keys.Where(k => k.StartsWith(id + "/", StringComparison.OrdinalIgnoreCase)).ToList()) _resources.Remove(child);
            return _resources.Remove(id);
        }
    }

    private static StoredResource Copy(StoredResource stored) => stored with { Document = (JsonObject)stored.Document.DeepClone() };
}
