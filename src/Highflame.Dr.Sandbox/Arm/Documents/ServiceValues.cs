using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Identity;
using Highflame.Dr.Sandbox.Postgres;
using Highflame.Dr.Sandbox.Traffic;

namespace Highflame.Dr.Sandbox.Arm.Documents;

/// <summary>
/// What a service itself adds to a resource that somebody writes: ids and states of its parts, addresses, names, principals. A value that the resource had
/// before stays, because a PUT does not give a resource a new address.
/// </summary>
internal sealed class ServiceValues(SandboxLayout layout, SandboxIdentity identity, ResourceStore store, ITrafficPlane traffic, IDatabaseFleet databases)
{
    private static readonly string[] s_gatewayParts =
    [
        "gatewayIPConfigurations", "frontendIPConfigurations", "frontendPorts", "sslCertificates", "probes", "backendAddressPools", "backendHttpSettingsCollection", "httpListeners", "requestRoutingRules",
    ];

    private readonly Lock _gate = new();
    private int _addresses = 40;

    /// <summary>True for a principal that an identity of this subscription stands for.</summary>
    public bool IsPrincipal(string objectId) => store.Where(r => ArmPath.Same(r.Document.Text("properties.principalId"), objectId) || ArmPath.Same(r.Document.Text("identity.principalId"), objectId)).Count > 0;

    public void Fill(ArmPath path, JsonObject document)
    {
        if (path.Types.Count != 1 || path.Namespace is null) return;
        var before = store.Find(path.Text)?.Document;
        var properties = document.Child("properties");
        switch (path.Types[0].ToLowerInvariant())
        {
            case "publicipaddresses":
                Address(path, document, before, properties);
                break;
            case "virtualnetworks":
                Parts(path, properties, "subnets");
                break;
            case "networksecuritygroups":
                Parts(path, properties, "securityRules");
                break;
            case "applicationgateways":
                foreach (var part in s_gatewayParts) Parts(path, properties, part);
                properties["operationalState"] ??= before.Text("properties.operationalState") ?? "Running";
                break;
            case "userassignedidentities":
                Identity(path, document, before, properties);
                break;
            case "managedclusters":
                Cluster(path, document, before, properties);
                break;
            case "redis":
                properties["hostName"] = $"{path.Names[0].ToLowerInvariant()}.redis.cache.windows.net";
                properties["port"] = 6379;
                properties["sslPort"] = 6380;
                if (properties.Text("redisVersion") == "6") properties["redisVersion"] = "6.0";
                break;
            case "privateendpoints":
                Endpoint(path, properties);
                break;
        }
    }

    private static void Parts(ArmPath path, JsonObject properties, string name)
    {
        foreach (var part in (properties[name] as JsonArray ?? []).OfType<JsonObject>())
        {
            part["id"] ??= $"{path.Text}/{name}/{part.Text("name")}";
            part.Child("properties")["provisioningState"] = "Succeeded";
        }
    }

    // The gateway of a region listens on the region's gateway address: the public address with a DNS label is the one it uses.
    private void Address(ArmPath path, JsonObject document, JsonObject? before, JsonObject properties)
    {
        var location = SandboxLayout.Normalize(document.Text("location") ?? "");
        var region = layout.Regions.FirstOrDefault(r => r.Location == location);
        var label = properties.Text("dnsSettings.domainNameLabel");
        var address = before.Text("properties.ipAddress") ?? (label is not null && region is not null ? region.GatewayAddress.ToString() : NextAddress(region));
        properties["ipAddress"] = address;
        if (label is null) return;
        var fqdn = $"{label}.{location}.cloudapp.azure.com".ToLowerInvariant();
        properties.Child("dnsSettings")["fqdn"] = fqdn;
        traffic.SetAddress(fqdn, IPAddress.Parse(address));
    }

