using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Execution;

/// <summary>What became of the size of one resource. Output of Set-HfRegionCapacity; binds by name to Wait-HfOperation (Operation).</summary>
public sealed record CapacityChange
{
    public required CapacityPart Part { get; init; }

    public required string Name { get; init; }

    public required string ResourceId { get; init; }

    public required string Location { get; init; }

    /// <summary>The role whose sizes were set.</summary>
    public required RegionRole Role { get; init; }

    public required string Before { get; init; }

    public required string After { get; init; }

    /// <summary>Pending with -NoWait; run the same command again to see it through.</summary>
    public required StepOutcome Outcome { get; init; }

    /// <summary>Why it is not as large as the pair file says, with the numbers; null when it is.</summary>
    public string? Shortfall { get; init; }

    /// <summary>The operation that goes on; null when there is none, or when it waits for another of the same cluster.</summary>
    public DrOperation? Operation { get; init; }
}
