using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Vaults;
using Highflame.Dr.Parity;

namespace Highflame.Dr.Engine.Parity;

/// <summary>
/// Puts into each vault's document what it holds: <c>$secrets</c> and <c>$certificates</c>, each with its state and, for a comparison, a digest. A value is seen here, turned into "set" or "EMPTY" and
/// a digest, and forgotten.
/// </summary>
internal sealed class VaultReading(AzureConnection connection, SecretDigest? digest, SemaphoreSlim gate)
{
    public const string Type = "Microsoft.KeyVault/vaults";

    /// <summary>States: <c>set</c>, <c>EMPTY</c>, <c>disabled</c>, <c>expired</c>, <c>not valid yet</c>, <c>unreadable</c>.</summary>
    public const string Set = "set";

    public const string Empty = "EMPTY";

    public Task ReadAsync(RegionDocuments region, CancellationToken cancellationToken) =>
        Task.WhenAll(region.Resources.Where(r => string.Equals(r.Type, Type, StringComparison.OrdinalIgnoreCase)).ToList().Select(v => ReadVaultAsync(region, v, cancellationToken)));

    /// <summary>What a listed item is worth at a time, without its value.</summary>
    public static string? StateOf(VaultItem item, DateTimeOffset now) =>
        !item.Enabled ? "disabled" : item.Expires <= now ? "expired" : item.NotBefore > now ? "not valid yet" : null;

    private async Task ReadVaultAsync(RegionDocuments region, ResourceDocument vault, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(DocumentPath.FirstText(vault.Document, "properties.vaultUri"), UriKind.Absolute, out var uri)) return;
        var names = region.SecretNames;
        var readingCertificates = ListAsync(region, vault, SnapshotProblems.Certificates, token => connection.Vaults.ListCertificatesAsync(uri, token), cancellationToken);
        var listed = await ListAsync(region, vault, SnapshotProblems.Secrets, token => connection.Vaults.ListSecretsAsync(uri, token), cancellationToken).ConfigureAwait(false);
        var certificates = await readingCertificates.ConfigureAwait(false);
        if (listed is not null)
        {
            // The secret behind a certificate is the certificate's.
            var secrets = await Task.WhenAll(listed.Where(s => !s.Managed).Select(s => SecretAsync(region, vault, uri, s, names, cancellationToken))).ConfigureAwait(false);
            vault.Document["$secrets"] = new JsonArray([.. secrets]);
        }

        if (certificates is not null)
        {
            vault.Document["$certificates"] = new JsonArray([.. certificates.Select(c => (JsonNode)new JsonObject
            {
                ["name"] = c.Name,
                ["state"] = StateOf(c, connection.Time.GetUtcNow()) ?? "valid",
                ["digest"] = c.Thumbprint is { } print ? digest?.Of(print, names) : null,
            })]);
        }
    }

    private async Task<JsonNode> SecretAsync(RegionDocuments region, ResourceDocument vault, Uri uri, VaultItem item, RegionNames names, CancellationToken cancellationToken)
    {
        var document = new JsonObject { ["name"] = item.Name, ["state"] = StateOf(item, connection.Time.GetUtcNow()) };
        if (!item.Enabled) return document;
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var value = await connection.Vaults.GetSecretAsync(uri, item.Name, cancellationToken).ConfigureAwait(false);
            document["state"] ??= value.Length == 0 ? Empty : Set;
            if (value.Length > 0 && digest is not null) document["digest"] = digest.Of(value, names);
        }
        catch (DrException failure) when (!failure.EndsPipeline)
        {
            document["state"] ??= "unreadable";
            lock (region.Problems)
            {
                // One refusal stands for all secrets of the vault: they have one reader.
                if (!region.Problems.Exists(p => p.Name == vault.Name && p.What == SnapshotProblems.Secrets)) region.Problems.Add(new(Type, vault.Name, SnapshotProblems.Secrets, failure.ErrorId, failure.Message, failure.NextStep));
            }
        }
        finally
        {
            gate.Release();
        }

        return document;
    }

    private async Task<IReadOnlyList<VaultItem>?> ListAsync(RegionDocuments region, ResourceDocument vault, string what, Func<CancellationToken, Task<IReadOnlyList<VaultItem>>> list, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await list(cancellationToken).ConfigureAwait(false);
        }
        catch (DrException failure) when (!failure.EndsPipeline)
        {
            lock (region.Problems) region.Problems.Add(new(Type, vault.Name, what, failure.ErrorId, failure.Message, failure.NextStep));
            return null;
        }
        finally
        {
            gate.Release();
        }
    }
}