    private string NextAddress(SandboxRegion? region)
    {
        lock (_gate) return string.Create(CultureInfo.InvariantCulture, $"127.{layout.Network}.{region?.Number ?? 0}.{_addresses = _addresses % 90 + 1}");
    }

    // The application of a region runs with its own identity, which is there from the start.
    private void Identity(ArmPath path, JsonObject document, JsonObject? before, JsonObject properties)
    {
        var region = layout.Regions.FirstOrDefault(r => ArmPath.Same(path.Names[0], $"{r.NamePrefix}-app-identity") && r.Location == SandboxLayout.Normalize(document.Text("location") ?? ""));
        var application = region is null ? null : identity.ApplicationOf(region);
        properties["tenantId"] = identity.TenantId;
        properties["principalId"] = before.Text("properties.principalId") ?? application?.ObjectId ?? Guid.NewGuid().ToString();
        properties["clientId"] = before.Text("properties.clientId") ?? application?.ClientId ?? Guid.NewGuid().ToString();
    }

    private void Cluster(ArmPath path, JsonObject document, JsonObject? before, JsonObject properties)
    {
        var (location, version) = (SandboxLayout.Normalize(document.Text("location") ?? ""), properties.Text("kubernetesVersion") ?? "1.33");
        properties["powerState"] ??= before.At("properties.powerState")?.DeepClone() ?? new JsonObject { ["code"] = "Running" };
        properties["currentKubernetesVersion"] = version.Count(c => c == '.') > 1 ? version : $"{version}.5";
        properties["fqdn"] = before.Text("properties.fqdn") ?? $"{properties.Text("dnsPrefix") ?? path.Names[0]}.hcp.{location}.azmk8s.io";
        properties["nodeResourceGroup"] ??= $"MC_{path.Group}_{path.Names[0]}_{location}";
        if (properties["oidcIssuerProfile"] is JsonObject issuer) issuer["issuerURL"] = $"https://{location}.oic.prod-aks.azure.com/{identity.TenantId}/";
        foreach (var pool in (properties["agentPoolProfiles"] as JsonArray ?? []).OfType<JsonObject>()) pool["powerState"] ??= new JsonObject { ["code"] = "Running" };
        if (document["identity"] is not JsonObject given || !ArmPath.Same(given.Text("type"), "SystemAssigned")) return;
        given["principalId"] = before.Text("identity.principalId") ?? Guid.NewGuid().ToString();
        given["tenantId"] = identity.TenantId;
    }

    private void Endpoint(ArmPath path, JsonObject properties)
    {
        foreach (var connection in (properties["privateLinkServiceConnections"] as JsonArray ?? []).OfType<JsonObject>())
        {
            connection["id"] ??= $"{path.Text}/privateLinkServiceConnections/{connection.Text("name")}";
            var inner = connection.Child("properties");
            inner["provisioningState"] = "Succeeded";
            inner["privateLinkServiceConnectionState"] ??= new JsonObject { ["status"] = "Approved", ["description"] = "", ["actionsRequired"] = "None" };
            var target = ArmPath.Parse(inner.Text("privateLinkServiceId") ?? "");
            if (target.Names.Count == 0 || ProviderCatalog.Find(target.Namespace, target.TypePath) is null) continue;
            if (!store.Contains(target.Text)) throw ArmError.BadRequest("InvalidResourceReference", $"Resource {target.Text} referenced by resource {path.Text} was not found. Please make sure that the referenced resource exists.");
            properties["customDnsConfigs"] = new JsonArray(Record(target));
        }
    }

    private JsonObject Record(ArmPath target)
    {
        var server = ArmPath.Same(target.Types[0], "flexibleServers");
        var name = server ? $"{target.Names[0]}.postgres.database.azure.com" : $"{target.Names[0]}.redis.cache.windows.net";
        return new JsonObject { ["fqdn"] = name.ToLowerInvariant(), ["ipAddresses"] = new JsonArray(server ? databases.AddressOf(target.Names[0]) : "127.0.0.1") };
    }
}
