namespace Highflame.Dr.Watch;

/// <summary>Whether a watcher may ask for a failover by itself.</summary>
public enum WatchAutomatic
{
    /// <summary>It alerts, and people decide.</summary>
    Off,

    /// <summary>It asks for a forced failover when every rule is met.</summary>
    Failover,
}

/// <summary>The <c>watch</c> section of a region-pair file: by which rules Watch-HfRegionPair judges. Every default is the careful one.</summary>
public sealed record PairWatch
{
    public WatchAutomatic Automatic { get; init; } = WatchAutomatic.Off;

    /// <summary>Verdicts that a failover answers: Region, and Database where a dead database alone is reason enough.</summary>
    public WatchVerdict[] FailoverOn { get; init; } = [WatchVerdict.Region];

    /// <summary>Independent witnesses that must agree. Witnesses that look from the same place count once. Never below 3.</summary>
    public int Witnesses { get; init; } = 3;

    /// <summary>Seconds from the first failure until a failover may be asked for.</summary>
    public double HoldOffSeconds { get; init; } = 180;

    /// <summary>Seconds after a failover in which none is asked for.</summary>
    public double CooldownSeconds { get; init; } = 300;

    /// <summary>Observations in a row that must give the same verdict before anything is said or done.</summary>
    public int Confirmations { get; init; } = 3;

    /// <summary>Seconds from one observation to the next.</summary>
    public double IntervalSeconds { get; init; } = 10;

    /// <summary>Longest time that one witness may take, in seconds.</summary>
    public double TimeoutSeconds { get; init; } = 5;

    /// <summary>A replica that has heard nothing of its primary for this many seconds says that the primary is gone.</summary>
    public double HeartbeatSeconds { get; init; } = 45;

    /// <summary>Azure location, or any other name, of where the watchers run; null means not known, so that their own view never counts as one from outside.</summary>
    public string? WatcherLocation { get; init; }

    /// <summary>HTTPS URLs that depend on neither region: one of them must answer, else the trouble is ours. Empty means Azure Resource Manager and the sign-in authority.</summary>
    public string[] SelfCheck { get; init; } = [];

    public WatchVantage[] VantagePoints { get; init; } = [];
}

/// <summary>A probe in another place that says how the active region looks from there.</summary>
public sealed record WatchVantage
{
    public required string Name { get; init; }

    /// <summary>HTTPS URL; <c>{location}</c> and <c>{target}</c> stand for the active region and its gateway.</summary>
    public required string Url { get; init; }
}
