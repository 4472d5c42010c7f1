using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Parity;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Parity;

/// <summary>
/// Reads what the catalogue asks for: one list a type and resource group, not one call a resource. Many reads go side by side, not more than <see cref="Together"/>. What cannot be read is kept as
/// a problem; only a lost connection or sign-in ends the reading.
/// </summary>
internal sealed class RegionReader : IDisposable
{
    private const int Together = 8;
    private const string GroupType = "Microsoft.Resources/resourceGroups";
    private const string Authorization = "2022-04-01";
    private readonly AzureConnection _connection;
    private readonly Catalogue _catalogue;
    private readonly IDrObserver _observer;
    private readonly SemaphoreSlim _gate = new(Together);

    public RegionReader(AzureConnection connection, Catalogue catalogue, IDrObserver observer) => (_connection, _catalogue, _observer) = (connection, catalogue, observer);

    public void Dispose() => _gate.Dispose();

    private sealed record Listed(PairRegion Region, List<JsonObject> Resources, List<SnapshotProblem> Problems);

    /// <summary>Reads regions of a pair, in the order given.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="regions">One or both of its regions.</param>
    /// <param name="digest">Makes digests of secret values; null leaves the values alone: they are then read to see whether they are empty, and nothing else.</param>
    /// <param name="secrets">False leaves the vaults' contents alone.</param>
    /// <param name="only">Types to read; null means all of the catalogue, with roles.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<RegionDocuments[]> ReadAsync(RegionPair pair, IReadOnlyList<PairRegion> regions, SecretDigest? digest, bool secrets, string[]? only, CancellationToken cancellationToken)
    {
        var takenAt = _connection.Time.GetUtcNow();
        var listed = await Task.WhenAll(regions.Select(r => ListResourcesAsync(pair, r, cancellationToken))).ConfigureAwait(false);
        // A type that one region has is asked for in both: the generic list lags behind what is really there.
        var types = listed.SelectMany(l => l.Resources).Select(TypeOf).Where(_catalogue.Knows).Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(t => _catalogue.RulesOf(t).Entry).Where(e => !e.Shared && e.Type != GroupType).ToList();
        if (listed.Any(l => l.Problems.Count > 0)) types = [.. _catalogue.Entries.Where(e => !e.Shared && e.Type != GroupType)];
        if (only is not null) types = [.. types.Where(t => only.Contains(t.Type, StringComparer.OrdinalIgnoreCase))];
        var roles = only is null ? ReadRolesAsync(pair, cancellationToken) : Task.FromResult(new RoleReading([], [], []));
        var read = await Task.WhenAll(listed.Select(l => ReadRegionAsync(pair, l, types, only is null, takenAt, cancellationToken))).ConfigureAwait(false);
        RoleReading.Attach(read, await roles.ConfigureAwait(false));
        if (secrets) await Task.WhenAll(read.Select(r => new VaultReading(_connection, digest, _gate).ReadAsync(r, cancellationToken))).ConfigureAwait(false);
        return read;
    }

