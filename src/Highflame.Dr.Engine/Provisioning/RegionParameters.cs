using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>A template's parameters from the pair file and from what is there. A parameter that the template does not declare is left out.</summary>
internal static class RegionParameters
{
    /// <summary>Parameters that carry a secret and are put in when the deployment is sent.</summary>
    public static readonly string[] Secure = ["administratorLogin", "administratorPassword"];

    public static JsonObject Region(JsonObject template, RegionPair pair, RegionEnvironment environment, RegionObservation seen, IReadOnlyDictionary<string, string> tags)
    {
        var gateway = $"/subscriptions/{pair.SubscriptionId}/resourceGroups/{environment.ResourceGroup}/providers/Microsoft.Network/applicationGateways/{environment.Prefix}-aks-appgw";
        var values = new JsonObject
        {
            ["location"] = environment.Location,
            ["prefix"] = environment.Prefix,
            ["tags"] = Json(tags),
            ["addressSpace"] = environment.AddressSpace,
            ["denyOutbound"] = environment.DenyOutbound,
            ["natAddresses"] = environment.NatAddresses,
            ["certificateVault"] = environment.CertificateVault,
            ["databaseVault"] = environment.DatabaseVault,
            ["kubernetesVersion"] = environment.KubernetesVersion,
            ["clusterTier"] = environment.ClusterTier,
            ["serviceCidr"] = environment.ServiceCidr,
            ["dnsServiceIP"] = environment.DnsServiceIP,
            ["authorizedIPRanges"] = Json(environment.AuthorizedIPRanges),
            ["nodePools"] = new JsonArray([.. environment.Pools.Select(p => (JsonNode)Pool(p, seen))]),
            ["logAnalyticsWorkspaceId"] = environment.LogAnalyticsWorkspaceId,
            ["keepGateway"] = seen.Resources.Contains(gateway),
            ["gatewayMinCapacity"] = environment.GatewayMinCapacity,
            ["gatewayMaxCapacity"] = environment.GatewayMaxCapacity,
            ["gatewayDnsLabel"] = environment.GatewayDnsLabel,
            ["hostName"] = pair.Health.HostName ?? "",
            ["probePath"] = pair.Health.Path,
            ["httpsPort"] = pair.Health.Port,
            ["certificateName"] = environment.Certificate,
            ["redisSku"] = environment.RedisSku,
            ["redisCapacity"] = environment.RedisCapacity,
            ["database"] = Database(environment, seen),
            ["createDatabase"] = seen.Server is null
                ? seen.OtherPrimary is null
                : seen.Server.Role == DbRole.Primary && !seen.Databases.Contains(environment.Database, StringComparer.Ordinal),
            ["customerManagedKey"] = environment.CustomerManagedKey,
            ["keepSecrets"] = Json(seen.Secrets.Order(StringComparer.Ordinal)),
        };
        return Declared(template, values);
    }

    public static JsonObject Global(JsonObject template, RegionPair pair, PairRegion region, IReadOnlyDictionary<string, string> tags)
    {
        var profile = pair.Traffic.ProfileId.Split('/')[^1];
        return Declared(template, new JsonObject
        {
            ["profile"] = profile,
            ["relativeName"] = profile.ToLowerInvariant(),
            ["tags"] = Json(tags),
            ["endpoint"] = pair.Traffic.EndpointName,
            ["target"] = region.GatewayTarget,
            ["port"] = pair.Health.Port,
        });
    }

    /// <summary>Names of the secure parameters that a template declares.</summary>
    public static string[] SecureOf(JsonObject template) => [.. Secure.Where(s => (template["parameters"] as JsonObject)?.ContainsKey(s) == true)];

    private static JsonObject Pool(PairNodePool pool, RegionObservation seen) => new()
    {
        ["name"] = pool.Name,
        ["mode"] = pool.Mode,
        ["size"] = pool.Size,
        // The autoscaler, or a failover, has set what is there.
        ["count"] = seen.PoolCounts.TryGetValue(pool.Name, out var count) ? pool.Min == pool.Max ? count : Math.Clamp(count, pool.Min!.Value, pool.Max!.Value) : pool.Count,
        ["min"] = pool.Min,
        ["max"] = pool.Max,
        ["zones"] = Json(pool.Zones),
        ["diskSizeGB"] = pool.DiskSizeGB,
    };

    private static JsonObject Database(RegionEnvironment environment, RegionObservation seen) => new()
    {
        ["mode"] = seen.Server is not null ? "Keep" : seen.OtherPrimary is not null ? "Replica" : "Create",
        ["name"] = seen.Server?.Name ?? environment.DatabaseServer,
        ["source"] = seen.Server is null ? seen.OtherPrimary?.ResourceId ?? "" : "",
        ["version"] = environment.DatabaseVersion,
        ["sku"] = environment.DatabaseSku,
        ["tier"] = environment.DatabaseTier,
        ["storageGB"] = environment.StorageGB,
        ["storageTier"] = environment.StorageTier,
        ["database"] = environment.Database,
        ["port"] = environment.DatabasePort,
        ["zone"] = environment.DatabaseZone,
    };

    private static JsonObject Declared(JsonObject template, JsonObject values)
    {
        var declared = template["parameters"] as JsonObject ?? [];
        return new JsonObject(values.Where(v => declared.ContainsKey(v.Key)).Select(v => KeyValuePair.Create(v.Key, (JsonNode?)new JsonObject { ["value"] = v.Value?.DeepClone() })));
    }

    private static JsonNode? Json<T>(T value) => JsonSerializer.SerializeToNode(value);
}
