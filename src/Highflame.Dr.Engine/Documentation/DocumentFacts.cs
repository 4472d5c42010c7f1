using System.Text.Json;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Documentation;

/// <summary>Everything the document is made of, as it was at one time. Making the document from it needs no more reading.</summary>
internal sealed record DocumentFacts
{
    public required RegionPair Pair { get; init; }

    public required DrContext Context { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Where to sign in without az; null when that is not known.</summary>
    public Uri? Authority { get; init; }

    /// <summary>Audience of tokens for Azure Resource Manager.</summary>
    public string? Audience { get; init; }

    /// <summary>Name of the cloud as <c>az cloud set</c> wants it; null for the public one and for a sandbox.</summary>
    public string? Cloud { get; init; }

    /// <summary>Database to log in to, and the TCP port.</summary>
    public string Database { get; init; } = "postgres";

    public int DatabasePort { get; init; } = 5432;

    public RegionPairStatus? Status { get; init; }

    /// <summary>Seconds that the replica was behind; null when it was not measured.</summary>
    public ReplicationStatus? Replication { get; init; }

    public TrafficFacts? Traffic { get; init; }

    public RegionFacts[] Regions { get; init; } = [];

    public CheckTable[] Checks { get; init; } = [];

    /// <summary>What could not be read, one line each.</summary>
    public string[] Unread { get; init; } = [];

    public RegionFacts? RegionOf(string? location) => location is null ? null : Array.Find(Regions, r => AzureLocation.Same(r.Region.Location, location));
}

/// <summary>Traffic Manager's profile with the numbers that decide how long a failover takes.</summary>
/// <param name="Profile">The profile.</param>
/// <param name="Endpoint">The pair's endpoint; null when the profile has none of its name.</param>
/// <param name="Protocol">HTTP, HTTPS or TCP.</param>
/// <param name="Port">Port that is probed.</param>
/// <param name="Path">Path that is probed.</param>
/// <param name="Interval">Seconds between two probes.</param>
/// <param name="Timeout">Seconds that a probe waits.</param>
/// <param name="Tolerated">Failures in a row that do not count yet.</param>
internal sealed record TrafficFacts(TrafficProfile Profile, TrafficEndpoint? Endpoint, string? Protocol, int? Port, string? Path, int Interval, int Timeout, int Tolerated);

/// <summary>A list that was read, or why it was not.</summary>
internal sealed record Reading<T>(IReadOnlyList<T> Items, string? Problem = null);

/// <summary>What one region offers.</summary>
internal sealed record RegionFacts
{
    public required PairRegion Region { get; init; }

    public Reading<GatewayFact> Gateways { get; init; } = new([]);

    public Reading<PrivateLinkFact> PrivateLinks { get; init; } = new([]);

    public Reading<ServerFact> Servers { get; init; } = new([]);

    public Reading<VaultFact> Vaults { get; init; } = new([]);

    public Reading<CacheFact> Caches { get; init; } = new([]);

    public Reading<ClusterFact> Clusters { get; init; } = new([]);

    public Reading<NetworkFact> Networks { get; init; } = new([]);

    public string Location => AzureLocation.Normalize(Region.Location);
}

/// <summary>An application gateway and its public address.</summary>
internal sealed record GatewayFact(string Name, string? State, string? Address, string? Fqdn, string? Problem);

/// <summary>A private endpoint: what it leads to and the name that the private DNS zone has for it.</summary>
internal sealed record PrivateLinkFact(string Name, string Target, string? Group, string? Status, string? HostName, string? Address);

/// <summary>A database server, with Azure's own document of it.</summary>
internal sealed record ServerFact(DbServer Server, JsonElement Document);

internal sealed record VaultFact(string Name, string? Uri);

internal sealed record CacheFact(string Name, string? HostName, int? SslPort);

internal sealed record ClusterFact(string Name, string? Fqdn, string? Version);

internal sealed record NetworkFact(string Name, string Prefixes);

/// <summary>A table of findings: of the comparison of the regions, or of a preflight.</summary>
/// <param name="Title">What was checked.</param>
/// <param name="Verdict">One sentence.</param>
/// <param name="Rows">Worst first.</param>
/// <param name="Problem">Why there is none; null when it was made.</param>
internal sealed record CheckTable(string Title, string Verdict, IReadOnlyList<CheckRow> Rows, string? Problem = null);

internal sealed record CheckRow(string Severity, string What, string Resource, string Seen, string Wanted, string Remedy);