    /// <summary>The Traffic Manager profile, as a resource of both regions; null when it cannot be read.</summary>
    public async Task<SnapshotResource?> ReadProfileAsync(RegionPair pair, RegionNames names, CancellationToken cancellationToken)
    {
        var entry = _catalogue.RulesOf(AzureId.TrafficProfile).Entry;
        var document = await TryAsync<JsonElement?>([], entry.Type, AzureId.NameOf(pair.Traffic.ProfileId), "profile", async token => await _connection.Arm.TryGetAsync(pair.Traffic.ProfileId, entry.ApiVersion, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        return document is { } found ? SnapshotBuilder.Resource(new(entry.Type, AzureId.NameOf(pair.Traffic.ProfileId), pair.Traffic.ProfileId, JsonObject.Create(found)!), _catalogue, names) : null;
    }

    private async Task<Listed> ListResourcesAsync(RegionPair pair, PairRegion region, CancellationToken cancellationToken)
    {
        var problems = new List<SnapshotProblem>();
        var items = await ListAsync(problems, "Microsoft.Resources/resources", region.ResourceGroup, SnapshotProblems.List, $"{GroupOf(pair, region)}/resources", ApiVersions.Resources, cancellationToken).ConfigureAwait(false) ?? [];
        return new(region, [.. items.Where(i => DocumentPath.Text(i["location"]) is { } at && AzureLocation.Same(at, region.Location))], problems);
    }

    private async Task<RegionDocuments> ReadRegionAsync(RegionPair pair, Listed listed, List<CatalogueEntry> types, bool whole, DateTimeOffset takenAt, CancellationToken cancellationToken)
    {
        var group = GroupOf(pair, listed.Region);
        var problems = new List<SnapshotProblem>(listed.Problems);
        var readingGroup = !whole ? Task.FromResult<JsonElement?>(null) : TryAsync<JsonElement?>(problems, GroupType, listed.Region.ResourceGroup, "group", async token => await _connection.Arm.GetAsync(group, ApiVersions.Resources, token).ConfigureAwait(false), cancellationToken);
        var readingLocks = !whole ? Task.FromResult<IReadOnlyList<JsonObject>?>([]) : ListAsync(problems, GroupType, null, SnapshotProblems.Locks, $"{group}/providers/Microsoft.Authorization/locks", ApiVersions.Locks, cancellationToken);
        var lists = await Task.WhenAll(types.Select(async entry => (Entry: entry, Items: await ListAsync(problems, entry.Type, null, SnapshotProblems.List, $"{group}/providers/{entry.Type}", entry.ApiVersion, cancellationToken).ConfigureAwait(false)))).ConfigureAwait(false);
        var documents = lists.SelectMany(l => (l.Items ?? []).Where(i => AzureLocation.Same(DocumentPath.Text(i["location"]), listed.Region.Location)).Select(i => (l.Entry, Document: Resource(l.Entry.Type, i)))).ToList();
        if (whole) await Task.WhenAll(documents.SelectMany(d => d.Entry.Children.Select(c => ReadChildAsync(problems, d.Entry, c, d.Document, cancellationToken)))).ConfigureAwait(false);

        // The generic list may have been refused: what was read by type has the same names.
        var names = (listed.Resources.Count > 0 ? listed.Resources.Select(i => DocumentPath.Text(i["name"])) : documents.Select(d => d.Document.Name)).OfType<string>().ToList();
        var servers = documents.Where(d => d.Entry.Single).GroupBy(d => d.Entry.Type).Where(g => g.Count() == 1).Select(g => (g.First().Document.Name, $"{{{g.Key.Split('/')[^1]}}}"));
        var region = new RegionDocuments(pair.Name, pair.SubscriptionId, new RegionNames(listed.Region.Location, listed.Region.ResourceGroup, listed.Region.NamePrefix ?? RegionNames.PrefixOf(names)), takenAt) { SingleNames = [.. servers] };
        region.Resources.AddRange(documents.Select(d => d.Document));
        if (await readingGroup.ConfigureAwait(false) is { } found) region.Resources.Add(new(GroupType, listed.Region.ResourceGroup, group, JsonObject.Create(found)!));
        if (whole) region.Resources.AddRange(listed.Resources.Where(i => !_catalogue.Knows(TypeOf(i)) && TypeOf(i).Count(c => c == '/') == 1).Select(i => Resource(TypeOf(i), i)));
        AttachLocks(region, await readingLocks.ConfigureAwait(false) ?? []);
        lock (problems) region.Problems.AddRange(problems);
        return region;
    }

    private async Task ReadChildAsync(List<SnapshotProblem> problems, CatalogueEntry entry, CatalogueChild child, ResourceDocument resource, CancellationToken cancellationToken)
    {
        var items = await ListAsync(problems, entry.Type, resource.Name, child.As, $"{resource.Id}/{child.Path}", entry.ApiVersion, cancellationToken).ConfigureAwait(false);
        resource.Document["$" + child.As] = new JsonArray([.. (items ?? []).Select(i => (JsonNode)i)]);
    }

    /// <summary>The list at the group has the locks of everything in it.</summary>
    private static void AttachLocks(RegionDocuments region, IReadOnlyList<JsonObject> locks)
    {
        foreach (var item in locks)
        {
            if (DocumentPath.Text(item["id"]) is not { } id || id.IndexOf("/providers/Microsoft.Authorization/locks/", StringComparison.OrdinalIgnoreCase) is not (>= 0 and var end)) continue;
            if (region.Resources.Find(r => AzureId.Same(r.Id, id[..end])) is not { } owner) continue;
            if (owner.Document["$locks"] is not JsonArray list) owner.Document["$locks"] = list = [];
            list.Add(item.DeepClone());
        }
    }

    private async Task<RoleReading> ReadRolesAsync(RegionPair pair, CancellationToken cancellationToken)
    {
        // Both groups, whichever is read: an identity of the one region may have a role in the other.
        var problems = new List<SnapshotProblem>();
        // Without the definitions the roles have ids for names: no more is lost.
        var reading = ListAsync([], GroupType, null, SnapshotProblems.Roles, $"{GroupOf(pair, pair.Regions[0])}/providers/Microsoft.Authorization/roleDefinitions", Authorization, cancellationToken);
        var lists = await Task.WhenAll(pair.Regions.Select(r => ListAsync(problems, GroupType, null, SnapshotProblems.Roles, $"{GroupOf(pair, r)}/providers/Microsoft.Authorization/roleAssignments", Authorization, cancellationToken))).ConfigureAwait(false);
        return new(await reading.ConfigureAwait(false) ?? [], [.. lists.SelectMany(l => l ?? [])], [.. problems.Take(1)]);
    }

    private async Task<IReadOnlyList<JsonObject>?> ListAsync(List<SnapshotProblem> problems, string type, string? name, string what, string path, string version, CancellationToken cancellationToken) =>
        await TryAsync<IReadOnlyList<JsonObject>>(problems, type, name, what, async token => [.. (await _connection.Arm.ListAsync(path, version, token).ConfigureAwait(false)).Where(e => e.ValueKind == JsonValueKind.Object).Select(e => JsonObject.Create(e)!)], cancellationToken).ConfigureAwait(false);

    private async Task<T?> TryAsync<T>(List<SnapshotProblem> problems, string type, string? name, string what, Func<CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await read(cancellationToken).ConfigureAwait(false);
        }
        catch (DrException failure) when (!failure.EndsPipeline)
        {
            lock (problems) problems.Add(new(type, name, what, failure.ErrorId, failure.Message, failure.NextStep));
            _observer.Verbose($"{type} {name} {what} could not be read: {failure.ErrorId}");
            return default;
        }
        finally
        {
            _gate.Release();
        }
    }

    private static ResourceDocument Resource(string type, JsonObject item) => new(type, DocumentPath.Text(item["name"]) ?? AzureId.NameOf(DocumentPath.Text(item["id"]) ?? ""), DocumentPath.Text(item["id"]) ?? "", item);

    private static string TypeOf(JsonObject item) => DocumentPath.Text(item["type"]) ?? "";

    private static string GroupOf(RegionPair pair, PairRegion region) => $"/subscriptions/{pair.SubscriptionId}/resourceGroups/{Uri.EscapeDataString(region.ResourceGroup)}";
}
