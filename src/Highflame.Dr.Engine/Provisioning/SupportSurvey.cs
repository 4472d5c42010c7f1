using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Provisioning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>Asks Azure what two locations offer and what runs there already, and has it judged.</summary>
internal sealed class SupportSurvey(AzureConnection connection, IDrObserver observer)
{
    private static readonly string[] Namespaces = ["Microsoft.Cache", "Microsoft.Network", "Microsoft.KeyVault", "Microsoft.ContainerService", "Microsoft.DBforPostgreSQL"];

    public async Task<IReadOnlyList<RegionSupport>> CheckAsync(SupportRequest request, CancellationToken cancellationToken)
    {
        var (arm, pair) = (connection.Arm, request.Pair);
        string[] wanted = request.Locations.Length == 0 ? [.. pair.Regions.Select(r => r.Location)] : request.Locations;
        var known = await arm.ListAsync($"/subscriptions/{pair.SubscriptionId}/locations", ApiVersions.Subscriptions, cancellationToken).ConfigureAwait(false);
        var locations = wanted.Select(w => known.FirstOrDefault(k => AzureLocation.Same(RegionSurvey.Text(k, "name"), w)) is { ValueKind: JsonValueKind.Object } found ? found : throw Unknown(w, known)).ToArray();
        observer.Progress(new("Region support", $"Asking what {string.Join(" and ", wanted)} offer"));
        var types = await TypesAsync(pair.SubscriptionId, cancellationToken).ConfigureAwait(false);
        var reading = new OfferReading(arm, pair.SubscriptionId);
        var offers = await Task.WhenAll(locations.Select(l => reading.ReadAsync(l, types, cancellationToken))).ConfigureAwait(false);
        var live = request.LiveLocation is { } source ? await LiveAsync(pair, source, cancellationToken).ConfigureAwait(false) : null;
        var results = new List<RegionSupport>();
        for (var i = 0; i < offers.Length; i++)
        {
            var needs = await NeedsAsync(pair, offers[i], live, request.TemplatePath, cancellationToken).ConfigureAwait(false);
            results.AddRange(SupportRules.Judge(offers[i], offers[offers.Length == 1 ? 0 : 1 - i], needs));
        }

        observer.Progress(new("Region support", "Done", Completed: true));
        return results;
    }

    private async Task<IReadOnlyDictionary<string, string[]>> TypesAsync(string subscription, CancellationToken cancellationToken)
    {
        var documents = await Task.WhenAll(Namespaces.Select(n => connection.Arm.TryGetAsync($"/subscriptions/{subscription}/providers/{n}", ApiVersions.Resources, cancellationToken))).ConfigureAwait(false);
        var types = new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < Namespaces.Length; i++)
        {
            if (documents[i] is not { } document || RegionSurvey.Part(document, "resourceTypes") is not { ValueKind: JsonValueKind.Array } list) continue;
            foreach (var type in list.EnumerateArray())
            {
                if (RegionSurvey.Text(type, "resourceType") is not { } name || RegionSurvey.Part(type, "locations") is not { ValueKind: JsonValueKind.Array } at) continue;
                types[$"{Namespaces[i]}/{name}"] = [.. at.EnumerateArray().Select(l => l.GetString() ?? "")];
            }
        }

