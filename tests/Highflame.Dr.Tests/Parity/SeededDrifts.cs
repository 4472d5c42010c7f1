using System.Text.Json.Nodes;
using Highflame.Dr.Parity;

namespace Highflame.Dr.Tests.Parity;

/// <summary>One change of region 2's documents, and what a comparison has to make of it.</summary>
/// <param name="Type">Resource type with its api-version, joined by @.</param>
/// <param name="Name">Resource in region 2.</param>
/// <param name="Change">Changes the document; null deletes the resource.</param>
/// <param name="Severity">Severity of the drift.</param>
/// <param name="Properties">Every property that has to be told, and no other.</param>
internal sealed record SeededDrift(string Type, string Name, Action<JsonObject>? Change, DriftSeverity Severity, params string[] Properties)
{
    public string Path => $"/providers/{Type.Split('@')[0]}/{Name}";

    public string Version => Type.Split('@')[1];

    public override string ToString() => $"{Name} {string.Join(", ", Properties)}";
}

/// <summary>Drifts over all types whose documents can be written.</summary>
internal static class SeededDrifts
{
    private const string Aks = "Microsoft.ContainerService/managedClusters@2025-10-01";
    private const string Vnet = "Microsoft.Network/virtualNetworks@2024-05-01";
    private const string Nsg = "Microsoft.Network/networkSecurityGroups@2024-05-01";
    private const string Nat = "Microsoft.Network/natGateways@2024-05-01";
    private const string Address = "Microsoft.Network/publicIPAddresses@2024-05-01";
    private const string Gateway = "Microsoft.Network/applicationGateways@2024-05-01";
    private const string Vault = "Microsoft.KeyVault/vaults@2026-02-01";
    private const string Redis = "Microsoft.Cache/redis@2024-11-01";
    private const string Endpoint = "Microsoft.Network/privateEndpoints@2024-05-01";
    private const string Cluster = "highflame-prod-dr-aks";
    private const string Network = "highflame-prod-dr-vnet";
    private const string Rules = "highflame-prod-dr-vnet-nsg";
    private const string Front = "highflame-prod-dr-aks-appgw";
    private const string Secrets = "highflame-prod-dr-db-kv";
    private const string Cache = "highflame-prod-dr-redis";
    private const DriftSeverity Blocks = DriftSeverity.BlocksFailover;
    private const DriftSeverity Breaks = DriftSeverity.BreaksApplication;
    private const DriftSeverity Cosmetic = DriftSeverity.Cosmetic;

