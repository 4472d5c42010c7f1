using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>A resource type with the api-versions that the sandbox takes, newest first.</summary>
internal sealed record CatalogType(string Namespace, string Type, string[] ApiVersions, bool Global = false, bool Tags = true)
{
    public string FullType => $"{Namespace}/{Type}";
}

/// <summary>The resource providers, types and api-versions of the sandbox.</summary>
internal static class ProviderCatalog
{
    public const string Postgres = "Microsoft.DBforPostgreSQL";
    public const string Network = "Microsoft.Network";
    public const string Authorization = "Microsoft.Authorization";
    public const string Resources = "Microsoft.Resources";
    public const string Insights = "Microsoft.Insights";
    public const string Compute = "Microsoft.Compute";
    public const string ResourceHealth = "Microsoft.ResourceHealth";

    /// <summary>Newest api-version of PostgreSQL; the ones before it differ in small ways.</summary>
    public const string PostgresVersion = "2025-08-01";

    private static readonly string[] s_postgres = [PostgresVersion, "2024-08-01", "2022-12-01"];
    private static readonly string[] s_network = ["2025-07-01", "2025-05-01", "2025-03-01", "2025-01-01", "2024-10-01", "2024-07-01", "2024-05-01", "2024-03-01", "2024-01-01", "2023-11-01", "2023-09-01"];
    private static readonly string[] s_aks = ["2026-04-01", "2026-01-01", "2025-10-01", "2025-07-01", "2025-05-01", "2025-02-01", "2024-09-01", "2024-05-01", "2024-02-01"];
    private static readonly string[] s_trafficManager = ["2022-04-01", "2018-08-01", "2018-04-01"];

    /// <summary>Versions of Microsoft.Resources: what Azure.ResourceManager sends itself, and the later ones.</summary>
    public static readonly string[] Resource =
    [
        "2025-04-01", "2025-03-01", "2024-11-01", "2024-07-01", "2024-03-01", "2023-07-01", "2022-12-01", "2022-09-01", "2022-06-01", "2022-01-01",
        "2021-07-01", "2021-06-01", "2021-04-01", "2021-01-01", "2020-10-01", "2020-06-01", "2020-01-01", "2019-10-01", "2016-09-01", "2016-06-01",
    ];

