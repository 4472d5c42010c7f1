using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>Microsoft.Compute as far as node pools need it: sizes of virtual machines, and the cores that the pools of a location use of their quota.</summary>
internal sealed partial class ComputeCatalog(ResourceStore store, Settings settings) : IResourceProvider
{
    private static readonly (string Name, string Family, int Cores, int MemoryGb)[] s_sizes =
    [
        ("Standard_D2as_v6", "standardDav6Family", 2, 8), ("Standard_D4as_v6", "standardDav6Family", 4, 16), ("Standard_D8as_v6", "standardDav6Family", 8, 32), ("Standard_D16as_v6", "standardDav6Family", 16, 64),
        ("Standard_D2s_v6", "StandardDsv6Family", 2, 8), ("Standard_D4s_v6", "StandardDsv6Family", 4, 16), ("Standard_D8s_v6", "StandardDsv6Family", 8, 32),
        ("Standard_D4as_v5", "standardDASv5Family", 4, 16), ("Standard_D8as_v5", "standardDASv5Family", 8, 32),
        ("Standard_D4s_v5", "standardDSv5Family", 4, 16), ("Standard_D8s_v5", "standardDSv5Family", 8, 32), ("Standard_E4s_v5", "standardESv5Family", 4, 32),
    ];

    public string Namespace => ProviderCatalog.Compute;

    public bool Answers(ArmPath path) => ArmPath.Same(path.Namespace, Namespace);

    public Task<ArmAnswer> HandleAsync(ArmCall call) => Task.FromResult((call.Method, call.Path.TypePath.ToLowerInvariant()) switch
    {
        ("GET", "locations/usages") => ArmAnswer.List(Usages(call.Path.Names[0])),
        ("GET", "skus") => ArmAnswer.List(Skus(call.Q("$filter"))),
        _ => throw ArmError.MethodNotAllowed(call.Method, call.Path),
    });

    /// <summary>Refuses a pool that would use more cores than the quota has, with AKS's own code.</summary>
    public void CheckQuota(StoredResource cluster, string pool, JsonObject body)
    {
        if (Size(body.Text("properties.vmSize")) is not { Cores: > 0 } size || body.Text("properties.powerState.code") == "Stopped") return;
        var nodes = body.Whole("properties.count") ?? 0;
        var own = Pools(cluster).FirstOrDefault(p => ArmPath.Same(p.Text("name"), pool));
        var more = (nodes - NodesOf(own)) * size.Cores;
        if (more <= 0) return;
        var limit = settings.Behaviour.CoreQuota;
        foreach (var (name, used) in ((string, long)[])[(size.Family, Used(cluster.Location, size.Family)), ("cores", Used(cluster.Location, null))])
        {
            if (used + more > limit)
                throw ArmError.BadRequest("ErrCode_InsufficientVCPUQuota", string.Create(CultureInfo.InvariantCulture, $"Insufficient vcpu quota requested {more}, remaining {Math.Max(0, limit - used)} for family {name} for region {cluster.Location}. See https://aka.ms/aks/quota-increase-requests"));
        }
    }

    private IEnumerable<JsonObject> Usages(string location)
    {
        if (!Locations.Known(location)) throw ArmError.BadRequest("NoRegisteredProviderFound", $"No registered resource provider found for location '{location}'.");
        yield return Usage("cores", "Total Regional vCPUs", Used(location, null));
        foreach (var family in s_sizes.Select(s => s.Family).Distinct()) yield return Usage(family, $"{family} vCPUs", Used(location, family));
    }

    private JsonObject Usage(string name, string words, long used) => new()
    {
        ["unit"] = "Count",
        ["currentValue"] = used,
        ["limit"] = settings.Behaviour.CoreQuota,
        ["name"] = new JsonObject { ["value"] = name, ["localizedValue"] = words },
    };

    private IEnumerable<JsonObject> Skus(string? filter)
    {
        if (filter is not null && !Filter().IsMatch(filter)) throw ArmError.BadRequest("InvalidParameter", "The filter is not supported. Only location eq '...' is.", "$filter");
        var only = filter is null ? null : SandboxLayout.Normalize(Filter().Match(filter).Groups[1].Value);
        foreach (var location in Locations.All.Where(l => only is null || l == only))
        {
            foreach (var size in s_sizes.Where(s => settings.Behaviour.Offers(location, s.Family)))
            {
                static JsonNode Capability(string name, string value) => new JsonObject { ["name"] = name, ["value"] = value };
                yield return new JsonObject
                {
                    ["resourceType"] = "virtualMachines",
                    ["name"] = size.Name,
                    ["tier"] = "Standard",
                    ["size"] = size.Name[(size.Name.IndexOf('_', StringComparison.Ordinal) + 1)..],
                    ["family"] = size.Family,
                    ["locations"] = new JsonArray(location),
                    ["locationInfo"] = new JsonArray(new JsonObject { ["location"] = location, ["zones"] = new JsonArray("1", "2", "3"), ["zoneDetails"] = new JsonArray() }),
                    ["capabilities"] = new JsonArray(Capability("vCPUs", size.Cores.ToString(CultureInfo.InvariantCulture)), Capability("MemoryGB", size.MemoryGb.ToString(CultureInfo.InvariantCulture))),
                    ["restrictions"] = Restrictions(location, size.Name),
                };
            }
        }
    }

    /// <summary>What behaviour.json keeps from the subscription: the size, or its zones.</summary>
    private JsonArray Restrictions(string location, string size)
    {
        var zonesOnly = settings.Behaviour.Offers(location, size);
        if (zonesOnly && settings.Behaviour.Offers(location, $"{size}/zones")) return [];
        var info = new JsonObject { ["locations"] = new JsonArray(location) };
        if (zonesOnly) info["zones"] = new JsonArray("1", "2", "3");
        return [new JsonObject { ["type"] = zonesOnly ? "Zone" : "Location", ["values"] = new JsonArray(location), ["restrictionInfo"] = info, ["reasonCode"] = "NotAvailableForSubscription" }];
    }

    /// <summary>Cores of the location's pools that run, of one family or of all.</summary>
    private long Used(string location, string? family) =>
        store.Where(r => r.Type.EndsWith("/managedClusters", StringComparison.OrdinalIgnoreCase) && r.Location == SandboxLayout.Normalize(location) && r.Document.Text("properties.powerState.code") != "Stopped")
            .SelectMany(Pools)
            .Sum(p => Size(p.Text("vmSize")) is { Cores: > 0 } size && (family is null || family == size.Family) ? NodesOf(p) * size.Cores : 0);

    private static IEnumerable<JsonObject> Pools(StoredResource cluster) => (cluster.Document.At("properties.agentPoolProfiles") as JsonArray ?? []).OfType<JsonObject>();

    private static long NodesOf(JsonObject? pool) => pool is null || pool.Text("powerState.code") == "Stopped" ? 0 : pool.Whole("count") ?? 0;

    private static (string Name, string Family, int Cores, int MemoryGb) Size(string? name) => Array.Find(s_sizes, s => ArmPath.Same(s.Name, name));

    [GeneratedRegex("^location eq '([^']+)'$", RegexOptions.IgnoreCase)]
    private static partial Regex Filter();
}
