namespace Highflame.Dr.Health;

/// <summary>The way a probe takes to the application.</summary>
public enum HealthPath
{
    /// <summary>Straight at a region's gateway.</summary>
    Gateway,

    /// <summary>Through the Traffic Manager name, as a client goes.</summary>
    TrafficManager,
}

/// <summary>One raw observation of the application's health.</summary>
public sealed record HealthProbe
{
    public required DateTimeOffset At { get; init; }

    public required string Url { get; init; }

    /// <summary>The address that was connected to.</summary>
    public string? Address { get; init; }

    /// <summary>HTTP status; null when no answer came.</summary>
    public int? StatusCode { get; init; }

    public double Milliseconds { get; init; }

    /// <summary>Region that says it answered.</summary>
    public string? Region { get; init; }

    /// <summary>Database server that says it answered.</summary>
    public string? Server { get; init; }

    /// <summary>Role that this database server says it has.</summary>
    public Topology.DbRole Role { get; init; }

    /// <summary>Why the probe counts as failed; null when it passed.</summary>
    public string? Failure { get; init; }
}

/// <summary>Judged state after N probes by one way. Output of Test-HfHealth.</summary>
public sealed record HealthVerdict
{
    public required HealthPath Via { get; init; }

    public required string Url { get; init; }

    /// <summary>True when the last N probes in a row passed.</summary>
    public required bool Healthy { get; init; }

    /// <summary>Region that served, by the answer itself.</summary>
    public string? Region { get; init; }

    /// <summary>Region that was expected to serve.</summary>
    public string? ExpectedRegion { get; init; }

    public string? Server { get; init; }

    public Topology.DbRole Role { get; init; }

    public int? StatusCode { get; init; }

    /// <summary>True when an entry was written and read back; null when that was not asked for.</summary>
    public bool? FunctionIntact { get; init; }

    public string? Reason { get; init; }

    public HealthProbe[] Probes { get; init; } = [];
}

/// <summary>What one resolver answers for the Traffic Manager name. Output of Test-HfTrafficRoute.</summary>
public sealed record TrafficRoute
{
    public required string Name { get; init; }

    public required string Resolver { get; init; }

    public string[] Addresses { get; init; } = [];

    /// <summary>The canonical name on the way, when the target is a name.</summary>
    public string? Cname { get; init; }

    /// <summary>Seconds that the answer may be kept.</summary>
    public int? Ttl { get; init; }

    /// <summary>Location of the pair that the answer leads to; null when neither.</summary>
    public string? Location { get; init; }

    /// <summary>True when the answer is the profile's endpoint as it stands now.</summary>
    public required bool Current { get; init; }

    public double Milliseconds { get; init; }

    public string? Failure { get; init; }
}
