using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Execution;

/// <summary>A run store must outlive the region that is being left: an account in that region is refused (design/safety.md rule 4).</summary>
internal static class StoreRegion
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Errors: HfRunStoreInLostRegion. An account that cannot be found is warned of, not refused.</summary>
    public static async Task CheckAsync(AzureConnection connection, RegionPair pair, string to, IDrObserver observer, CancellationToken cancellationToken)
    {
        if (!RunStores.IsBlob(pair.RunStore) || pair.FindRegion(to) is not { } target) return;
        var account = new Uri(pair.RunStore!).Host.Split('.')[0];
        var found = await Glimpse.OfAsync<AccountPlace>(token => FindAsync(connection, account, token), Patience, connection.Time, cancellationToken).ConfigureAwait(false);
        if (found.Value is not { } place)
        {
            observer.Warning($"The region of the storage account {account}, which keeps the runs, is not known{(found.Problem is { } why ? $": {why}" : "")}. Make sure that it does not lie in {pair.OtherThan(target).Location}.");
            return;
        }

        if (Refusal(pair, target, account, place.Location) is { } refusal) throw refusal;
    }

    internal static DrException? Refusal(RegionPair pair, PairRegion target, string account, string location)
    {
        var left = pair.OtherThan(target).Location;
        return !AzureLocation.Same(location, left) ? null : new DrException(
            "HfRunStoreInLostRegion", DrErrorKind.InvalidState,
            $"The runs are kept in the storage account {account} in {location}, the region that this run leaves: when it is lost, the lease and the journal are lost with it.", pair.RunStore,
            $"Give the pair a runStore in {target.Location} or in a third region.");
    }

    private static async Task<AccountPlace?> FindAsync(AzureConnection connection, string account, CancellationToken cancellationToken)
    {
        var filter = Uri.EscapeDataString($"resourceType eq 'Microsoft.Storage/storageAccounts' and name eq '{account}'");
        var items = await connection.Arm.ListAsync($"/subscriptions/{connection.Context.SubscriptionId}/resources?$filter={filter}", ApiVersions.Resources, cancellationToken).ConfigureAwait(false);
        return items.Select(i => i.TryGetProperty("location", out var location) && location.ValueKind == JsonValueKind.String ? new AccountPlace(location.GetString()!) : null).FirstOrDefault(p => p is not null);
    }

    private sealed record AccountPlace(string Location);
}
