using Highflame.Dr.Topology;

namespace Highflame.Dr.Alerts;

/// <summary>What an alert says of its condition.</summary>
public enum AlertCondition
{
    /// <summary>A word that is not known here: nobody acts on it.</summary>
    Unknown,

    /// <summary>The condition began to hold.</summary>
    Fired,

    /// <summary>It does not hold any more.</summary>
    Resolved,
}

/// <summary>An alert of Azure Monitor, from its common alert schema. Output of ConvertFrom-HfAlert.</summary>
public sealed record DrAlert
{
    /// <summary>Identity of this alert: Azure Monitor gives the same one to each notice of it, whether it fired or was resolved.</summary>
    public required string AlertId { get; init; }

    /// <summary>Name of the rule.</summary>
    public required string Rule { get; init; }

    public required AlertCondition Condition { get; init; }

    /// <summary>Sev0 (worst) to Sev4; null when it is not said.</summary>
    public string? Severity { get; init; }

    /// <summary>Metric, Log, Activity Log and so on.</summary>
    public string? SignalType { get; init; }

    /// <summary>Resource ids that the alert is about.</summary>
    public string[] TargetIds { get; init; } = [];

    public DateTimeOffset? FiredAt { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }

    public string? Description { get; init; }

    /// <summary>Name of the webhook that brought it; null when it came otherwise.</summary>
    public string? Webhook { get; init; }

    /// <summary>True when it came in the broken form that Azure Automation hands to runbooks of PowerShell 7.</summary>
    public bool Mended { get; init; }
}

/// <summary>What Register-HfAlert is asked to keep.</summary>
public sealed record AlertRequest
{
    public required RegionPair Pair { get; init; }

    public required DrAlert Alert { get; init; }

    /// <summary>Location that the answer to this alert leads to; null means the region that is passive now.</summary>
    public string? To { get; init; }

    /// <summary>How the answer ended; null when it begins.</summary>
    public Execution.StepOutcome? Outcome { get; init; }
}

/// <summary>Whether to act on an alert, and towards which region. The first one to register an alert decides; every later one is told what was decided. Output of Register-HfAlert.</summary>
public sealed record AlertReceipt
{
    public required string AlertId { get; init; }

    public required string Rule { get; init; }

    public required AlertCondition Condition { get; init; }

    /// <summary>Name of the pair.</summary>
    public required string Pair { get; init; }

    /// <summary>True when the caller is to act: it is the first, or the one before it was interrupted.</summary>
    public required bool Act { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>Where the answer leads to. It stays what it was when the alert was first seen, so that a repetition never leads back.</summary>
    public string? To { get; init; }

    public DateTimeOffset? FirstSeen { get; init; }

    /// <summary>How often it was registered.</summary>
    public int Times { get; init; }

    /// <summary>How the answer ended; null while it has not.</summary>
    public Execution.StepOutcome? Outcome { get; init; }
}
