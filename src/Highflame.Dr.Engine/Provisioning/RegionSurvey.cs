using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Provisioning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>What is there of a region, as far as a deployment must know it.</summary>
internal sealed record RegionObservation
{
    public required bool LocationKnown { get; init; }

    public required bool GroupExists { get; init; }

    /// <summary>Ids of the group's top resources.</summary>
    public required HashSet<string> Resources { get; init; }

    /// <summary>Tags that every resource of the group has with the same value.</summary>
    public required Dictionary<string, string> CommonTags { get; init; }

    /// <summary>The database server of the region; null when it has none.</summary>
    public DbServer? Server { get; init; }

    /// <summary>The primary of the other region; null when it has none.</summary>
    public DbServer? OtherPrimary { get; init; }

    /// <summary>Names of the databases of <see cref="Server"/>, when it is a primary.</summary>
    public string[] Databases { get; init; } = [];

    /// <summary>Names of the secrets in the database vault.</summary>
    public string[] Secrets { get; init; } = [];

    /// <summary>Nodes of the pools that are there.</summary>
    public required Dictionary<string, int> PoolCounts { get; init; }

    public required bool ProfileExists { get; init; }

    /// <summary>Deployments that run now, by name.</summary>
    public string[] Running { get; init; } = [];
}

/// <summary>Reads what is there of a region. A group that does not exist is an answer, not an error.</summary>
internal sealed class RegionSurvey(AzureConnection connection, IInventory inventory)
{
    public async Task<RegionObservation> TakeAsync(RegionRequest request, RegionEnvironment environment, string[] deployments, CancellationToken cancellationToken)
    {
        var (arm, pair) = (connection.Arm, request.Pair);
        var subscription = $"/subscriptions/{pair.SubscriptionId}";
        var group = $"{subscription}/resourceGroups/{environment.ResourceGroup}";
        var locations = arm.ListAsync($"{subscription}/locations", ApiVersions.Subscriptions, cancellationToken);
        var exists = await arm.TryGetAsync(group, ApiVersions.Resources, cancellationToken).ConfigureAwait(false) is not null;
        IReadOnlyList<JsonElement> resources = exists ? await arm.ListAsync($"{group}/resources", ApiVersions.Resources, cancellationToken).ConfigureAwait(false) : [];
        var ids = resources.Select(r => Text(r, "id")).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        var region = pair.FindRegion(request.Location)!;
        var server = await ServerAsync(pair, region, environment, cancellationToken).ConfigureAwait(false);
        var other = server is null ? await OtherPrimaryAsync(pair, region, cancellationToken).ConfigureAwait(false) : null;
        var cluster = $"{group}/providers/Microsoft.ContainerService/managedClusters/{environment.Prefix}-aks";
        var vault = $"{group}/providers/Microsoft.KeyVault/vaults/{environment.DatabaseVault}";
        var running = new List<string>();
        foreach (var name in exists ? deployments : [])
        {
            var deployment = await arm.TryGetAsync($"{group}/providers/Microsoft.Resources/deployments/{name}", ApiVersions.Deployments, cancellationToken).ConfigureAwait(false);
            if (deployment is { } d && Text(Part(d, "properties"), "provisioningState") is "Accepted" or "Running" or "Creating" or "Updating") running.Add(name);
        }

        return new()
        {
            LocationKnown = (await locations.ConfigureAwait(false)).Any(l => AzureLocation.Same(Text(l, "name"), request.Location)),
            GroupExists = exists,
            Resources = ids,
            CommonTags = Common(resources),
            Server = server,
            OtherPrimary = other,
            Databases = server?.Role == DbRole.Primary ? await DatabasesAsync(server, environment, running.Count > 0, cancellationToken).ConfigureAwait(false) : [],
            Secrets = ids.Contains(vault) ? await NamesAsync($"{vault}/secrets", ApiVersions.Vaults, cancellationToken).ConfigureAwait(false) : [],
            PoolCounts = ids.Contains(cluster) ? await PoolsAsync(cluster, cancellationToken).ConfigureAwait(false) : [],
            ProfileExists = await arm.TryGetAsync(pair.Traffic.ProfileId, ApiVersions.TrafficManager, cancellationToken).ConfigureAwait(false) is not null,
            Running = [.. running],
        };
    }