    public static IEnumerable<SeededDrift> All =>
    [
        new(Aks, Cluster, d => d["properties"]!["kubernetesVersion"] = "1.32", Breaks, "kubernetesVersion"),
        new(Aks, Cluster, d => Pool(d, "general")["vmSize"] = "Standard_D2as_v6", Blocks, "pools[general].vmSize"),
        new(Aks, Cluster, d => Pool(d, "general")["maxCount"] = 4, Blocks, "pools[general].maxCount"),
        new(Aks, Cluster, d => Pool(d, "general")["minCount"] = 1, Breaks, "pools[general].minCount"),
        new(Aks, Cluster, d => Pool(d, "general")["maxCount"] = 9, Cosmetic, "pools[general].maxCount"),
        new(Aks, Cluster, d => Pool(d, "general")["enableAutoScaling"] = false, Blocks, "pools[general].autoscale"),
        new(Aks, Cluster, d => Pool(d, "general")["osSKU"] = "Ubuntu", Breaks, "pools[general].osSku"),
        new(Aks, Cluster, d => Pool(d, "general")["mode"] = "System", Breaks, "pools[general].mode"),
        new(Aks, Cluster, d => Pool(d, "general")["availabilityZones"] = new JsonArray("1"), Breaks, "pools[general].zones"),
        new(Aks, Cluster, d => Pool(d, "general")["nodeTaints"] = new JsonArray("dedicated=api:NoSchedule"), Blocks, "pools[general].taints"),
        new(Aks, Cluster, d => Pool(d, "general")["nodeLabels"] = new JsonObject { ["tier"] = "web" }, Blocks, "pools[general].labels"),
        new(Aks, Cluster, d => Remove(d, "agentPoolProfiles", "general"), Blocks, "pools[general]"),
        new(Aks, Cluster, d => d["properties"]!["addonProfiles"]!["omsagent"]!["enabled"] = false, Breaks, "addons[omsagent].enabled"),
        new(Aks, Cluster, d => d["properties"]!["workloadAutoScalerProfile"]!["keda"]!["enabled"] = false, Breaks, "keda"),
        new(Aks, Cluster, d => d["properties"]!["networkProfile"]!["networkPolicy"] = "calico", Breaks, "network.policy"),
        new(Aks, Cluster, d => d["properties"]!["securityProfile"]!["workloadIdentity"]!["enabled"] = false, Blocks, "security.workloadIdentity"),
        new(Aks, Cluster, d => d["properties"]!["apiServerAccessProfile"]!["authorizedIPRanges"] = new JsonArray("10.0.0.0/8"), Breaks, "apiServer.authorizedIpRanges"),
        new(Vnet, Network, d => Item(d, "subnets", "highflame-prod-dr-private")["properties"]!.AsObject().Remove("networkSecurityGroup"), Breaks, "subnets[highflame-prod-private].networkSecurityGroup"),
        new(Vnet, Network, d => Item(d, "subnets", "highflame-prod-dr-private")["properties"]!["addressPrefix"] = "10.51.32.0/20", Blocks, "subnets[highflame-prod-private].shape"),
        new(Vnet, Network, d => Remove(d, "subnets", "highflame-prod-dr-appgw"), Blocks, "subnets[highflame-prod-appgw]"),
        new(Vnet, Network, d => Item(d, "subnets", "highflame-prod-dr-public")["properties"]!["delegations"] = new JsonArray(new JsonObject { ["name"] = "d", ["properties"] = new JsonObject { ["serviceName"] = "Microsoft.Web/serverFarms" } }), Blocks, "subnets[highflame-prod-public].delegations"),
        new(Nsg, Rules, d => Item(d, "securityRules", "allow-inbound-redis-ssl")["properties"]!["destinationPortRange"] = "6390", Breaks, "rules[allow-inbound-redis-ssl]"),
        new(Nsg, Rules, d => Remove(d, "securityRules", "allow-inbound-redis"), Breaks, "rules[allow-inbound-redis]"),
        new(Nsg, Rules, d => Item(d, "securityRules", "deny-outbound-all")["properties"]!["priority"] = 90, Breaks, "rules[allow-outbound-443].order", "rules[allow-outbound-internal].order"),
        new(Nat, "highflame-prod-dr-vnet-nat", d => ((JsonArray)d["properties"]!["publicIpAddresses"]!).RemoveAt(1), Breaks, "publicAddresses"),
        new(Nat, "highflame-prod-dr-vnet-nat", d => d["properties"]!["idleTimeoutInMinutes"] = 30, Breaks, "idleTimeoutMinutes"),
        new(Address, "highflame-prod-dr-aks-appgw-ip", d => d["properties"]!.AsObject().Remove("dnsSettings"), Breaks, "dnsName"),
        new(Gateway, Front, d => { Remove(d, "httpListeners", "fl-control-https"); Remove(d, "requestRoutingRules", "rr-control-https"); }, Blocks, "listeners[Https control.example.com PORT]", "routes[Https control.example.com PORT]"),
        new(Gateway, Front, d => d["properties"]!["autoscaleConfiguration"]!["maxCapacity"] = 3, Blocks, "maxCapacity"),
        new(Gateway, Front, d => Item(d, "probes", "pb-control-healthz")["properties"]!["interval"] = 60, Breaks, "probes[Http control.example.com /healthz].interval"),
        new(Gateway, Front, d => d["properties"]!["sku"]!["name"] = "WAF_v2", Breaks, "sku"),
        new(Gateway, Front, d => Item(d, "backendHttpSettingsCollection", "bp-control")["properties"]!["requestTimeout"] = 5, Breaks, "routes[Https control.example.com PORT].requestTimeout"),
        new(Gateway, Front, d => ((JsonArray)Item(d, "backendAddressPools", "pool-control")["properties"]!["backendAddresses"]!).Clear(), Blocks, "routes[Https control.example.com PORT].backends"),
        new(Vault, Secrets, d => d["properties"]!["enablePurgeProtection"] = false, Breaks, "purgeProtection"),
        new(Vault, Secrets, d => d["properties"]!["networkAcls"]!["defaultAction"] = "Deny", Blocks, "network.defaultAction"),
        new(Vault, Secrets, d => d["properties"]!["sku"]!["name"] = "premium", Breaks, "sku"),
        new(Redis, Cache, d => d["properties"]!["sku"]!["capacity"] = 1, Blocks, "capacity"),
        new(Redis, Cache, d => d["properties"]!["minimumTlsVersion"] = "1.0", Breaks, "minimumTls"),
        new(Redis, Cache, d => d["tags"]!["Environment"] = "dev", Cosmetic, "tags[Environment]"),
        new(Endpoint, "highflame-prod-dr-postgres-pe", d => Connection(d)["privateLinkServiceConnectionState"]!["status"] = "Pending", Blocks, "connection"),
        new(Endpoint, "highflame-prod-dr-postgres-pe", d => Connection(d)["privateLinkServiceId"] = ((string)Connection(d)["privateLinkServiceId"]!).Replace("-dr-rg", "-rg", StringComparison.Ordinal).Replace("prod-dr-postgres", "prod-postgres", StringComparison.Ordinal), Blocks, "target"),
        new(Endpoint, "highflame-prod-dr-redis-pe", null, Blocks, "(resource)"),
    ];

