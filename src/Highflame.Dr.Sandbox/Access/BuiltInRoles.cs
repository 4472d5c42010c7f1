namespace Highflame.Dr.Sandbox.Access;

/// <summary>The built-in roles of Azure that the sandbox knows, with Azure's own ids.</summary>
internal static class BuiltInRoles
{
    public static readonly Role Owner = new() { Id = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", Name = "Owner", Description = "Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.", Actions = ["*"] };

    public static readonly Role Contributor = new()
    {
        Id = "b24988ac-6180-42a0-ab88-20f7382dd24c",
        Name = "Contributor",
        Description = "Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC.",
        Actions = ["*"],
        NotActions = ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write", "Microsoft.Authorization/elevateAccess/Action"],
    };

    public static readonly Role Reader = new() { Id = "acdd72a7-3385-48ef-bd42-f606fba81ae7", Name = "Reader", Description = "View all resources, but does not allow you to make any changes.", Actions = ["*/read"] };

    public static readonly Role SecretsOfficer = new()
    {
        Id = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
        Name = "Key Vault Secrets Officer",
        Description = "Perform any action on the secrets of a key vault, except manage permissions.",
        Actions = ["Microsoft.KeyVault/checkNameAvailability/read", "Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/operations/read"],
        DataActions = ["Microsoft.KeyVault/vaults/secrets/*"],
    };

    public static readonly Role SecretsUser = new()
    {
        Id = "4633458b-17de-408a-b874-0445c86b69e6",
        Name = "Key Vault Secrets User",
        Description = "Read secret contents.",
        DataActions = ["Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"],
    };

    public static readonly Role CryptoOfficer = new()
    {
        Id = "14b46e9e-c2b7-41b4-b07b-48a6ebf60603",
        Name = "Key Vault Crypto Officer",
        Description = "Perform any action on the keys of a key vault, except manage permissions.",
        Actions = ["Microsoft.KeyVault/checkNameAvailability/read", "Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/operations/read"],
        DataActions = ["Microsoft.KeyVault/vaults/keys/*"],
    };

    public static readonly Role CryptoServiceUser = new()
    {
        Id = "e147488a-f6f5-4113-8e2d-b22465e65bf6",
        Name = "Key Vault Crypto Service Encryption User",
        Description = "Read metadata of keys and perform wrap/unwrap operations.",
        DataActions = ["Microsoft.KeyVault/vaults/keys/read", "Microsoft.KeyVault/vaults/keys/wrap/action", "Microsoft.KeyVault/vaults/keys/unwrap/action"],
    };

    public static readonly Role CertificatesOfficer = new()
    {
        Id = "a4417e6f-fecd-4de8-b567-7b0420556985",
        Name = "Key Vault Certificates Officer",
        Description = "Perform any action on the certificates of a key vault, excluding reading the secret and key portions, and managing permissions.",
        Actions = ["Microsoft.KeyVault/checkNameAvailability/read", "Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/operations/read"],
        DataActions = ["Microsoft.KeyVault/vaults/certificatecas/*", "Microsoft.KeyVault/vaults/certificates/*", "Microsoft.KeyVault/vaults/certificatecontacts/write"],
    };

    public static readonly Role CertificateUser = new()
    {
        Id = "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba",
        Name = "Key Vault Certificate User",
        Description = "Read certificate contents.",
        DataActions = ["Microsoft.KeyVault/vaults/certificates/read", "Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/secrets/readMetadata/action", "Microsoft.KeyVault/vaults/keys/read"],
    };

    public static IReadOnlyList<Role> All => [Owner, Contributor, Reader, SecretsOfficer, SecretsUser, CertificatesOfficer, CertificateUser, CryptoOfficer, CryptoServiceUser];
}
