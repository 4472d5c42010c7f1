using System.Globalization;
using Highflame.Dr.Sandbox.Access;
using Highflame.Dr.Sandbox.Arm.FlexibleServers;
using Highflame.Dr.Sandbox.Vaults;

namespace Highflame.Dr.Sandbox.Seed;

/// <summary>The secrets and roles that the sandbox starts with.</summary>
internal static class SeededAccess
{
    /// <summary>The secrets that the users' Terraform leaves empty for a region whose database is a replica.</summary>
    public static readonly string[] LeftEmpty = ["dbname", "username", "password", "privateip"];

    /// <summary>
    /// The database secrets of a region under the names of the users' Terraform. Both regions get values: with the empty ones that Terraform writes for a
    /// replica no failover could serve, which the fault SecretsEmpty shows.
    /// </summary>
    public static void PutSecrets(Composition sandbox, SandboxRegion region, string? server = null)
    {
        server ??= region.DatabaseServer;
        var (layout, vault) = (sandbox.Layout, Composition.DatabaseVault(region));
        void Put(string name, string value) => sandbox.Secrets.Set(vault, name, value);
        Put("engine", "postgres");
        Put("dbname", layout.ApplicationRole);
        Put("username", layout.ApplicationRole);
        Put("password", layout.ApplicationPassword);
        Put("host", ServerAddresses.PrivateFqdn(server));
        Put("port", layout.DatabasePort.ToString(CultureInfo.InvariantCulture));
        Put("id", ServerId(sandbox, region, server));
        PutCertificate(sandbox, region);
    }

    /// <summary>The TLS certificate of a region, as whoever issues certificates puts it there.</summary>
    public static void PutCertificate(Composition sandbox, SandboxRegion region)
    {
        var layout = sandbox.Layout;
        var certificate = new SecretVersion
        {
            Version = "",
            Value = File.ReadAllText(layout.ServerCertificatePath) + File.ReadAllText(layout.ServerKeyPath),
            ContentType = CertificateOperations.ContentType,
            Certificate = true,
            Expires = sandbox.Now.AddDays(30).ToUnixTimeSeconds(),
            Created = default,
            Updated = default,
        };
        sandbox.Secrets.TrySet(RegionTemplate.SslVault(region, sandbox.Identity), "highflame-tls", certificate, out _);
    }

    /// <summary>The address of the private endpoint, known when the server is there.</summary>
    public static void PutPrivateAddress(Composition sandbox, SandboxRegion region, string? server = null) =>
        sandbox.Secrets.Set(Composition.DatabaseVault(region), "privateip", sandbox.Parts.Databases.AddressOf(server ?? region.DatabaseServer));

    /// <summary>
    /// Empties what Terraform leaves empty, or writes good values again: those of the server that the region has now, as somebody must after a replica was built
    /// anew under another name.
    /// </summary>
    public static void SetSecrets(Composition sandbox, SandboxRegion region, bool empty)
    {
        if (empty)
        {
            foreach (var name in LeftEmpty) sandbox.Secrets.Set(Composition.DatabaseVault(region), name, "");
            return;
        }

        var server = sandbox.CurrentServer(region);
        PutSecrets(sandbox, region, server);
        PutPrivateAddress(sandbox, region, server);
    }

    /// <summary>
    /// Roles: the service principal, the managed identities and the user own the subscription, or have the module's operator or reader role on the two resource
    /// groups, as the layout says. Each application reads the secrets of its region.
    /// </summary>
    public static void Assign(Composition sandbox)
    {
        var (identity, layout, subscription) = (sandbox.Identity, sandbox.Layout, $"/subscriptions/{sandbox.Identity.SubscriptionId}");
        foreach (var shipped in (string[])["reader", "operator"]) sandbox.Roles.Put(ShippedRoles.Read(shipped, identity.SubscriptionId));
        foreach (var principal in new[] { identity.ObjectId, identity.ManagedIdentityObjectId, identity.Runbooks.ObjectId, identity.UserObjectId })
        {
            if (layout.Role == "owner")
            {
                Give(sandbox, BuiltInRoles.Owner, subscription, principal);
                Give(sandbox, BuiltInRoles.SecretsOfficer, subscription, principal);
                Give(sandbox, BuiltInRoles.CryptoOfficer, subscription, principal);
                Give(sandbox, BuiltInRoles.CertificatesOfficer, subscription, principal);
                continue;
            }

            foreach (var region in layout.Pairs.SelectMany(p => p.Regions)) Give(sandbox, ShippedRoles.Read(layout.Role, identity.SubscriptionId), $"{subscription}/resourceGroups/{region.ResourceGroup}", principal);
        }

        // In an empty subscription there is no vault yet: the template gives this.
        foreach (var region in layout.Empty ? [] : layout.Pairs.SelectMany(p => p.Regions))
            Give(sandbox, BuiltInRoles.SecretsUser, $"{subscription}/resourceGroups/{region.ResourceGroup}/providers/{VaultDirectory.Type}/{Composition.DatabaseVault(region)}", identity.ApplicationOf(region).ObjectId);
    }

    private static void Give(Composition sandbox, Role role, string scope, string principal) =>
        sandbox.Roles.Assign(new RoleAssignment(Guid.NewGuid().ToString(), scope, role.Id, principal, principal == sandbox.Identity.UserObjectId ? "User" : "ServicePrincipal", sandbox.Now));

    private static string ServerId(Composition sandbox, SandboxRegion region, string server) =>
        $"/subscriptions/{sandbox.Identity.SubscriptionId}/resourceGroups/{region.ResourceGroup}/providers/{ServerTable.Type}/{server}";
}