        return types;
    }

    /// <summary>What a live region really is: its pools with what the autoscaler may grow them to, its version, its database server.</summary>
    private async Task<SupportNeeds> LiveAsync(RegionPair pair, string location, CancellationToken cancellationToken)
    {
        var region = pair.RequireRegion(location);
        var environment = RegionEnvironment.Of(pair, region);
        var cluster = await connection.Arm.TryGetAsync(ClusterId(pair, environment), ApiVersions.Clusters, cancellationToken).ConfigureAwait(false)
            ?? throw new DrException("HfRegionNotBuilt", DrErrorKind.NotFound, $"The region {environment.Location} has no cluster {environment.Prefix}-aks to take as the measure.", ClusterId(pair, environment), "Leave -FromLocation out to take the pair file's environment, or build the region with New-HfRegion.");
        var properties = RegionSurvey.Part(cluster, "properties");
        var servers = await connection.Arm.ListAsync($"/subscriptions/{pair.SubscriptionId}/resourceGroups/{region.ResourceGroup}/providers/{AzureId.FlexibleServer}", ApiVersions.FlexibleServers, cancellationToken).ConfigureAwait(false);
        var server = servers.Count > 0 ? servers[0] : default;
        var database = RegionSurvey.Part(server, "properties");
        return new SupportNeeds(
            Pools(properties), new Dictionary<string, long>(), RegionSurvey.Text(properties, "kubernetesVersion") ?? environment.KubernetesVersion,
            RegionSurvey.Text(RegionSurvey.Part(server, "sku"), "tier") ?? environment.DatabaseTier, RegionSurvey.Text(RegionSurvey.Part(server, "sku"), "name") ?? environment.DatabaseSku,
            RegionSurvey.Text(database, "version") ?? environment.DatabaseVersion,
            RegionSurvey.Part(RegionSurvey.Part(database, "storage"), "storageSizeGB") is { ValueKind: JsonValueKind.Number } size ? size.GetInt32() : environment.StorageGB,
            RegionSurvey.Text(database, "availabilityZone") ?? "");
    }

    private async Task<SupportNeeds> NeedsAsync(RegionPair pair, LocationOffer offer, SupportNeeds? live, string? template, CancellationToken cancellationToken)
    {
        // A location that is not one of the pair's is judged as its second region would be.
        var region = pair.FindRegion(offer.Location);
        var environment = RegionEnvironment.Of(pair, region ?? pair.Regions[1]);
        var own = region is null ? new Dictionary<string, long>() : await OwnCoresAsync(pair, environment, offer, cancellationToken).ConfigureAwait(false);
        if (template is not null) return TemplateNeeds.Of(await TemplateEvaluation.EvaluateAsync(template, pair, region ?? pair.Regions[1], offer.Location, cancellationToken).ConfigureAwait(false), environment, own);
        return live is not null ? live with { OwnCores = own } : new SupportNeeds(
            environment.Pools, own, environment.KubernetesVersion, environment.DatabaseTier, environment.DatabaseSku, environment.DatabaseVersion, environment.StorageGB, environment.DatabaseZone);
    }

    private async Task<Dictionary<string, long>> OwnCoresAsync(RegionPair pair, RegionEnvironment environment, LocationOffer offer, CancellationToken cancellationToken)
    {
        var cores = new Dictionary<string, long>(StringComparer.OrdinalIgnoreCase);
        var cluster = await connection.Arm.TryGetAsync(ClusterId(pair, environment), ApiVersions.Clusters, cancellationToken).ConfigureAwait(false);
        foreach (var pool in cluster is { } found ? Pools(RegionSurvey.Part(found, "properties")) : [])
        {
            if (offer.Sizes?.FirstOrDefault(s => s.Name.Equals(pool.Size, StringComparison.OrdinalIgnoreCase)) is { } size) cores[size.Family] = cores.GetValueOrDefault(size.Family) + ((long)size.Cores * pool.Count);
        }

        return cores;
    }

    private static string ClusterId(RegionPair pair, RegionEnvironment environment) =>
        $"/subscriptions/{pair.SubscriptionId}/resourceGroups/{environment.ResourceGroup}/providers/Microsoft.ContainerService/managedClusters/{environment.Prefix}-aks";

    internal static PairNodePool[] Pools(JsonElement properties)
    {
        var list = RegionSurvey.Part(properties, "agentPoolProfiles");
        return list.ValueKind != JsonValueKind.Array ? [] : [.. list.EnumerateArray().Select(p =>
        {
            int? Whole(string name) => RegionSurvey.Part(p, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value) ? value : null;
            return new PairNodePool
            {
                Name = RegionSurvey.Text(p, "name") ?? "",
                Mode = RegionSurvey.Text(p, "mode") ?? "User",
                Size = RegionSurvey.Text(p, "vmSize") ?? "",
                Count = Whole("count") ?? 0,
                Min = Whole("minCount") ?? Whole("count"),
                Max = Whole("maxCount") ?? Whole("count"),
                Zones = RegionSurvey.Part(p, "availabilityZones") is { ValueKind: JsonValueKind.Array } zones ? [.. zones.EnumerateArray().Select(z => z.GetString() ?? "")] : [],
                DiskSizeGB = Whole("osDiskSizeGB"),
            };
        })];
    }

    private static DrException Unknown(string location, IReadOnlyList<JsonElement> known) => new(
        "HfLocationUnknown", DrErrorKind.InvalidArgument, $"Azure offers this subscription no location '{location}'. It offers: {string.Join(", ", known.Select(k => RegionSurvey.Text(k, "name")))}.", location, "Give one of these.");
}
