using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Traffic;

namespace Highflame.Dr.Sandbox.Vaults;

/// <summary>A vault as ARM has it.</summary>
internal sealed record VaultInfo(string Id, string Name, string Location, bool Rbac, bool PurgeProtection, int RetentionDays, JsonObject Document)
{
    /// <summary>How a deletion in this vault can be taken back, in Key Vault's words.</summary>
    public string RecoveryLevel => (RetentionDays < 90 ? "CustomizedRecoverable" : "Recoverable") + (PurgeProtection ? "" : "+Purgeable");
}

/// <summary>
/// The vaults that exist in ARM and their names. A vault answers at <c>https://{name}.vault.azure.net:{port}</c>, which the sandbox's DNS resolves while the
/// vault exists: the host then lies under the resource of the challenge, which Microsoft's clients insist on.
/// </summary>
internal sealed class VaultDirectory(ResourceStore store, ITrafficPlane traffic)
{
    public const string Type = "Microsoft.KeyVault/vaults";
    public const string Suffix = ".vault.azure.net";

    /// <summary>Port of the one listener of all vaults; set when it listens.</summary>
    public int Port { get; set; }

    public Uri UriOf(string name) => new(string.Create(CultureInfo.InvariantCulture, $"https://{name.ToLowerInvariant()}{Suffix}:{Port}/"));

    /// <summary>Fills in what Azure fills in and puts the name into DNS: called whenever a vault is written.</summary>
    public void Complete(ArmPath path, JsonObject document)
    {
        if (!ArmPath.Same(path.FullType, Type)) return;
        var properties = document.Child("properties");
        properties["vaultUri"] = UriOf(path.Names[^1]).ToString();
        properties["enableSoftDelete"] ??= true;
        properties["softDeleteRetentionInDays"] ??= 90;
        properties["publicNetworkAccess"] ??= "Enabled";
        properties["accessPolicies"] ??= new JsonArray();
        traffic.SetAddress(path.Names[^1] + Suffix, IPAddress.Loopback);
    }

    public void Remove(StoredResource resource, SecretStore secrets)
    {
        if (!ArmPath.Same(resource.Type, Type)) return;
        traffic.RemoveAddress(resource.Name + Suffix);
        secrets.Forget(resource.Name);
    }

    /// <summary>The vault that a host name stands for; null when ARM has none of that name.</summary>
    public VaultInfo? FindByHost(string host)
    {
        if (!host.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase)) return null;
        var name = host[..^Suffix.Length];
        return store.Where(r => ArmPath.Same(r.Type, Type) && ArmPath.Same(r.Name, name)).Select(r => new VaultInfo(
            r.Id,
            r.Name,
            r.Location,
            r.Document.At("properties.enableRbacAuthorization") is not JsonValue rbac || !rbac.TryGetValue(out bool on) || on,
            r.Document.At("properties.enablePurgeProtection") is JsonValue purge && purge.TryGetValue(out bool kept) && kept,
            (int)(r.Document.Whole("properties.softDeleteRetentionInDays") ?? 90),
            r.Document)).FirstOrDefault();
    }
}
