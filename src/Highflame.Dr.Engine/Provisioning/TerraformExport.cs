using System.Globalization;
using System.Text;
using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Provisioning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>
/// env.auto.tfvars of a region for the highflame-iac modules (terraform/cloud/azure/.../infra-setup), from the other, live region: sizes, ranges and versions as
/// they are now, the database as a replica of today's primary. Written whole or not at all, and as 'terraform fmt' leaves it.
/// </summary>
internal sealed class TerraformExport(AzureConnection connection, IInventory inventory)
{
    public async Task<TerraformVariables> WriteAsync(RegionPair pair, string location, string path, bool overwrite, CancellationToken cancellationToken)
    {
        var region = pair.RequireRegion(location);
        var source = pair.OtherThan(region);
        var full = Path.GetFullPath(path);
        if (File.Exists(full) && !overwrite)
            throw new DrException("HfTerraformFileExists", DrErrorKind.InvalidState, "The file is there already.", full, "Give -Force to replace it, or another -Path.");
        var (here, there) = (RegionEnvironment.Of(pair, region), RegionEnvironment.Of(pair, source));
        var group = $"/subscriptions/{pair.SubscriptionId}/resourceGroups/{there.ResourceGroup}/providers";
        Task<JsonElement> Read(string id, string version) => ReadAsync($"{group}/{id}", version, there, cancellationToken);
        var network = await Read($"Microsoft.Network/virtualNetworks/{there.Prefix}-vnet", ApiVersions.Network).ConfigureAwait(false);
        var nat = await Read($"Microsoft.Network/natGateways/{there.Prefix}-vnet-nat", ApiVersions.Network).ConfigureAwait(false);
        var rules = await Read($"Microsoft.Network/networkSecurityGroups/{there.Prefix}-vnet-nsg", ApiVersions.Network).ConfigureAwait(false);
        var gateway = await Read($"Microsoft.Network/applicationGateways/{there.Prefix}-aks-appgw", ApiVersions.Network).ConfigureAwait(false);
        var redis = await Read($"Microsoft.Cache/redis/{there.Prefix}-redis", ApiVersions.Caches).ConfigureAwait(false);
        var cluster = await Read($"Microsoft.ContainerService/managedClusters/{there.Prefix}-aks", ApiVersions.Clusters).ConfigureAwait(false);
        var servers = await inventory.GetServersAsync(new DbServerQuery(ResourceGroup: there.ResourceGroup), cancellationToken).ConfigureAwait(false);
        var primary = servers.FirstOrDefault(s => s.Role == DbRole.Primary)
            ?? throw new DrException("HfRegionNotBuilt", DrErrorKind.NotFound, $"The region {there.Location} has no primary to replicate from.", there.ResourceGroup, "Export for the region that is not active: the live one must hold the primary.");
        var server = await connection.Arm.GetAsync(primary.ResourceId, ApiVersions.FlexibleServers, cancellationToken).ConfigureAwait(false);
        var (text, names, notes) = Compose(pair, here, network, nat, rules, gateway, redis, cluster, server, primary);
        Save(full, text);
        return new() { Path = full, Location = here.Location, Source = there.Location, Variables = names, Notes = notes };
    }

    private async Task<JsonElement> ReadAsync(string id, string version, RegionEnvironment there, CancellationToken cancellationToken) =>
        await connection.Arm.TryGetAsync(id, version, cancellationToken).ConfigureAwait(false)
        ?? throw new DrException("HfRegionNotBuilt", DrErrorKind.NotFound, $"The region {there.Location} has no {AzureId.NameOf(id)}.", id, "Export from a region that is built; its names begin with the pair file's prefix.");

