using System.Text.Json;
using Highflame.Dr.Engine.Documentation;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Tests.Documentation;

/// <summary>Facts as a survey of the users' two regions gives them, without a survey.</summary>
internal static class DocumentSamples
{
    public const string Subscription = "00000000-0000-0000-0000-000000000001";

    public static DocumentFacts Facts(string prefix = "acme", bool alwaysServe = true)
    {
        var pair = Pair(prefix);
        var primary = Server($"{prefix}-pg", "rg1", "eastus", DbRole.Primary, null);
        var replica = Server($"{prefix}-dr-pg", "rg2", "westus", DbRole.Replica, primary.Server.ResourceId);
        return new()
        {
            Pair = pair,
            At = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero),
            Context = new() { Environment = "Azure", SubscriptionId = Subscription, TenantId = "22222222-0000-0000-0000-000000000001", Credential = DrCredentialKind.Default, ArmEndpoint = new Uri("https://management.azure.com/"), DatabaseUser = "boss" },
            Authority = new Uri("https://login.microsoftonline.com/"),
            Audience = "https://management.azure.com/",
            Status = new()
            {
                Name = pair.Name,
                Pair = pair,
                State = PairState.Protected,
                Active = "eastus",
                Passive = "westus",
                PrimaryServer = primary.Server.Name,
                PrimaryResourceId = primary.Server.ResourceId,
                ReplicaServer = replica.Server.Name,
                ReplicaResourceId = replica.Server.ResourceId,
                EndpointTarget = "20.1.1.1",
                ObservedAt = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero),
            },
            Replication = new() { Name = replica.Server.Name, ResourceId = replica.Server.ResourceId, Location = "westus", State = "streaming", LagSeconds = 0.4, LagBytes = 320, Source = LagSource.Database, MeasuredAt = default },
            Traffic = Traffic(pair, alwaysServe),
            Regions =
            [
                Region(pair.Regions[0], prefix, primary, "20.1.1.1"),
                Region(pair.Regions[1], prefix + "-dr", replica, "20.2.2.2"),
            ],
        };
    }

    public static TrafficFacts Traffic(RegionPair pair, bool alwaysServe, int interval = 30, int timeout = 5, int tolerated = 3, long ttl = 30, int endpoints = 1)
    {
        TrafficEndpoint[] all = [.. Enumerable.Range(0, endpoints).Select(i => new TrafficEndpoint
        {
            Name = i == 0 ? "global-endpoint" : $"other-{i}",
            ResourceId = $"{pair.Traffic.ProfileId}/externalEndpoints/{i}",
            ProfileName = "acme-global",
            ProfileResourceId = pair.Traffic.ProfileId,
            Type = "ExternalEndpoints",
            Target = i == 0 ? "20.1.1.1" : "20.2.2.2",
            Status = "Enabled",
            AlwaysServe = alwaysServe,
        })];
        var profile = new TrafficProfile { Name = "acme-global", ResourceId = pair.Traffic.ProfileId, ResourceGroup = "rg1", Fqdn = "acme-global.trafficmanager.net", RoutingMethod = "Weighted", Ttl = ttl, Status = "Enabled", MonitorStatus = "Online", Endpoints = all };
        return new(profile, all[0], "HTTPS", 443, "/", interval, timeout, tolerated);
    }

    public static RegionPair Pair(string prefix = "acme") => new()
    {
        Name = prefix,
        Path = "/pairs/acme.json",
        SubscriptionId = Subscription,
        Regions = [new() { Location = "eastus", ResourceGroup = "rg1", GatewayTarget = "20.1.1.1" }, new() { Location = "westus", ResourceGroup = "rg2", GatewayTarget = "20.2.2.2" }],
        Traffic = new() { ProfileId = $"/subscriptions/{Subscription}/resourceGroups/rg1/providers/Microsoft.Network/trafficManagerProfiles/acme-global", EndpointName = "global-endpoint" },
        Health = new() { HostName = "control.example.com", FunctionPath = "/v1/entries" },
        Objectives = new(),
    };

    public static ServerFact Server(string name, string group, string location, DbRole role, string? source, string state = "Ready")
    {
        var id = $"/subscriptions/{Subscription}/resourceGroups/{group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/{name}";
        var host = name + ".postgres.database.azure.com";
        var identity = $"/subscriptions/{Subscription}/resourceGroups/{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{location}-key-reader";
        var document = JsonSerializer.SerializeToElement(new
        {
            id,
            name,
            location,
            tags = new Dictionary<string, string> { ["Project"] = "acme's own", ["Environment"] = "prod" },
            sku = new { name = "Standard_D4ads_v5", tier = "GeneralPurpose" },
            identity = new { type = "UserAssigned", userAssignedIdentities = new Dictionary<string, object> { [identity] = new { } } },
            properties = new
            {
                administratorLogin = "boss",
                state,
                storage = new { storageSizeGB = 64, autoGrow = "Enabled", tier = "P30", type = "" },
                dataEncryption = new { type = "AzureKeyVault", primaryKeyURI = $"https://{location}-keys.vault.azure.net/keys/pg", primaryUserAssignedIdentityId = identity },
                network = new { publicNetworkAccess = "Disabled" },
            },
        });
        return new(new() { Name = name, ResourceId = id, ResourceGroup = group, Location = location, Role = role, State = state, HostName = host, SourceServerResourceId = source }, document);
    }

    private static RegionFacts Region(PairRegion region, string prefix, ServerFact server, string address) => new()
    {
        Region = region,
        Gateways = new([new($"{prefix}-aks-appgw", "Running", address, $"{prefix}.{region.Location}.cloudapp.azure.com", null)]),
        PrivateLinks = new([new($"{prefix}-pg-pe", server.Server.Name, "postgresqlServer", "Approved", $"{server.Server.Name}.privatelink.postgres.database.azure.com", "10.51.32.4")]),
        Servers = new([server]),
        Vaults = new([new($"{prefix}-kv", $"https://{prefix}-kv.vault.azure.net/")]),
        Caches = new([new($"{prefix}-redis", $"{prefix}-redis.redis.cache.windows.net", 6380)]),
        Clusters = new([new($"{prefix}-aks", $"{prefix}-aks.hcp.{region.Location}.azmk8s.io", "1.33.5")]),
        Networks = new([new($"{prefix}-vnet", "10.51.0.0/16")]),
    };
}
