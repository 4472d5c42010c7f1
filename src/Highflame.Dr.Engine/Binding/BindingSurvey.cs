using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Binding;

/// <summary>Reads what the plan of a binding rests on. The values of secrets are compared here and forgotten.</summary>
internal sealed class BindingSurvey
{
    private readonly IArm _arm;
    private readonly IInventory _inventory;
    private readonly RegionVaults _vaults;
    private readonly TimeProvider _time;

    public BindingSurvey(IArm arm, IInventory inventory, RegionVaults vaults, TimeProvider time)
    {
        _arm = arm;
        _inventory = inventory;
        _vaults = vaults;
        _time = time;
    }

    public async Task<BindingObservation> TakeAsync(BindingRequest request, CancellationToken cancellationToken)
    {
        var region = request.Pair.FindRegion(request.Location)!;
        var findingOther = TryFindAsync(request.Pair, request.Pair.OtherThan(region), cancellationToken);
        var readingEndpoints = EndpointsAsync(request.Pair.SubscriptionId, region, cancellationToken);
        var server = await ServerAsync(request, region, cancellationToken).ConfigureAwait(false);
        var vault = await _vaults.FindAsync(request.Pair, region, cancellationToken).ConfigureAwait(false);
        var (otherVault, other, trouble) = await findingOther.ConfigureAwait(false);
        var seen = new BindingObservation
        {
            At = _time.GetUtcNow(),
            Server = server,
            ResourceGroup = region.ResourceGroup,
            VaultId = vault?.Id,
            OtherVaultId = otherVault?.Id,
            OtherTrouble = trouble,
            Endpoints = await readingEndpoints.ConfigureAwait(false),
        };
        if (vault is null) return seen;
        var own = await _vaults.ReadAsync(vault, cancellationToken).ConfigureAwait(false);
        var endpoint = seen.Endpoints.FirstOrDefault(e => AzureId.Same(e.ServerId, server.ResourceId));
        var write = DatabaseBinding.ToWrite(own, other, server, endpoint is null ? null : await AddressAsync(_arm, endpoint, cancellationToken).ConfigureAwait(false), request.CopyCredential);
        return seen with
        {
            Wrong = [.. DatabaseBinding.All.Where(write.ContainsKey)],
            Empty = [.. DatabaseBinding.Credentials.Where(n => string.IsNullOrEmpty(own.GetValueOrDefault(n)) && !write.ContainsKey(n))],
        };
    }

    /// <summary>Address of a private endpoint, by its document or its network interface; null when neither tells it.</summary>
    public static async Task<string?> AddressAsync(IArm arm, EndpointSeen endpoint, CancellationToken cancellationToken)
    {
        if (endpoint.Address is { } address) return address;
        if (endpoint.NetworkInterfaceId is not { } card) return null;
        return await arm.TryGetAsync(card, ApiVersions.Network, cancellationToken).ConfigureAwait(false) is { } document ? BindingDocuments.AddressOf(document) : null;
    }

    private async Task<(RegionVault? Vault, IReadOnlyDictionary<string, string?> Values, string? Trouble)> TryFindAsync(RegionPair pair, PairRegion region, CancellationToken cancellationToken)
    {
        var nothing = new Dictionary<string, string?>();
        try
        {
            return await _vaults.FindAsync(pair, region, cancellationToken).ConfigureAwait(false) is { } vault
                ? (vault, await _vaults.ReadAsync(vault, cancellationToken).ConfigureAwait(false), null)
                : (null, nothing, $"no vault of {region.ResourceGroup} keeps database secrets");
        }
        catch (DrException trouble) when (!trouble.EndsPipeline)
        {
            return (null, nothing, trouble.Message);
        }
    }

    private async Task<IReadOnlyList<EndpointSeen>> EndpointsAsync(string subscription, PairRegion region, CancellationToken cancellationToken)
    {
        var path = $"/subscriptions/{subscription}/resourceGroups/{region.ResourceGroup}/providers/Microsoft.Network/privateEndpoints";
        return [.. (await _arm.ListAsync(path, ApiVersions.Network, cancellationToken).ConfigureAwait(false)).Select(BindingDocuments.Endpoint).OfType<EndpointSeen>()];
    }

    /// <summary>The server that was named, else the one that runs in the region; where several do, its replica.</summary>
    private async Task<DbServer> ServerAsync(BindingRequest request, PairRegion region, CancellationToken cancellationToken)
    {
        if (request.Server is { } named) return await _inventory.GetServerAsync(named, AzureId.LooksLikeId(named) ? null : region.ResourceGroup, cancellationToken).ConfigureAwait(false);
        var all = await _inventory.GetServersAsync(new DbServerQuery(ResourceGroup: region.ResourceGroup), cancellationToken).ConfigureAwait(false);
        var running = all.Where(s => AzureLocation.Same(s.Location, region.Location) && s.State != "Stopped").ToArray();
        if (running.Length > 1 && running.Count(s => s.Role == DbRole.Replica) == 1) running = [.. running.Where(s => s.Role == DbRole.Replica)];
        return running is [var only] ? only : throw new DrException("HfBindingAmbiguous", DrErrorKind.InvalidState,
            running.Length == 0 ? $"No database server runs in {region.Location}." : $"{running.Length} database servers run in {region.Location}: {string.Join(", ", running.Select(s => s.Name))}.", region.ResourceGroup, "Name the server that the applications shall find (-Server).");
    }
}
