using System.Globalization;
using Highflame.Dr.Provisioning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>
/// What an environment needs of a location, as far as Azure can be asked. The Max of a pool is what the location must be able to hold; OwnCores are the vCPUs, by family,
/// that the environment uses there already.
/// </summary>
internal sealed record SupportNeeds(
    IReadOnlyList<PairNodePool> Pools, IReadOnlyDictionary<string, long> OwnCores, string KubernetesVersion, string DatabaseTier, string DatabaseSku, string DatabaseVersion, int StorageGB, string DatabaseZone)
{
    /// <summary>Resource types that are needed; null means every one that a region has.</summary>
    public IReadOnlySet<string>? Types { get; init; }

    public bool Needs(string type) => Types?.Contains(type) != false;
}

/// <summary>Judges needs against offers: a pure function. The remedy of a missing size is the nearest one that both locations have.</summary>
internal static class SupportRules
{
    private static readonly (string Service, string Type)[] Types =
    [
        ("Redis", "Microsoft.Cache/redis"), ("ApplicationGateway", "Microsoft.Network/applicationGateways"), ("KeyVault", "Microsoft.KeyVault/vaults"),
        ("Kubernetes", "Microsoft.ContainerService/managedClusters"), ("PostgreSQL", "Microsoft.DBforPostgreSQL/flexibleServers"),
    ];

    public static IEnumerable<RegionSupport> Judge(LocationOffer here, LocationOffer other, SupportNeeds needs) =>
        [
            .. Compute(here, other, needs), .. Quotas(here, needs), .. needs.Needs("Microsoft.ContainerService/managedClusters") ? [Kubernetes(here, other, needs)] : Array.Empty<RegionSupport>(),
            .. needs.Needs("Microsoft.DBforPostgreSQL/flexibleServers") ? Database(here, other, needs) : [], .. Types.Where(t => needs.Needs(t.Type)).Select(t => Type(here, t.Service, t.Type)), .. Geography(here, other),
        ];

