namespace Highflame.Dr.Sandbox.Application;

/// <summary>How a region's real parts do.</summary>
internal sealed record RegionState(string Location, bool GatewayRunning, bool ApplicationRunning, bool HealthFailing, bool CertificateExpired = false);

/// <summary>Where the applications get their secrets from: their region's vault, with an identity of their own.</summary>
/// <param name="VaultOf">Vault of a location's database secrets.</param>
/// <param name="Identity">Endpoint of the managed identities.</param>
/// <param name="ClientOf">Client id of a location's application identity.</param>
internal sealed record VaultAccess(Func<string, Uri> VaultOf, Uri Identity, Func<string, string> ClientOf);

/// <summary>The application and gateway processes of both regions: started, killed and started again.</summary>
internal interface IRegionRuntime
{
    /// <summary>Starts application and gateway of a region; returns when both listen.</summary>
    Task StartAsync(string location, CancellationToken cancellationToken);

    /// <summary>SIGKILL of application and gateway.</summary>
    Task KillAsync(string location, CancellationToken cancellationToken);

    Task SetGatewayAsync(string location, bool running, CancellationToken cancellationToken);

    /// <summary>While failing, /healthz answers 503.</summary>
    Task SetHealthFailingAsync(string location, bool failing, CancellationToken cancellationToken);

    /// <summary>Starts the gateway anew, with a certificate that has expired or with the good one.</summary>
    Task SetCertificateAsync(string location, bool expired, CancellationToken cancellationToken);

    /// <summary>Ends the application and starts it anew, which makes it read its secrets again. Nothing when it does not run.</summary>
    Task RestartApplicationAsync(string location, CancellationToken cancellationToken);

    /// <summary>Says where the applications get their secrets from; before the first start.</summary>
    void UseVaults(VaultAccess access);

    IReadOnlyList<RegionState> GetStates();
}

/// <summary>Settings of the link from one region to the other; both directions of one pair have their own.</summary>
internal sealed record LinkSettings(double LatencyMilliseconds = 0, long? BytesPerSecond = null, bool Cut = false);

/// <summary>The inter-region links: relays that every byte of replication crosses.</summary>
internal interface IInterRegionLinks
{
    void Set(string fromLocation, string toLocation, LinkSettings settings);

    LinkSettings Get(string fromLocation, string toLocation);
}

/// <summary>The client load: writers in a process of their own.</summary>
internal interface IClientLoad
{
    Task StartAsync(int writers, double intervalMilliseconds, CancellationToken cancellationToken);

    /// <summary>What the clients saw so far.</summary>
    Task<LoadSnapshot> GetAsync(CancellationToken cancellationToken);

    /// <summary>Stops the writers and counts, in the database of the server that acknowledged last, which acknowledged writes are missing.</summary>
    Task<LoadSnapshot> StopAsync(CancellationToken cancellationToken);
}

internal sealed record LoadSnapshotShare(string Region, string Server, long Acknowledged, DateTimeOffset First, DateTimeOffset Last);

/// <summary>Same members and JSON names as Highflame.Dr.Rehearsal.LoadReport (camel case on the wire).</summary>
internal sealed record LoadSnapshot
{
    public DateTimeOffset Started { get; init; }

    public DateTimeOffset? Finished { get; init; }

    public bool Running { get; init; }

    public long Acknowledged { get; init; }

    public long Failed { get; init; }

    public long? Lost { get; init; }

    public double OutageSeconds { get; init; }

    public DateTimeOffset? OutageStarted { get; init; }

    public DateTimeOffset? OutageEnded { get; init; }

    public string? CountedIn { get; init; }

    public long AcceptedByOldPrimary { get; init; }

    public IReadOnlyList<LoadSnapshotShare> Shares { get; init; } = [];
}
