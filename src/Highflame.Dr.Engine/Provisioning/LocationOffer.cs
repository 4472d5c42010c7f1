using System.Globalization;
using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>A compute size as a location has it.</summary>
internal sealed record OfferedSize(string Name, string Family, int Cores, double MemoryGb, string[] Zones, string? Restriction);

/// <summary>A quota of a location.</summary>
internal sealed record OfferedQuota(long Used, long Limit);

/// <summary>A PostgreSQL size of a location.</summary>
internal sealed record OfferedServer(string Tier, string Name, int Cores, string[] Zones);

/// <summary>What a location offers of all that an environment is made of. A part that Azure did not tell is null.</summary>
internal sealed record LocationOffer
{
    public required string Location { get; init; }

    public required string DisplayName { get; init; }

    public string? Geography { get; init; }

    public string? PhysicalLocation { get; init; }

    public string[] PairedWith { get; init; } = [];

    public IReadOnlyList<OfferedSize>? Sizes { get; init; }

    public IReadOnlyDictionary<string, OfferedQuota>? Quotas { get; init; }

    public IReadOnlyList<string>? KubernetesVersions { get; init; }

    public IReadOnlyList<OfferedServer>? Servers { get; init; }

    public IReadOnlyList<string> ServerVersions { get; init; } = [];

    public IReadOnlyDictionary<string, HashSet<long>> StorageMb { get; init; } = new Dictionary<string, HashSet<long>>();

    /// <summary>Locations of each resource type, as the providers tell; by type.</summary>
    public required IReadOnlyDictionary<string, string[]> Types { get; init; }

    /// <summary>What could not be read, by part.</summary>
    public Dictionary<string, string> Trouble { get; } = new(StringComparer.Ordinal);
}

/// <summary>Reads what a location offers, its parts side by side.</summary>
internal sealed class OfferReading(IArm arm, string subscription)
{
    public async Task<LocationOffer> ReadAsync(JsonElement location, IReadOnlyDictionary<string, string[]> types, CancellationToken cancellationToken)
    {
        var name = RegionSurvey.Text(location, "name")!;
        var metadata = RegionSurvey.Part(location, "metadata");
        var trouble = new Dictionary<string, string>(StringComparer.Ordinal);
        var root = $"/subscriptions/{subscription}/providers";
        var sizes = TryAsync("Compute", trouble, async () => (IReadOnlyList<OfferedSize>)[.. (await arm.ListAsync($"{root}/Microsoft.Compute/skus?$filter=location eq '{name}'".Replace(" ", "%20", StringComparison.Ordinal), ApiVersions.ComputeSkus, cancellationToken).ConfigureAwait(false)).Where(s => RegionSurvey.Text(s, "resourceType") == "virtualMachines").Select(s => Size(s, name))]);
        var quotas = TryAsync("Quota", trouble, async () => (IReadOnlyDictionary<string, OfferedQuota>)(await arm.ListAsync($"{root}/Microsoft.Compute/locations/{name}/usages", ApiVersions.ComputeUsages, cancellationToken).ConfigureAwait(false))
            .Where(u => RegionSurvey.Text(RegionSurvey.Part(u, "name"), "value") is not null)
            .ToDictionary(u => RegionSurvey.Text(RegionSurvey.Part(u, "name"), "value")!, u => new OfferedQuota(Number(u, "currentValue"), Number(u, "limit")), StringComparer.OrdinalIgnoreCase));
        var versions = TryAsync("Kubernetes", trouble, async () => (IReadOnlyList<string>)[.. List(RegionSurvey.Part(await arm.GetAsync($"{root}/Microsoft.ContainerService/locations/{name}/kubernetesVersions", ApiVersions.Clusters, cancellationToken).ConfigureAwait(false), "values")).SelectMany(Versions)]);
        var postgres = TryAsync("PostgreSQL", trouble, () => arm.ListAsync($"{root}/Microsoft.DBforPostgreSQL/locations/{name}/capabilities", ApiVersions.FlexibleServers, cancellationToken));
        var capabilities = await postgres.ConfigureAwait(false) ?? [];
        var capability = capabilities.Count > 0 ? capabilities[0] : default;
        var offer = new LocationOffer
        {
            Location = name,
            DisplayName = RegionSurvey.Text(location, "displayName") ?? name,
            Geography = RegionSurvey.Text(metadata, "geography") ?? RegionSurvey.Text(metadata, "geographyGroup"),
            PhysicalLocation = RegionSurvey.Text(metadata, "physicalLocation"),
            PairedWith = [.. List(RegionSurvey.Part(metadata, "pairedRegion")).Select(p => RegionSurvey.Text(p, "name")).OfType<string>()],
            Sizes = await sizes.ConfigureAwait(false),
            Quotas = await quotas.ConfigureAwait(false),
            KubernetesVersions = await versions.ConfigureAwait(false),
            Servers = capability.ValueKind == JsonValueKind.Undefined ? null : [.. List(RegionSurvey.Part(capability, "supportedServerEditions")).SelectMany(Servers)],
            ServerVersions = [.. List(RegionSurvey.Part(capability, "supportedServerVersions")).Where(IsAvailable).Select(v => RegionSurvey.Text(v, "name")).OfType<string>()],
            StorageMb = List(RegionSurvey.Part(capability, "supportedServerEditions")).ToDictionary(e => RegionSurvey.Text(e, "name") ?? "", Storage, StringComparer.OrdinalIgnoreCase),
            Types = types,
        };
        foreach (var (part, what) in trouble) offer.Trouble[part] = what;
        return offer;
    }