    private static IEnumerable<RegionSupport> Compute(LocationOffer here, LocationOffer other, SupportNeeds needs)
    {
        foreach (var group in needs.Pools.GroupBy(p => p.Size, StringComparer.OrdinalIgnoreCase))
        {
            string[] zones = [.. group.SelectMany(p => p.Zones ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
            var requirement = zones.Length == 0 ? group.Key : $"{group.Key} in zone{(zones.Length == 1 ? "" : "s")} {string.Join(", ", zones)}";
            if (here.Sizes is not { } sizes)
            {
                yield return NotKnown(here, "Compute", requirement);
                continue;
            }

            var size = sizes.FirstOrDefault(s => Same(s.Name, group.Key));
            var missing = size is null ? [] : zones.Except(size.Zones, StringComparer.Ordinal).ToArray();
            yield return size is null
                ? Result(here, "Compute", requirement, SupportVerdict.NotOffered, $"{here.DisplayName} has no {group.Key}.", Nearest(here, other, group.Key, zones))
                : size.Restriction is { } reason
                    ? Result(here, "Compute", requirement, SupportVerdict.Restricted, $"Azure keeps {group.Key} from this subscription: {reason}.", $"{Nearest(here, other, group.Key, zones)} Or ask Azure support to lift the restriction.")
                    : missing.Length > 0
                        ? Result(here, "Compute", requirement, SupportVerdict.Restricted, $"{group.Key} is not in zone{(missing.Length == 1 ? "" : "s")} {string.Join(", ", missing)}.", Nearest(here, other, group.Key, zones))
                        : Result(here, "Compute", requirement, SupportVerdict.Supported, $"{size.Cores} vCPUs, {size.MemoryGb:0.#} GiB.", null);
        }
    }

    private static IEnumerable<RegionSupport> Quotas(LocationOffer here, SupportNeeds needs)
    {
        if (here.Sizes is not { } sizes || needs.Pools.Count == 0) yield break;
        var families = needs.Pools.Select(p => (Pool: p, Size: sizes.FirstOrDefault(s => Same(s.Name, p.Size)))).Where(p => p.Size is not null)
            .GroupBy(p => p.Size!.Family, StringComparer.OrdinalIgnoreCase).Select(g => (Name: g.Key, Cores: g.Sum(p => (long)p.Size!.Cores * (p.Pool.Max ?? p.Pool.Count)))).ToArray();
        foreach (var (name, cores) in families.Append((Name: "cores", Cores: families.Sum(f => f.Cores))))
        {
            var requirement = $"{cores} vCPUs of {(name == "cores" ? "the region" : name)}";
            if (here.Quotas is not { } quotas || !quotas.TryGetValue(name, out var quota))
            {
                yield return NotKnown(here, "Quota", requirement);
                continue;
            }

            // What the environment itself uses there already is part of what it needs.
            var own = name == "cores" ? needs.OwnCores.Values.Sum() : needs.OwnCores.GetValueOrDefault(name);
            var free = quota.Limit - quota.Used + Math.Min(own, quota.Used);
            var observed = string.Create(CultureInfo.InvariantCulture, $"limit {quota.Limit}, used {quota.Used}{(own > 0 ? $" ({own} by this environment)" : "")}: {free} can be had.");
            yield return free >= cores
                ? Result(here, "Quota", requirement, SupportVerdict.Supported, observed, null)
                : Result(here, "Quota", requirement, SupportVerdict.QuotaShort, observed, $"Raise the quota of {(name == "cores" ? "total regional vCPUs" : name)} in {here.DisplayName} to at least {quota.Used - Math.Min(own, quota.Used) + cores}: az quota update, or the portal's Quotas page.");
        }
    }

    private static RegionSupport Kubernetes(LocationOffer here, LocationOffer other, SupportNeeds needs)
    {
        var requirement = $"Kubernetes {needs.KubernetesVersion}";
        if (here.KubernetesVersions is not { } versions) return NotKnown(here, "Kubernetes", requirement);
        if (versions.Contains(needs.KubernetesVersion, StringComparer.Ordinal)) return Result(here, "Kubernetes", requirement, SupportVerdict.Supported, "Offered.", null);
        var common = versions.Intersect(other.KubernetesVersions ?? versions, StringComparer.Ordinal).Where(v => Version.TryParse(v, out _)).OrderByDescending(v => Version.Parse(v)).FirstOrDefault(v => v.Count(c => c == '.') == 1);
        return Result(here, "Kubernetes", requirement, SupportVerdict.NotOffered, $"Offered: {string.Join(", ", versions.Where(v => v.Count(c => c == '.') == 1))}.", common is null ? "Choose another location." : $"{common} is the newest version that both locations have.");
    }

    private static IEnumerable<RegionSupport> Database(LocationOffer here, LocationOffer other, SupportNeeds needs)
    {
        var requirement = $"{needs.DatabaseSku} ({needs.DatabaseTier}){(needs.DatabaseZone.Length > 0 ? $" in zone {needs.DatabaseZone}" : "")}";
        if (here.Servers is not { } servers)
        {
            yield return NotKnown(here, "PostgreSQL", requirement);
            yield break;
        }

        var server = servers.FirstOrDefault(s => Same(s.Name, needs.DatabaseSku) && Same(s.Tier, needs.DatabaseTier));
        yield return server is null
            ? Result(here, "PostgreSQL", requirement, SupportVerdict.NotOffered, $"{here.DisplayName} has no such size.", NearestServer(here, other, needs))
            : needs.DatabaseZone.Length > 0 && server.Zones.Length > 0 && !server.Zones.Contains(needs.DatabaseZone, StringComparer.Ordinal)
                ? Result(here, "PostgreSQL", requirement, SupportVerdict.Restricted, $"It is in zone{(server.Zones.Length == 1 ? "" : "s")} {string.Join(", ", server.Zones)}.", $"Take zone {server.Zones[0]}.")
                : Result(here, "PostgreSQL", requirement, SupportVerdict.Supported, $"{server.Cores} vCPUs.", null);
        yield return here.ServerVersions.Contains(needs.DatabaseVersion, StringComparer.Ordinal)
            ? Result(here, "PostgreSQL", $"PostgreSQL {needs.DatabaseVersion}", SupportVerdict.Supported, "Offered.", null)
            : Result(here, "PostgreSQL", $"PostgreSQL {needs.DatabaseVersion}", SupportVerdict.NotOffered, $"Offered: {string.Join(", ", here.ServerVersions)}.", "Choose a version that both locations have.");
        var storage = here.StorageMb.GetValueOrDefault(needs.DatabaseTier);
        yield return storage?.Contains(needs.StorageGB * 1024L) == true
            ? Result(here, "PostgreSQL", $"{needs.StorageGB} GB of storage", SupportVerdict.Supported, "Offered.", null)
            : Result(here, "PostgreSQL", $"{needs.StorageGB} GB of storage", SupportVerdict.NotOffered, $"Offered: {string.Join(", ", (storage ?? []).Order().Select(s => s / 1024))} GB.", "Choose the next larger size that both locations have; a replica's must not be smaller than its primary's.");
        yield return Same(needs.DatabaseTier, "Burstable")
            ? Result(here, "PostgreSQL", "A replica in another region", SupportVerdict.NotOffered, "The tier Burstable has no read replicas.", "Take GeneralPurpose or MemoryOptimized.")
            : Result(here, "PostgreSQL", "A replica in another region", SupportVerdict.Supported, $"{needs.DatabaseTier} has read replicas.", null);
    }

    private static RegionSupport Type(LocationOffer here, string service, string type)
    {
        if (!here.Types.TryGetValue(type, out var locations)) return NotKnown(here, service, type);
        return locations.Any(l => AzureLocation.Same(l, here.Location))
            ? Result(here, service, type, SupportVerdict.Supported, "The provider has it there.", null)
            : Result(here, service, type, SupportVerdict.NotOffered, $"The provider does not have it in {here.DisplayName}.", "Choose another location.");
    }

    private static IEnumerable<RegionSupport> Geography(LocationOffer here, LocationOffer other)
    {
        var distinct = $"Another place than {other.DisplayName}";
        yield return AzureLocation.Same(here.Location, other.Location)
            ? Result(here, "Geography", distinct, SupportVerdict.NotOffered, "It is the same location.", "Choose two locations.")
            : here.PhysicalLocation is { } place && place == other.PhysicalLocation
                ? Result(here, "Geography", distinct, SupportVerdict.Advised, $"Both are in {place}.", "One disaster may hit both: a location farther away is safer.")
                : Result(here, "Geography", distinct, SupportVerdict.Supported, $"{here.PhysicalLocation ?? here.DisplayName} and {other.PhysicalLocation ?? other.DisplayName}.", null);
        if (here.Geography is not null && other.Geography is not null && here.Geography != other.Geography)
            yield return Result(here, "Geography", $"Same jurisdiction as {other.DisplayName}", SupportVerdict.Advised, $"{here.Geography} and {other.Geography}.", "Data crosses a border: see whether it may.");
        yield return here.PairedWith.Any(p => AzureLocation.Same(p, other.Location))
            ? Result(here, "Geography", $"Paired with {other.DisplayName}", SupportVerdict.Supported, "Azure pairs them: it updates one at a time and recovers one of them first.", null)
            : Result(here, "Geography", $"Paired with {other.DisplayName}", SupportVerdict.Advised, here.PairedWith.Length == 0 ? "Azure pairs it with no location." : $"Azure pairs it with {string.Join(", ", here.PairedWith)}.", "It works; Azure's sequenced updates and recovery order do not cover this pair.");
    }

    private static string Nearest(LocationOffer here, LocationOffer other, string wanted, string[] zones)
    {
        bool Fits(OfferedSize s) => s.Restriction is null && zones.All(z => s.Zones.Contains(z, StringComparer.Ordinal));
        var known = (here.Sizes ?? []).Concat(other.Sizes ?? []).FirstOrDefault(s => Same(s.Name, wanted));
        var both = (here.Sizes ?? []).Where(Fits).Where(s => (other.Sizes ?? []).Any(o => Same(o.Name, s.Name) && Fits(o)));
        var nearest = both.Where(s => !Same(s.Name, wanted) && (known is null || (s.Cores >= known.Cores && s.MemoryGb >= known.MemoryGb)))
            .OrderBy(s => known is null ? s.Cores : Math.Abs(s.Cores - known.Cores)).ThenBy(s => known is null ? s.MemoryGb : Math.Abs(s.MemoryGb - known.MemoryGb))
            .ThenByDescending(s => Shared(s.Name, wanted)).ThenByDescending(s => s.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault();
        return nearest is null ? "No size of at least this strength is in both locations: choose another location." : $"{nearest.Name} ({nearest.Cores} vCPUs, {nearest.MemoryGb:0.#} GiB) is the nearest size that both locations have.";
    }

    private static string NearestServer(LocationOffer here, LocationOffer other, SupportNeeds needs)
    {
        var cores = (other.Servers ?? []).FirstOrDefault(s => Same(s.Name, needs.DatabaseSku))?.Cores ?? 0;
        var nearest = (here.Servers ?? []).Where(s => Same(s.Tier, needs.DatabaseTier) && s.Cores >= cores && (other.Servers ?? []).Any(o => Same(o.Name, s.Name)))
            .OrderBy(s => s.Cores).ThenByDescending(s => Shared(s.Name, needs.DatabaseSku)).FirstOrDefault();
        return nearest is null ? "No size of this tier is in both locations: choose another tier or location." : $"{nearest.Name} ({nearest.Cores} vCPUs) is the nearest size that both locations have.";
    }

    /// <summary>Length of the common beginning of two names: sizes of one family read alike.</summary>
    private static int Shared(string one, string two) => one.Zip(two).TakeWhile(p => char.ToUpperInvariant(p.First) == char.ToUpperInvariant(p.Second)).Count();

    private static RegionSupport NotKnown(LocationOffer here, string service, string requirement) => Result(
        here, service, requirement, SupportVerdict.Unknown, here.Trouble.GetValueOrDefault(service, "Azure does not tell."), "Look it up in the portal, or give the signed-in principal the right to read it.");

    private static RegionSupport Result(LocationOffer here, string service, string requirement, SupportVerdict verdict, string observed, string? remedy) =>
        new() { Location = here.Location, Service = service, Requirement = requirement, Verdict = verdict, Observed = observed, Remedy = remedy };

    private static bool Same(string one, string two) => one.Equals(two, StringComparison.OrdinalIgnoreCase);
}