    private async Task<DbServer?> ServerAsync(RegionPair pair, PairRegion region, RegionEnvironment environment, CancellationToken cancellationToken)
    {
        var servers = (await ServersAsync(pair, region, cancellationToken).ConfigureAwait(false)).Where(s => AzureLocation.Same(s.Location, region.Location)).ToArray();
        // A region that was failed over and rebuilt has its server under another name, and perhaps the old one beside it.
        return servers.FirstOrDefault(s => s.Role == DbRole.Primary && s.State == "Ready") ?? servers.FirstOrDefault(s => s.Role == DbRole.Replica)
            ?? servers.FirstOrDefault(s => s.Name.Equals(environment.DatabaseServer, StringComparison.OrdinalIgnoreCase)) ?? servers.FirstOrDefault();
    }

    private async Task<DbServer?> OtherPrimaryAsync(RegionPair pair, PairRegion region, CancellationToken cancellationToken) =>
        (await ServersAsync(pair, pair.OtherThan(region), cancellationToken).ConfigureAwait(false)).FirstOrDefault(s => s.Role == DbRole.Primary);

    private async Task<IReadOnlyList<DbServer>> ServersAsync(RegionPair pair, PairRegion region, CancellationToken cancellationToken) =>
        await connection.Arm.TryGetAsync($"/subscriptions/{pair.SubscriptionId}/resourceGroups/{region.ResourceGroup}", ApiVersions.Resources, cancellationToken).ConfigureAwait(false) is null
            ? []
            : await inventory.GetServersAsync(new DbServerQuery(ResourceGroup: region.ResourceGroup), cancellationToken).ConfigureAwait(false);

    // A server that is being made or changed does not tell; its database is then left to whoever works on it.
    private async Task<string[]> DatabasesAsync(DbServer server, RegionEnvironment environment, bool running, CancellationToken cancellationToken)
    {
        string[] untold = [environment.Database];
        if (running || server.State != "Ready") return untold;
        try
        {
            return await NamesAsync($"{server.ResourceId}/databases", ApiVersions.FlexibleServers, cancellationToken).ConfigureAwait(false);
        }
        catch (DrException busy) when (busy.ErrorId == "HfServerBusy")
        {
            return untold;
        }
    }

    private async Task<string[]> NamesAsync(string path, string version, CancellationToken cancellationToken) =>
        [.. (await connection.Arm.ListAsync(path, version, cancellationToken).ConfigureAwait(false)).Select(s => Text(s, "name")).OfType<string>().Select(n => n.Split('/')[^1])];

    private async Task<Dictionary<string, int>> PoolsAsync(string cluster, CancellationToken cancellationToken)
    {
        var document = await connection.Arm.GetAsync(cluster, ApiVersions.Clusters, cancellationToken).ConfigureAwait(false);
        var pools = Part(Part(document, "properties"), "agentPoolProfiles");
        return pools.ValueKind != JsonValueKind.Array ? [] : pools.EnumerateArray()
            .Where(p => Text(p, "name") is not null && p.TryGetProperty("count", out var count) && count.TryGetInt32(out _))
            .ToDictionary(p => Text(p, "name")!, p => p.GetProperty("count").GetInt32(), StringComparer.OrdinalIgnoreCase);
    }

    private static Dictionary<string, string> Common(IReadOnlyList<JsonElement> resources)
    {
        Dictionary<string, string>? common = null;
        foreach (var resource in resources)
        {
            var tags = Part(resource, "tags") is { ValueKind: JsonValueKind.Object } given
                ? given.EnumerateObject().ToDictionary(t => t.Name, t => t.Value.ToString(), StringComparer.Ordinal)
                : [];
            common = common is null ? tags : common.Where(t => tags.TryGetValue(t.Key, out var value) && value == t.Value).ToDictionary(t => t.Key, t => t.Value, StringComparer.Ordinal);
        }

        return common ?? [];
    }

    internal static JsonElement Part(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var part) ? part : default;

    internal static string? Text(JsonElement element, string name) => Part(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