    /// <summary>The part, or null with the reason noted: one that may not be asked does not hide the others.</summary>
    private static async Task<T?> TryAsync<T>(string part, Dictionary<string, string> trouble, Func<Task<T>> read)
        where T : class
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (DrException failure) when (!failure.EndsPipeline)
        {
            lock (trouble) trouble[part] = failure.Message;
            return null;
        }
    }

    private static OfferedSize Size(JsonElement sku, string location)
    {
        string? Capability(string name) => List(RegionSurvey.Part(sku, "capabilities")).Where(c => RegionSurvey.Text(c, "name") == name).Select(c => RegionSurvey.Text(c, "value")).FirstOrDefault();
        var zones = List(RegionSurvey.Part(sku, "locationInfo")).Where(i => AzureLocation.Same(RegionSurvey.Text(i, "location"), location)).SelectMany(i => Words(RegionSurvey.Part(i, "zones"))).ToHashSet(StringComparer.Ordinal);
        string? restriction = null;
        foreach (var entry in List(RegionSurvey.Part(sku, "restrictions")))
        {
            if (RegionSurvey.Text(entry, "type") == "Zone") zones.ExceptWith(Words(RegionSurvey.Part(RegionSurvey.Part(entry, "restrictionInfo"), "zones")));
            else restriction ??= RegionSurvey.Text(entry, "reasonCode") ?? "restricted";
        }

        return new OfferedSize(
            RegionSurvey.Text(sku, "name") ?? "", RegionSurvey.Text(sku, "family") ?? "", int.TryParse(Capability("vCPUs"), NumberStyles.None, CultureInfo.InvariantCulture, out var cores) ? cores : 0,
            double.TryParse(Capability("MemoryGB"), NumberStyles.Float, CultureInfo.InvariantCulture, out var memory) ? memory : 0, [.. zones.Order(StringComparer.Ordinal)], restriction);
    }

    private static IEnumerable<string> Versions(JsonElement entry)
    {
        if (RegionSurvey.Text(entry, "version") is { } minor) yield return minor;
        if (RegionSurvey.Part(entry, "patchVersions") is { ValueKind: JsonValueKind.Object } patches)
            foreach (var patch in patches.EnumerateObject()) yield return patch.Name;
    }

    private static IEnumerable<OfferedServer> Servers(JsonElement edition) =>
        List(RegionSurvey.Part(edition, "supportedServerSkus")).Where(IsAvailable).Select(s => new OfferedServer(
            RegionSurvey.Text(edition, "name") ?? "", RegionSurvey.Text(s, "name") ?? "", (int)Number(s, "vCores"), [.. Words(RegionSurvey.Part(s, "supportedZones"))]));

    private static HashSet<long> Storage(JsonElement edition) =>
        [.. List(RegionSurvey.Part(edition, "supportedStorageEditions")).SelectMany(e => List(RegionSurvey.Part(e, "supportedStorageMb"))).Select(s => Number(s, "storageSizeMb"))];

    // Status is Visible, Available, Default or Disabled; a service that does not say means available.
    private static bool IsAvailable(JsonElement entry) => RegionSurvey.Text(entry, "status") is not "Disabled";

    private static IEnumerable<JsonElement> List(JsonElement element) => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

    private static IEnumerable<string> Words(JsonElement element) => List(element).Where(e => e.ValueKind == JsonValueKind.String).Select(e => e.GetString()!);

    private static long Number(JsonElement element, string name) => RegionSurvey.Part(element, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) ? value : 0;
}
