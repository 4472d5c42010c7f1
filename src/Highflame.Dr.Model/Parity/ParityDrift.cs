namespace Highflame.Dr.Parity;

/// <summary>What a drift does when the other region has to serve. In this order: worse is larger.</summary>
public enum DriftSeverity
{
    /// <summary>Nothing breaks; somebody will wonder.</summary>
    Cosmetic,

    /// <summary>The region can take over, and something of the application does not work, or not for long.</summary>
    BreaksApplication,

    /// <summary>The region cannot take over.</summary>
    BlocksFailover,
}

/// <summary>What kind of difference a drift is.</summary>
public enum DriftKind
{
    /// <summary>Both have the resource, and a property differs.</summary>
    Different,

    /// <summary>The reference has a resource and the other has none like it.</summary>
    Missing,

    /// <summary>The other has a resource that the reference has not.</summary>
    Extra,

    /// <summary>Nothing differs, or only one side was looked at: a property is not as it has to be for a failover.</summary>
    Unfit,

    /// <summary>Address ranges of the two regions overlap.</summary>
    Overlap,

    /// <summary>Something could not be read, so it was not compared.</summary>
    Unread,

    /// <summary>The pair file declares a difference that is not there any more, or not with these values.</summary>
    Stale,
}

/// <summary>One difference between two regions. Output of Test-HfParity.</summary>
public sealed record ParityDrift
{
    /// <summary>Name of the region pair.</summary>
    public required string Pair { get; init; }

    public required DriftSeverity Severity { get; init; }

    public required DriftKind Kind { get; init; }

    /// <summary>Resource type, for example <c>Microsoft.Cache/redis</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Name of the resource in the reference; null when it has none.</summary>
    public string? Reference { get; init; }

    /// <summary>Name of the resource in the other; null when it has none.</summary>
    public string? Difference { get; init; }

    public string? ReferenceId { get; init; }

    public string? DifferenceId { get; init; }

    /// <summary>Location of the reference.</summary>
    public required string ReferenceLocation { get; init; }

    /// <summary>Location of the other.</summary>
    public required string DifferenceLocation { get; init; }

    /// <summary>For example <c>pools[general].maxCount</c>; <c>(resource)</c> when it is about the resource as a whole.</summary>
    public required string Property { get; init; }

    /// <summary>Value in the reference; null when it has none. Never a secret.</summary>
    public string? ReferenceValue { get; init; }

    /// <summary>Value in the other; null when it has none. Never a secret.</summary>
    public string? DifferenceValue { get; init; }

    /// <summary>What goes wrong when nobody does anything.</summary>
    public required string Why { get; init; }

    /// <summary>What to do.</summary>
    public required string Remedy { get; init; }

    /// <summary>The reason that the pair file gives for the difference; null when it is not declared.</summary>
    public string? Declared { get; init; }

    /// <summary>The two resources in words: <c>name &lt;&gt; other name</c>, or the one name when both have it.</summary>
    public string Resource => Reference is null || Difference is null || string.Equals(Reference, Difference, StringComparison.OrdinalIgnoreCase)
        ? Reference ?? Difference ?? "(pair file)"
        : $"{Reference} <> {Difference}";
}

/// <summary>What two regions were compared and what came out.</summary>
public sealed record ParityReport
{
    public required string Pair { get; init; }

    /// <summary>Location of the reference.</summary>
    public required string ReferenceLocation { get; init; }

    public required string DifferenceLocation { get; init; }

    /// <summary>When each side was read.</summary>
    public required DateTimeOffset ReferenceTakenAt { get; init; }

    public required DateTimeOffset DifferenceTakenAt { get; init; }

    /// <summary>Drifts that nobody declared, worst first.</summary>
    public ParityDrift[] Drifts { get; init; } = [];

    /// <summary>Drifts that the pair file declares.</summary>
    public ParityDrift[] Declared { get; init; } = [];

    /// <summary>How many pairs of resources were compared.</summary>
    public int Resources { get; init; }

    /// <summary>How many pairs of properties were compared.</summary>
    public int Properties { get; init; }

    /// <summary>How many secret values could not be compared, because a saved snapshot holds none.</summary>
    public int ValuesNotCompared { get; init; }
}
