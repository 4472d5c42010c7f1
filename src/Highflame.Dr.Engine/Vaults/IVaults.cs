namespace Highflame.Dr.Engine.Vaults;

/// <summary>A secret or certificate as a vault lists it: everything but its value.</summary>
/// <param name="Name">Name, unique in its vault and kind.</param>
/// <param name="Enabled">False when nobody may read it.</param>
/// <param name="Expires">When it expires; Key Vault tells it and gives the value out all the same.</param>
/// <param name="NotBefore">From when it is meant to be used.</param>
/// <param name="ContentType">What the value is, in its keeper's words.</param>
/// <param name="Managed">True for the secret behind a certificate, which is written with the certificate only.</param>
/// <param name="Thumbprint">Of a certificate: the SHA-1 of what is public of it, base64url.</param>
internal sealed record VaultItem(string Name, bool Enabled, DateTimeOffset? Expires, DateTimeOffset? NotBefore, string? ContentType, bool Managed, string? Thumbprint)
{
    /// <summary>True when it is to be used at this time.</summary>
    public bool IsUsable(DateTimeOffset now) => Enabled && !(Expires <= now) && !(NotBefore > now);
}

/// <summary>
/// The data plane of Key Vault over one connection: the vault's own token audience, names by the connection's resolvers, trust in the connection's roots. Values pass through and
/// are kept nowhere. Errors: HfVaultForbidden, HfVaultUnreachable, HfSecretNotFound, HfSecretDisabled, HfVaultRefused, HfThrottled, HfSignInFailed.
/// </summary>
internal interface IVaults
{
    /// <param name="vault">The vault's URI, as its ARM document has it (<c>properties.vaultUri</c>).</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<VaultItem>> ListSecretsAsync(Uri vault, CancellationToken cancellationToken);

    Task<IReadOnlyList<VaultItem>> ListCertificatesAsync(Uri vault, CancellationToken cancellationToken);

    /// <summary>The value of the newest version. Never write it anywhere.</summary>
    Task<string> GetSecretAsync(Uri vault, string name, CancellationToken cancellationToken);

    /// <summary>What a vault tells of a key; the id may name a version. Errors: those of the vault, HfKeyNotFound.</summary>
    Task<VaultItem> GetKeyAsync(Uri key, CancellationToken cancellationToken);

    /// <summary>Writes a new version.</summary>
    Task SetSecretAsync(Uri vault, string name, string value, string? contentType, CancellationToken cancellationToken);
}
