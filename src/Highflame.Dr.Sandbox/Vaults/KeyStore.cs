using System.Security.Cryptography;

namespace Highflame.Dr.Sandbox.Vaults;

/// <summary>A key of a vault: what Key Vault tells of it. The sandbox encrypts nothing with it.</summary>
internal sealed record VaultKey
{
    public required string Name { get; init; }

    /// <summary>32 hexadecimal digits.</summary>
    public required string Version { get; init; }

    public bool Enabled { get; init; } = true;

    /// <summary>Not before, in seconds since 1970.</summary>
    public long? NotBefore { get; init; }

    /// <summary>Expiry, in seconds since 1970.</summary>
    public long? Expires { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset Updated { get; init; }
}

/// <summary>The keys of all vaults, one version each, by vault name.</summary>
internal sealed class KeyStore(TimeProvider time)
{
    private readonly Dictionary<string, Dictionary<string, VaultKey>> _vaults = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();

    // Made when somebody asks for the public part: it takes a while.
    private readonly Lazy<RSAParameters> _public = new(() =>
    {
        using var key = RSA.Create(2048);
        return key.ExportParameters(includePrivateParameters: false);
    });

    public RSAParameters PublicKey => _public.Value;

    public void Create(string vault, string name)
    {
        var now = time.GetUtcNow();
        lock (_gate) Of(vault)[name] = new VaultKey { Name = name, Version = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), Created = now, Updated = now };
    }

    public VaultKey? Find(string vault, string name)
    {
        lock (_gate) return Of(vault).GetValueOrDefault(name);
    }

    public IReadOnlyList<VaultKey> All(string vault)
    {
        lock (_gate) return [.. Of(vault).Values.OrderBy(k => k.Name, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Null when there is no such key.</summary>
    public VaultKey? Change(string vault, string name, Func<VaultKey, VaultKey> change)
    {
        lock (_gate)
        {
            if (!Of(vault).TryGetValue(name, out var key)) return null;
            return Of(vault)[name] = change(key) with { Updated = time.GetUtcNow() };
        }
    }

    /// <summary>Forgets a vault with everything in it.</summary>
    public void Forget(string vault)
    {
        lock (_gate) _vaults.Remove(vault);
    }

    private Dictionary<string, VaultKey> Of(string vault)
    {
        if (!_vaults.TryGetValue(vault, out var found)) _vaults[vault] = found = new Dictionary<string, VaultKey>(StringComparer.OrdinalIgnoreCase);
        return found;
    }
}
