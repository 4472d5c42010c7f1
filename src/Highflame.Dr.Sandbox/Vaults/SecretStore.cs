using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Vaults;

/// <summary>One version of a secret.</summary>
internal sealed record SecretVersion
{
    /// <summary>32 hexadecimal digits.</summary>
    public required string Version { get; init; }

    public required string Value { get; init; }

    public string? ContentType { get; init; }

    public JsonObject? Tags { get; init; }

    public bool Enabled { get; init; } = true;

    /// <summary>True for the secret behind a certificate.</summary>
    public bool Certificate { get; init; }

    /// <summary>Not before, in seconds since 1970.</summary>
    public long? NotBefore { get; init; }

    /// <summary>Expiry, in seconds since 1970. It is told, not enforced: Key Vault gives an expired secret out.</summary>
    public long? Expires { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset Updated { get; init; }
}

/// <summary>A secret with its versions, oldest first.</summary>
internal sealed record Secret(string Name, IReadOnlyList<SecretVersion> Versions)
{
    public SecretVersion Latest => Versions[^1];
}

/// <summary>A deleted secret that can be recovered until its purge.</summary>
internal sealed record DeletedSecret(Secret Secret, DateTimeOffset Deleted, DateTimeOffset Purge);

/// <summary>The secrets of all vaults, by vault name. In memory only: values are never written to a file.</summary>
internal sealed class SecretStore(TimeProvider time)
{
    private readonly Dictionary<string, Vault> _vaults = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();

    private sealed class Vault
    {
        public Dictionary<string, Secret> Secrets { get; } = new(StringComparer.OrdinalIgnoreCase);

        public Dictionary<string, DeletedSecret> Deleted { get; } = new(StringComparer.OrdinalIgnoreCase);
    }

    public Secret? Find(string vault, string name)
    {
        lock (_gate) return Of(vault).Secrets.GetValueOrDefault(name);
    }

    public IReadOnlyList<Secret> All(string vault)
    {
        lock (_gate) return [.. Of(vault).Secrets.Values.OrderBy(s => s.Name, StringComparer.OrdinalIgnoreCase)];
    }

    public DeletedSecret? FindDeleted(string vault, string name)
    {
        lock (_gate) return Of(vault).Deleted.GetValueOrDefault(name);
    }

    public IReadOnlyList<DeletedSecret> AllDeleted(string vault)
    {
        lock (_gate) return [.. Of(vault).Deleted.Values.OrderBy(s => s.Secret.Name, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Adds a version with this value; the given version says the rest. False when the name belongs to a deleted secret.</summary>
    public bool TrySet(string vault, string name, SecretVersion version, out SecretVersion made)
    {
        var now = time.GetUtcNow();
        made = version with { Version = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), Created = now, Updated = now };
        lock (_gate)
        {
            var at = Of(vault);
            if (at.Deleted.ContainsKey(name)) return false;
            var known = at.Secrets.GetValueOrDefault(name);
            at.Secrets[name] = new Secret(known?.Name ?? name, [.. known?.Versions ?? [], made]);
            return true;
        }
    }

    /// <summary>Sets a plain value: for the seed and for faults.</summary>
    public void Set(string vault, string name, string value) =>
        TrySet(vault, name, new SecretVersion { Version = "", Value = value, Created = default, Updated = default }, out _);

    /// <summary>Changes one version; null when it does not exist.</summary>
    public SecretVersion? Change(string vault, string name, string? version, Func<SecretVersion, SecretVersion> change)
    {
        lock (_gate)
        {
            var at = Of(vault);
            if (at.Secrets.GetValueOrDefault(name) is not { } secret) return null;
            var old = string.IsNullOrEmpty(version) ? secret.Latest : secret.Versions.FirstOrDefault(v => string.Equals(v.Version, version, StringComparison.OrdinalIgnoreCase));
            if (old is null) return null;
            var changed = change(old) with { Updated = time.GetUtcNow() };
            at.Secrets[name] = secret with { Versions = [.. secret.Versions.Select(v => ReferenceEquals(v, old) ? changed : v)] };
            return changed;
        }
    }

    public DeletedSecret? Delete(string vault, string name, int retentionDays)
    {
        lock (_gate)
        {
            var at = Of(vault);
            if (!at.Secrets.Remove(name, out var secret)) return null;
            var now = time.GetUtcNow();
            return at.Deleted[name] = new DeletedSecret(secret, now, now.AddDays(retentionDays));
        }
    }

    public Secret? Recover(string vault, string name)
    {
        lock (_gate)
        {
            var at = Of(vault);
            if (!at.Deleted.Remove(name, out var deleted)) return null;
            return at.Secrets[name] = deleted.Secret;
        }
    }

    public bool Purge(string vault, string name)
    {
        lock (_gate) return Of(vault).Deleted.Remove(name);
    }

    /// <summary>Forgets a vault with everything in it.</summary>
    public void Forget(string vault)
    {
        lock (_gate) _vaults.Remove(vault);
    }

    private Vault Of(string vault)
    {
        if (!_vaults.TryGetValue(vault, out var found)) _vaults[vault] = found = new Vault();
        var now = time.GetUtcNow();
        foreach (var due in found.Deleted.Where(d => d.Value.Purge <= now).Select(d => d.Key).ToList()) found.Deleted.Remove(due);
        return found;
    }
}
