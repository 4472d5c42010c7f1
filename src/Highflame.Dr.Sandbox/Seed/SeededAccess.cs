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
    public static void PutSecrets(Composition sandbox, SandboxRegion region)
    {
        var (layout, vault) = (sandbox.Layout, Composition.DatabaseVault(region));
        void Put(string name, string value) => sandbox.Secrets.Set(vault, name, value);
        Put("engine", "postgres");
        Put("dbname", layout.ApplicationRole);
        Put("username", layout.ApplicationRole);
        Put("password", layout.ApplicationPassword);
        Put("host", ServerAddresses.PrivateFqdn(region.DatabaseServer));
        Put("port", layout.DatabasePort.ToString(CultureInfo.InvariantCulture));
        Put("id", ServerId(sandbox, region));
        var certificate = new SecretVersion
        {
            Version = "",
            Value = File.ReadAllText(layout.ServerCertificatePath) + File.ReadAllText(layout.ServerKeyPath),
            ContentType = "application/x-pem-file",
            Expires = sandbox.Now.AddDays(30).ToUnixTimeSeconds(),
            Created = default,
            Updated = default,
        };
        sandbox.Secrets.TrySet(RegionTemplate.SslVault(region, sandbox.Identity), "highflame-tls", certificate, out _);
    }

    /// <summary>The address of the private endpoint, known when the server is there.</summary>
    public static void PutPrivateAddress(Composition sandbox, SandboxRegion region) =>
        sandbox.Secrets.Set(Composition.DatabaseVault(region), "privateip", sandbox.Parts.Databases.AddressOf(region.DatabaseServer));

    /// <summary>Empties what Terraform leaves empty, or writes the good values again.</summary>
    public static void SetSecrets(Composition sandbox, SandboxRegion region, bool empty)
    {
        if (empty)
        {
            foreach (var name in LeftEmpty) sandbox.Secrets.Set(Composition.DatabaseVault(region), name, "");
            return;
        }

        PutSecrets(sandbox, region);
        PutPrivateAddress(sandbox, region);
    }

    /// <summary>Roles: the service principal and the machine's own identity own the subscription; each application reads the secrets of its region.</summary>
    public static void Assign(Composition sandbox)
    {
        var (identity, subscription) = (sandbox.Identity, $"/subscriptions/{sandbox.Identity.SubscriptionId}");
        foreach (var owner in new[] { identity.ObjectId, identity.ManagedIdentityObjectId, identity.Runbooks.ObjectId, identity.UserObjectId })
        {
            Give(sandbox, BuiltInRoles.Owner, subscription, owner);
            Give(sandbox, BuiltInRoles.SecretsOfficer, subscription, owner);
        }

        foreach (var region in sandbox.Layout.Regions)
            Give(sandbox, BuiltInRoles.SecretsUser, $"{subscription}/resourceGroups/{region.ResourceGroup}/providers/{VaultDirectory.Type}/{Composition.DatabaseVault(region)}", identity.ApplicationOf(region).ObjectId);
    }

    private static void Give(Composition sandbox, Role role, string scope, string principal) =>
        sandbox.Roles.Assign(new RoleAssignment(Guid.NewGuid().ToString(), scope, role.Id, principal, "ServicePrincipal", sandbox.Now));

    private static string ServerId(Composition sandbox, SandboxRegion region) =>
        $"/subscriptions/{sandbox.Identity.SubscriptionId}/resourceGroups/{region.ResourceGroup}/providers/{ServerTable.Type}/{region.DatabaseServer}";
}
