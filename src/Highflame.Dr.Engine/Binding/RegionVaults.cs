using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Vaults;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Binding;

/// <summary>A vault: its resource id and the address of its data plane.</summary>
internal sealed record RegionVault(string Id, Uri Uri);

/// <summary>Finds and reads the vault with a region's database secrets.</summary>
internal sealed class RegionVaults(IArm arm, IVaults vaults)
{
    /// <summary>The vault that the pair file names, else the only one of the resource group that keeps database secrets; null when there is none. Errors: HfBindingAmbiguous and those of vaults.</summary>
    public async Task<RegionVault?> FindAsync(RegionPair pair, PairRegion region, CancellationToken cancellationToken)
    {
        if (region.DatabaseVaultId is { } named) return Vault(await arm.GetAsync(named, ApiVersions.Vaults, cancellationToken).ConfigureAwait(false), named);
        var path = $"/subscriptions/{pair.SubscriptionId}/resourceGroups/{region.ResourceGroup}/providers/Microsoft.KeyVault/vaults";
        var all = (await arm.ListAsync(path, ApiVersions.Vaults, cancellationToken).ConfigureAwait(false)).Select(d => Vault(d, path)).ToArray();
        var keeping = await Task.WhenAll(all.Select(async v => DatabaseBinding.IsKeptIn((await vaults.ListSecretsAsync(v.Uri, cancellationToken).ConfigureAwait(false)).Select(s => s.Name)))).ConfigureAwait(false);
        var found = all.Where((_, i) => keeping[i]).ToArray();
        if (found.Length < 2) return found.SingleOrDefault();
        throw new DrException("HfBindingAmbiguous", DrErrorKind.InvalidState, $"{found.Length} vaults of {region.ResourceGroup} keep database secrets: {string.Join(", ", found.Select(v => AzureId.NameOf(v.Id)))}.", region.ResourceGroup,
            "Name the one that is meant in the pair file (databaseVaultId of the region).");
    }

    /// <summary>The database secrets of a vault; null for one that is not there or is disabled.</summary>
    public async Task<IReadOnlyDictionary<string, string?>> ReadAsync(RegionVault vault, CancellationToken cancellationToken)
    {
        var names = DatabaseBinding.All.ToArray();
        var values = await Task.WhenAll(names.Select(n => TryGetAsync(vault, n, cancellationToken))).ConfigureAwait(false);
        return names.Zip(values).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);
    }

    public Task WriteAsync(RegionVault vault, string name, string value, CancellationToken cancellationToken) => vaults.SetSecretAsync(vault.Uri, name, value, null, cancellationToken);

    private async Task<string?> TryGetAsync(RegionVault vault, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await vaults.GetSecretAsync(vault.Uri, name, cancellationToken).ConfigureAwait(false);
        }
        catch (DrException absent) when (absent.ErrorId is "HfSecretNotFound" or "HfSecretDisabled")
        {
            return null;
        }
    }

    private static RegionVault Vault(JsonElement document, string path) =>
        BindingDocuments.Text(document, "id") is { } id && Uri.TryCreate(BindingDocuments.Text(document, "properties", "vaultUri"), UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps
            ? new(id, uri)
            : throw new DrException("HfArmAnswerMalformed", DrErrorKind.MalformedData, "Azure's document of a vault has no id or no vaultUri.", path, "Check that no proxy answers in Azure's place, and that this version of the module is current.");
}
