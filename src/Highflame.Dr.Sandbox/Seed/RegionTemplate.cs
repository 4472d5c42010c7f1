using System.Globalization;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Identity;

namespace Highflame.Dr.Sandbox.Seed;

/// <summary>Fills region.json, the documents of one region as the users' Terraform makes them, with the names and addresses of a region.</summary>
internal static class RegionTemplate
{
    public static IEnumerable<(ArmPath Path, JsonObject Document)> Fill(SandboxLayout layout, SandboxRegion region, SandboxIdentity identity, int vaultPort)
    {
        using var stream = typeof(RegionTemplate).Assembly.GetManifestResourceStream("region.json") ?? throw new InvalidOperationException("region.json is not embedded.");
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd()
            .Replace("\"{#gatewayPort}\"", layout.GatewayPort.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        foreach (var (name, value) in Values(layout, region, identity, vaultPort)) text = text.Replace($"{{{name}}}", value, StringComparison.Ordinal);
        foreach (var resource in ((JsonArray)JsonNode.Parse(text)!).OfType<JsonObject>())
        {
            var path = ArmPath.Parse($"/subscriptions/{identity.SubscriptionId}/resourceGroups/{region.ResourceGroup}/providers/{resource.Text("type")}/{resource.Text("name")}");
            var document = (JsonObject)resource.DeepClone();
            document.Remove("type");
            document.Remove("name");
            yield return (path, document);
        }
    }

    /// <summary>Name of the vault with a region's TLS certificate.</summary>
    public static string SslVault(SandboxRegion region, SandboxIdentity identity) => region.Pair == 1 ? $"jn-prod-ssl-{Part(region, identity, 0)}" : string.Create(CultureInfo.InvariantCulture, $"jn-prod-ssl-{region.Pair:000}{region.Number}");

    /// <summary>Digits that differ between the regions and are the same at every start with the same seed.</summary>
    private static string Part(SandboxRegion region, SandboxIdentity identity, int index) =>
        Other(identity.TenantId.Replace("-", "", StringComparison.Ordinal).Substring(index + (region.Number * 4), 4), region.Pair);

    /// <summary>Other digits for each pair.</summary>
    private static string Other(string digits, int pair) => pair == 1 ? digits : ((ushort)(Convert.ToUInt16(digits, 16) + (pair * 257))).ToString("x4", CultureInfo.InvariantCulture);

    private static Dictionary<string, string> Values(SandboxLayout layout, SandboxRegion region, SandboxIdentity identity, int vaultPort)
    {
        string Part(int index) => RegionTemplate.Part(region, identity, index);
        return new Dictionary<string, string>
        {
            ["P"] = region.NamePrefix,
            ["location"] = region.Location,
            ["group"] = region.ResourceGroup,
            ["subscription"] = identity.SubscriptionId,
            ["tenant"] = identity.TenantId,
            ["sslVault"] = SslVault(region, identity),
            ["vaultPort"] = vaultPort.ToString(CultureInfo.InvariantCulture),
            ["applicationPrincipalId"] = identity.ApplicationOf(region).ObjectId,
            ["applicationClientId"] = identity.ApplicationOf(region).ClientId,
            ["principalId"] = $"{Part(0)}{Part(4)}-{identity.ObjectId[9..]}",
            ["identityClientId"] = $"{Part(8)}{Part(12)}-{identity.ClientId[9..]}",
            ["gatewayAddress"] = region.GatewayAddress.ToString(),
            ["gatewayFqdn"] = region.GatewayFqdn,
            ["applicationAddress"] = region.ApplicationAddress.ToString(),
            ["natAddress1"] = $"127.{layout.Network}.{region.Number}.21",
            ["natAddress2"] = $"127.{layout.Network}.{region.Number}.22",
        };
    }
}
