using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Azure.Wire;
using Highflame.Dr.Engine.Dns;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Documentation;

/// <summary>Reads what one region offers: one list for each type, side by side. A list that cannot be read is a problem in its place and no exception.</summary>
internal sealed class RegionSurvey
{
    private readonly IArm _arm;
    private readonly INameResolver _names;
    private readonly string _scope;
    private readonly PairRegion _region;

    public RegionSurvey(IArm arm, INameResolver names, string subscriptionId, PairRegion region)
    {
        _arm = arm;
        _names = names;
        _region = region;
        _scope = $"/subscriptions/{subscriptionId}/resourceGroups/{Uri.EscapeDataString(region.ResourceGroup)}/providers/";
    }

    public async Task<RegionFacts> ReadAsync(CancellationToken cancellationToken)
    {
        var addresses = ListAsync("Microsoft.Network/publicIPAddresses", ApiVersions.Network, d => d, cancellationToken);
        var gateways = ListAsync("Microsoft.Network/applicationGateways", ApiVersions.Network, d => d, cancellationToken);
        var links = ListAsync("Microsoft.Network/privateEndpoints", ApiVersions.Network, d => d, cancellationToken);
        var networks = ListAsync("Microsoft.Network/virtualNetworks", ApiVersions.Network, d => new NetworkFact(Name(d), string.Join(", ", d.ListAt("properties", "addressSpace", "addressPrefixes").Select(p => p.ToString()))), cancellationToken);
        var servers = ListAsync(AzureId.FlexibleServer, ApiVersions.FlexibleServers, d => new ServerFact(ServerMapping.From(WireJson.Read(d, WireJson.Default.ServerWire, _scope), ""), d), cancellationToken);
        var vaults = ListAsync("Microsoft.KeyVault/vaults", DocumentApiVersions.KeyVault, d => new VaultFact(Name(d), d.TextAt("properties", "vaultUri")), cancellationToken);
        var caches = ListAsync("Microsoft.Cache/redis", DocumentApiVersions.Redis, d => new CacheFact(Name(d), d.TextAt("properties", "hostName"), d.NumberAt("properties", "sslPort")), cancellationToken);
        var clusters = ListAsync("Microsoft.ContainerService/managedClusters", DocumentApiVersions.Kubernetes,
            d => new ClusterFact(Name(d), d.TextAt("properties", "privateFQDN") ?? d.TextAt("properties", "fqdn"), d.TextAt("properties", "currentKubernetesVersion") ?? d.TextAt("properties", "kubernetesVersion")), cancellationToken);
        var known = await addresses.ConfigureAwait(false);
        var fronts = await gateways.ConfigureAwait(false);
        return new()
        {
            Region = _region,
            Gateways = new([.. fronts.Items.Select(g => Gateway(g, known))], fronts.Problem),
            PrivateLinks = await LinksAsync(await links.ConfigureAwait(false), cancellationToken).ConfigureAwait(false),
            Networks = await networks.ConfigureAwait(false),
            Servers = await servers.ConfigureAwait(false),
            Vaults = await vaults.ConfigureAwait(false),
            Caches = await caches.ConfigureAwait(false),
            Clusters = await clusters.ConfigureAwait(false),
        };
    }

    private async Task<Reading<T>> ListAsync<T>(string type, string apiVersion, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        try
        {
            var documents = await _arm.ListAsync(_scope + type, apiVersion, cancellationToken).ConfigureAwait(false);
            return new([.. documents.OrderBy(Name, StringComparer.OrdinalIgnoreCase).Select(read)]);
        }
        catch (DrException failure) when (!DocumentSurvey.EndsEverything(failure))
        {
            return new([], $"{type[(type.IndexOf('/', StringComparison.Ordinal) + 1)..]} of {_region.ResourceGroup}: {failure.Message}");
        }
    }

    private static string Name(JsonElement document) => document.TextAt("name") ?? AzureId.NameOf(document.TextAt("id") ?? "");

    private static GatewayFact Gateway(JsonElement gateway, Reading<JsonElement> addresses)
    {
        var id = gateway.ListAt("properties", "frontendIPConfigurations").Select(f => f.TextAt("properties", "publicIPAddress", "id")).FirstOrDefault(i => i is not null);
        var address = id is null ? default : addresses.Items.FirstOrDefault(a => AzureId.Same(a.TextAt("id"), id));
        var problem = id is null ? "it has no public address" : address.ValueKind == JsonValueKind.Undefined ? addresses.Problem ?? $"public address {AzureId.NameOf(id)} is not in this resource group" : null;
        return new(Name(gateway), gateway.TextAt("properties", "operationalState"), address.ValueKind == JsonValueKind.Undefined ? null : address.TextAt("properties", "ipAddress"),
            address.ValueKind == JsonValueKind.Undefined ? null : address.TextAt("properties", "dnsSettings", "fqdn"), problem);
    }

    private async Task<Reading<PrivateLinkFact>> LinksAsync(Reading<JsonElement> endpoints, CancellationToken cancellationToken) =>
        new(await Task.WhenAll(endpoints.Items.Select(e => LinkAsync(e, cancellationToken))).ConfigureAwait(false), endpoints.Problem);

    private async Task<PrivateLinkFact> LinkAsync(JsonElement endpoint, CancellationToken cancellationToken)
    {
        var connection = endpoint.ListAt("properties", "privateLinkServiceConnections").Concat(endpoint.ListAt("properties", "manualPrivateLinkServiceConnections")).FirstOrDefault();
        var target = connection.TextAt("properties", "privateLinkServiceId") is { } id ? AzureId.NameOf(id) : "(not told)";
        var group = connection.ListAt("properties", "groupIds").Select(g => g.ToString()).FirstOrDefault();
        var given = endpoint.ListAt("properties", "customDnsConfigs").FirstOrDefault();
        var host = given.TextAt("fqdn") ?? (PrivateZone(group) is { } zone ? $"{target}.{zone}" : null);
        var address = given.ListAt("ipAddresses").Select(a => a.ToString()).FirstOrDefault() ?? (host is null ? null : await TryResolveAsync(host, cancellationToken).ConfigureAwait(false));
        return new(Name(endpoint), target, group, connection.TextAt("properties", "privateLinkServiceConnectionState", "status"), host, address);
    }

    /// <summary>Azure's own zone for a kind of private endpoint (Private Link, private DNS zone values).</summary>
    private static string? PrivateZone(string? group) => group?.ToUpperInvariant() switch
    {
        "POSTGRESQLSERVER" => "privatelink.postgres.database.azure.com",
        "REDISCACHE" => "privatelink.redis.cache.windows.net",
        "VAULT" => "privatelink.vaultcore.azure.net",
        _ => null,
    };

    private async Task<string?> TryResolveAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return (await _names.ResolveAsync(host, cancellationToken).ConfigureAwait(false)).FirstOrDefault()?.ToString();
        }
        catch (DrException)
        {
            return null;
        }
    }
}

/// <summary>Api-versions that the document alone speaks.</summary>
internal static class DocumentApiVersions
{
    public const string KeyVault = "2026-02-01";
    public const string Redis = "2024-11-01";
    public const string Kubernetes = "2025-10-01";
}