    public static readonly CatalogType[] Types =
    [
        new(Postgres, "flexibleServers", s_postgres),
        new(Postgres, "flexibleServers/configurations", s_postgres, Tags: false),
        new(Postgres, "flexibleServers/databases", s_postgres, Tags: false),
        new(Postgres, "flexibleServers/firewallRules", s_postgres, Tags: false),
        new(Postgres, "flexibleServers/administrators", s_postgres, Tags: false),
        new(Postgres, "flexibleServers/virtualEndpoints", s_postgres[..2], Tags: false),
        new(Postgres, "flexibleServers/replicas", s_postgres, Tags: false),
        new(Postgres, "flexibleServers/capabilities", s_postgres, Tags: false),
        new(Postgres, "checkNameAvailability", s_postgres, Global: true, Tags: false),
        new(Postgres, "getPrivateDnsZoneSuffix", s_postgres, Global: true, Tags: false),
        new(Postgres, "operations", s_postgres, Global: true, Tags: false),
        new(Postgres, "locations", s_postgres, Tags: false),
        new(Network, "trafficManagerProfiles", s_trafficManager, Global: true),
        new(Network, "trafficManagerProfiles/azureEndpoints", s_trafficManager, Global: true, Tags: false),
        new(Network, "trafficManagerProfiles/externalEndpoints", s_trafficManager, Global: true, Tags: false),
        new(Network, "trafficManagerProfiles/nestedEndpoints", s_trafficManager, Global: true, Tags: false),
        new(Network, "checkTrafficManagerNameAvailability", s_trafficManager, Global: true, Tags: false),
        new(Network, "checkTrafficManagerNameAvailabilityV2", s_trafficManager[..1], Global: true, Tags: false),
        new(Network, "virtualNetworks", s_network),
        new(Network, "virtualNetworks/subnets", s_network, Tags: false),
        new(Network, "networkSecurityGroups", s_network),
        new(Network, "networkSecurityGroups/securityRules", s_network, Tags: false),
        new(Network, "natGateways", s_network),
        new(Network, "applicationGateways", s_network),
        new(Network, "publicIPAddresses", s_network),
        new(Network, "privateEndpoints", s_network),
        new(Network, "privateEndpoints/privateDnsZoneGroups", s_network, Tags: false),
        new(Network, "routeTables", s_network),
        new("Microsoft.ContainerService", "locations", s_aks, Tags: false),
        new("Microsoft.ContainerService", "managedClusters", s_aks),
        new("Microsoft.ContainerService", "managedClusters/agentPools", s_aks, Tags: false),
        new(Compute, "skus", ["2021-07-01", "2019-04-01"], Tags: false),
        new(Compute, "locations/usages", ["2025-04-01", "2024-11-01", "2024-07-01", "2024-03-01", "2023-09-01"], Tags: false),
        new("Microsoft.KeyVault", "vaults", ["2026-02-01", "2024-11-01", "2023-07-01", "2022-07-01"]),
        new("Microsoft.KeyVault", "vaults/secrets", ["2026-02-01", "2024-11-01", "2023-07-01", "2022-07-01"], Tags: false),
        new("Microsoft.KeyVault", "vaults/keys", ["2026-02-01", "2024-11-01", "2023-07-01", "2022-07-01"], Tags: false),
        new("Microsoft.Cache", "redis", ["2024-11-01", "2024-03-01", "2023-08-01"]),
        new("Microsoft.ManagedIdentity", "userAssignedIdentities", ["2024-11-30", "2023-01-31"]),
        new(Insights, "metrics", ["2024-02-01", "2023-10-01", "2021-05-01", "2018-01-01"], Tags: false),
        new(ResourceHealth, "availabilityStatuses", ["2025-05-01", "2025-04-01", "2024-02-01", "2023-07-01-preview", "2022-10-01", "2020-05-01"], Global: true, Tags: false),
        new(Authorization, "locks", ["2020-05-01", "2017-04-01", "2016-09-01"], Global: true, Tags: false),
        new(Authorization, "roleDefinitions", ["2022-04-01", "2018-07-01", "2015-07-01"], Global: true, Tags: false),
        new(Authorization, "roleAssignments", ["2022-04-01", "2018-07-01", "2015-07-01"], Global: true, Tags: false),
        new(Authorization, "permissions", ["2022-04-01", "2018-07-01", "2015-07-01"], Global: true, Tags: false),
        new(Resources, "deployments", Resource, Tags: false),
        new(Resources, "tags", Resource, Global: true, Tags: false),
        new(Resources, "resourceGroups", Resource),
        new(Resources, "subscriptions", Resource, Global: true, Tags: false),
    ];

    public static CatalogType? Find(string? provider, string typePath) =>
        Array.Find(Types, t => ArmPath.Same(t.Namespace, provider) && ArmPath.Same(t.Type, typePath));

    public static bool KnowsNamespace(string? provider) => Array.Exists(Types, t => ArmPath.Same(t.Namespace, provider));

    /// <summary>Documents of all providers, or of one.</summary>
    /// <param name="subscription">Id of the subscription.</param>
    /// <param name="only">Null for all.</param>
    /// <param name="notOffered">Types that a location lacks, each as location/namespace/type.</param>
    public static IEnumerable<JsonObject> Documents(string subscription, string? only = null, IReadOnlyList<string>? notOffered = null) =>
        Types.GroupBy(t => t.Namespace, StringComparer.OrdinalIgnoreCase)
            .Where(g => only is null || ArmPath.Same(g.Key, only))
            .Select(g => new JsonObject
            {
                ["id"] = $"/subscriptions/{subscription}/providers/{g.Key}",
                ["namespace"] = g.Key,
                ["registrationPolicy"] = "RegistrationRequired",
                ["registrationState"] = "Registered",
                ["resourceTypes"] = new JsonArray([.. g.Select(t => (JsonNode)new JsonObject
                {
                    ["resourceType"] = t.Type,
                    ["locations"] = t.Global ? new JsonArray("global") : new JsonArray([.. Locations.DisplayNames.Where(n => notOffered?.Any(o => ArmPath.Same(o, $"{SandboxLayout.Normalize(n)}/{t.FullType}")) != true).Select(n => (JsonNode)n)]),
                    ["apiVersions"] = new JsonArray([.. t.ApiVersions.Select(v => (JsonNode)v)]),
                    ["defaultApiVersion"] = t.ApiVersions[0],
                    ["capabilities"] = t.Tags ? "SupportsTags, SupportsLocation" : "None",
                })]),
            });
}
