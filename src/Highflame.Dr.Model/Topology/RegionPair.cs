namespace Highflame.Dr.Topology;

/// <summary>
/// What a region-pair file declares: two regions, the Traffic Manager profile in front, how to probe the application, and the objectives.
/// It never says which region is active or which server is primary: that is read live, see <see cref="RegionPairStatus"/>.
/// </summary>
public sealed record RegionPair
{
    public required string Name { get; init; }

    /// <summary>Full path of the file it was read from.</summary>
    public required string Path { get; init; }

    public required string SubscriptionId { get; init; }

    public required PairRegion[] Regions { get; init; }

    public required PairTraffic Traffic { get; init; }

    public required PairHealth Health { get; init; }

    public required PairObjectives Objectives { get; init; }

    /// <summary>What a failover back to the region that was left asks for besides.</summary>
    public PairFailback Failback { get; init; } = new();

    /// <summary>How large each region is in each role; null when the file does not say.</summary>
    public PairCapacity? Capacity { get; init; }

    /// <summary>What both regions are built of; null is the users' usual environment. New-HfRegion and Test-HfRegionSupport read it.</summary>
    public PairEnvironment? Environment { get; init; }

    /// <summary>Directory that keeps the leases, journals and fence debts of this pair; null means <c>$HFDR_HOME</c> or <c>~/.highflame-dr</c>.</summary>
    public string? RunStore { get; init; }

    /// <summary>By which rules Watch-HfRegionPair judges.</summary>
    public Watch.PairWatch Watch { get; init; } = new();

    /// <summary>Who is told of runs and alerts.</summary>
    public Watch.PairNotifications Notifications { get; init; } = new();

    /// <summary>Differences between the regions that are meant; a comparison leaves them out and tells when one is not there any more.</summary>
    public Parity.DeclaredDifference[] Differences { get; init; } = [];

    /// <summary>Tags that Set-HfTag merges on every resource of both regions.</summary>
    public Dictionary<string, string> Tags { get; init; } = [];

    /// <summary>The region at a location; the comparison ignores case and spaces, as Azure's display names need.</summary>
    public PairRegion? FindRegion(string location) => Array.Find(Regions, r => AzureLocation.Same(r.Location, location));

    /// <summary>The other region of the two.</summary>
    public PairRegion OtherThan(PairRegion region) => AzureLocation.Same(Regions[0].Location, region.Location) ? Regions[1] : Regions[0];
}

/// <summary>One region of a pair.</summary>
public sealed record PairRegion
{
    /// <summary>Azure location name, for example <c>eastus</c>.</summary>
    public required string Location { get; init; }

    public required string ResourceGroup { get; init; }

    /// <summary>What Traffic Manager should point at when this region is active: a gateway's FQDN, a Private Link FQDN, or an IP address.</summary>
    public required string GatewayTarget { get; init; }

    /// <summary>Resource id of the Application Gateway, when the file gives one.</summary>
    public string? GatewayId { get; init; }

    /// <summary>What the names of the region's resources begin with, for example <c>highflame-prod</c>; null lets a comparison find it.</summary>
    public string? NamePrefix { get; init; }

    /// <summary>Name for a database server built in this region; null lets New-HfReadReplica choose the next free one.</summary>
    public string? ReplicaName { get; init; }

    /// <summary>What is built otherwise in this region, and the names that are its own.</summary>
    public PairEnvironment? Environment { get; init; }

    /// <summary>Resource id of the vault with the region's database secrets; null means the only one of the resource group that has some.</summary>
    public string? DatabaseVaultId { get; init; }
}

/// <summary>The Traffic Manager part of a pair.</summary>
public sealed record PairTraffic
{
    /// <summary>Resource id of the profile.</summary>
    public required string ProfileId { get; init; }

    /// <summary>Name of the one endpoint whose target is changed.</summary>
    public required string EndpointName { get; init; }
}

/// <summary>How the application's health is judged.</summary>
public sealed record PairHealth
{
    /// <summary>Host name the application serves (SNI and Host header), for example <c>control.example.com</c>; null means the name that is probed.</summary>
    public string? HostName { get; init; }

    public string Path { get; init; } = "/healthz";

    /// <summary>Port of the gateways' HTTPS listener.</summary>
    public int Port { get; init; } = 443;

    public int ExpectedStatus { get; init; } = 200;

    /// <summary>Path of an end-to-end function check: a POST there writes an entry and a GET of <c>path/id</c> reads it back; null means none.</summary>
    public string? FunctionPath { get; init; }

    /// <summary>How many probes in a row must agree before a verdict stands.</summary>
    public int Consecutive { get; init; } = 3;

    /// <summary>Longest time one probe may take, in seconds.</summary>
    public double TimeoutSeconds { get; init; } = 5;
}

/// <summary>Recovery objectives in seconds.</summary>
public sealed record PairObjectives
{
    public double RtoSeconds { get; init; } = 900;

    public double RpoSeconds { get; init; } = 60;
}

/// <summary>When a planned failover back to the region that was left is let through.</summary>
public sealed record PairFailback
{
    /// <summary>Seconds that must lie between two failovers of the pair.</summary>
    public double CooldownSeconds { get; init; } = 300;

    /// <summary>Whether the two regions are compared first, and a drift that blocks a failover refuses.</summary>
    public bool Parity { get; init; } = true;
}

/// <summary>How the state of a pair reads now.</summary>
public enum PairState
{
    Unknown,

    /// <summary>The active region holds the primary, the passive one a replica of it.</summary>
    Protected,

    /// <summary>The active region holds the primary and the passive one has no replica of it.</summary>
    Unprotected,

    /// <summary>Traffic goes to a region whose server is not the primary.</summary>
    Misrouted,

    /// <summary>A run has begun and not ended.</summary>
    FailingOver,
}

/// <summary>The live state of a pair: where traffic goes now and what each database server does now. Output of Get-HfRegionPair.</summary>
public sealed record RegionPairStatus
{
    public required string Name { get; init; }

    public required RegionPair Pair { get; init; }

    public required PairState State { get; init; }

    /// <summary>Location that traffic goes to now; null when the endpoint's target belongs to neither region.</summary>
    public string? Active { get; init; }

    public string? Passive { get; init; }

    public string? PrimaryServer { get; init; }

    public string? PrimaryResourceId { get; init; }

    public string? ReplicaServer { get; init; }

    public string? ReplicaResourceId { get; init; }

    public string? EndpointTarget { get; init; }

    public string? TrafficManagerFqdn { get; init; }

    /// <summary>Seconds that resolvers may keep Traffic Manager's answer.</summary>
    public long? Ttl { get; init; }

    public DbServer[] Servers { get; init; } = [];

    /// <summary>Names of servers that still owe a fence.</summary>
    public string[] FenceDebt { get; init; } = [];

    /// <summary>Locks that a run has taken away and that are not put back yet: name and what it locks.</summary>
    public string[] LockDebt { get; init; } = [];

    /// <summary>Id of the run that has begun and not ended; null when there is none.</summary>
    public string? UnfinishedRun { get; init; }

    public required DateTimeOffset ObservedAt { get; init; }
}

/// <summary>Azure location names: <c>East US</c>, <c>eastus</c> and <c>EastUS</c> are one place.</summary>
public static class AzureLocation
{
    public static string Normalize(string? location) =>
        (location ?? "").Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();

    public static bool Same(string? one, string? other) => Normalize(one) == Normalize(other);
}