    /// <summary>Changes that mean nothing.</summary>
    public static IEnumerable<SeededDrift> Harmless =>
    [
        new(Nsg, Rules, d =>
        {
            // Another name, other priorities in the same order, another spelling of everywhere, lists in place of one value.
            var rule = Item(d, "securityRules", "allow-outbound-443");
            rule["name"] = "https-out";
            rule["properties"]!["priority"] = 110;
            rule["properties"]!["destinationAddressPrefix"] = "0.0.0.0/0";
            Item(d, "securityRules", "allow-outbound-internal")["properties"]!["priority"] = 120;
            var redis = Item(d, "securityRules", "allow-inbound-redis")["properties"]!.AsObject();
            redis.Remove("destinationPortRange");
            redis["destinationPortRanges"] = new JsonArray("6379");
        }, Cosmetic),
        new(Aks, Cluster, d =>
        {
            d["properties"]!["currentKubernetesVersion"] = "1.33.9";
            Pool(d, "general")["count"] = 5;
            d["properties"]!["fqdn"] = "elsewhere.example.com";
        }, Cosmetic),
    ];

    private static JsonObject Pool(JsonObject document, string name) => (JsonObject)((JsonArray)document["properties"]!["agentPoolProfiles"]!).First(p => (string?)p!["name"] == name)!;

    private static JsonObject Item(JsonObject document, string list, string name) => (JsonObject)((JsonArray)document["properties"]![list]!).First(p => (string?)p!["name"] == name)!;

    private static void Remove(JsonObject document, string list, string name)
    {
        var items = (JsonArray)document["properties"]![list]!;
        items.Remove(items.First(i => (string?)i!["name"] == name));
    }

    private static JsonNode Connection(JsonObject document) => document["properties"]!["privateLinkServiceConnections"]![0]!["properties"]!;
}