    private static (string Text, string[] Names, string[] Notes) Compose(
        RegionPair pair, RegionEnvironment here, JsonElement network, JsonElement nat, JsonElement rules, JsonElement gateway, JsonElement redis, JsonElement cluster, JsonElement server, DbServer primary)
    {
        var (notes, file) = (new List<string>(), new TfVars());
        // Names are project_name-project_env; the second region's is a longer environment.
        var words = here.Prefix.Split('-', 2);
        if (words.Length < 2) notes.Add($"The prefix {here.Prefix} has no dash: the modules build names as project_name-project_env.");
        var properties = RegionSurvey.Part(network, "properties");
        var range = Items(RegionSurvey.Part(RegionSurvey.Part(properties, "addressSpace"), "addressPrefixes")).Select(p => p.GetString()).FirstOrDefault() ?? here.AddressSpace;
        string Subnet(string end) => Items(RegionSurvey.Part(properties, "subnets")).Where(s => RegionSurvey.Text(s, "name")?.EndsWith(end, StringComparison.OrdinalIgnoreCase) == true)
            .Select(s => RegionSurvey.Text(RegionSurvey.Part(s, "properties"), "addressPrefix") ?? "").FirstOrDefault() ?? "";
        var deny = Items(RegionSurvey.Part(RegionSurvey.Part(rules, "properties"), "securityRules")).Any(r => RegionSurvey.Text(r, "name") == "deny-outbound-all");
        var pools = SupportSurvey.Pools(RegionSurvey.Part(cluster, "properties"));
        var system = pools.FirstOrDefault(p => p.Mode == "System");
        var clusterProperties = RegionSurvey.Part(cluster, "properties");
        var profile = RegionSurvey.Part(clusterProperties, "networkProfile");
        var database = RegionSurvey.Part(server, "properties");
        var storage = RegionSurvey.Part(database, "storage");
        file.Comment($"{here.Location}, as {primary.Location} is: written by Export-HfTerraformVariable.");
        foreach (var service in (string[])["self_keyvault_access", "vnet", "des", "redis", "postgres_deps"]) file.Add($"enable_{service}", true);
        file.Add("enable_postgres_primary", false);
        file.Add("enable_postgres_secondary", true);
        foreach (var service in (string[])["ssl_keyvault", "application_gw", "aks", "aks_custom_nodepool", "svc_iam"]) file.Add($"enable_{service}", true);
        // The profile is there once for both regions.
        file.Add("enable_traffic_manager", false);
        file.Map("common_tags", Tags(network));
        file.Add("az_subscription_id", pair.SubscriptionId);
        file.Add("enable_delete_lock", true);
        file.Add("project_name", words[0]);
        file.Add("project_env", words.Length > 1 ? words[1] : "prod");
        file.Add("location", here.Location);
        file.Add("vnet_all_egress_enable", !deny);
        file.Add("vnet_cidr", range);
        file.Add("public_subnet_cidr", Subnet("-public"));
        file.Add("private_subnet_cidr", Subnet("-private"));
        file.Add("appgw_subnet_cidr", Subnet("-appgw"));
        file.Add("nat_ip_count", Items(RegionSurvey.Part(RegionSurvey.Part(nat, "properties"), "publicIpAddresses")).Count());
        var cache = RegionSurvey.Part(RegionSurvey.Part(redis, "properties"), "sku");
        file.Add("redis_sku", RegionSurvey.Text(cache, "name") ?? here.RedisSku);
        file.Add("redis_capacity", Number(cache, "capacity") ?? here.RedisCapacity);
        file.Add("postgres_storage_mb", (Number(storage, "storageSizeGB") ?? here.StorageGB) * 1024);
        file.Add("postgres_storage_tier", RegionSurvey.Text(storage, "tier") ?? here.StorageTier);
        file.Add("postgres_sku_name", SkuName(RegionSurvey.Part(server, "sku"), here));
        file.Add("postgres_source_server_id", primary.ResourceId);
        file.List("appgw_zones", Items(RegionSurvey.Part(gateway, "zones")).Select(z => z.GetString() ?? ""));
        file.Add("aks_version", RegionSurvey.Text(clusterProperties, "kubernetesVersion") ?? here.KubernetesVersion);
        file.Add("aks_default_node_vm_size", system?.Size ?? here.Pools[0].Size);
        file.Add("aks_service_cidr", RegionSurvey.Text(profile, "serviceCidr") ?? here.ServiceCidr);
        file.Add("aks_dns_service_ip", RegionSurvey.Text(profile, "dnsServiceIP") ?? here.DnsServiceIP);
        file.Pools("aks_nodes_properties", pools.Where(p => p.Mode != "System"));
        notes.Add("Workload identities (workload_identity) and TLS secrets (ssl_keyvault_secret_ids) are the region's own: add them.");
        notes.Add("The modules write dbname, username, password and privateip of a replica as empty secrets: fill them before a failover.");
        return (file.ToString(), file.Names, [.. notes]);
    }

    // Terraform's provider has a prefix for the tier in the size's name.
    internal static string SkuName(JsonElement sku, RegionEnvironment here)
    {
        var tier = RegionSurvey.Text(sku, "tier") ?? here.DatabaseTier;
        var prefix = tier switch { "Burstable" => "B", "MemoryOptimized" => "MO", _ => "GP" };
        return $"{prefix}_{RegionSurvey.Text(sku, "name") ?? here.DatabaseSku}";
    }

    private static SortedDictionary<string, string> Tags(JsonElement resource) => new(
        RegionSurvey.Part(resource, "tags") is { ValueKind: JsonValueKind.Object } tags
            // The modules add these two themselves.
            ? tags.EnumerateObject().Where(t => t.Name is not ("Project" or "Environment")).ToDictionary(t => t.Name, t => t.Value.ToString())
            : new Dictionary<string, string> { ["ManagedBy"] = "Terraform" },
        StringComparer.Ordinal);

    internal static void Save(string path, string text)
    {
        var temporary = $"{path}.{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}.tmp";
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
            File.WriteAllText(temporary, text, new UTF8Encoding(false));
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DrException("HfTerraformNotWritten", DrErrorKind.OperationFailed, $"The file could not be written: {failure.Message}", path, "Give another -Path.", failure);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static IEnumerable<JsonElement> Items(JsonElement element) => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

    private static int? Number(JsonElement element, string name) => RegionSurvey.Part(element, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value) ? value : null;
}
