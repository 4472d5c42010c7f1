using Highflame.Dr.Planning;

namespace Highflame.Dr.Execution;

/// <summary>Where a lock stands after Unlock-HfResource or Lock-HfResource.</summary>
public enum LockState
{
    /// <summary>It holds.</summary>
    Locked,

    /// <summary>It was taken away, and is owed: Lock-HfResource puts it back.</summary>
    Owed,

    /// <summary>What it locked is gone, and it with it.</summary>
    Gone,
}

/// <summary>What became of one lock. Output of Unlock-HfResource and Lock-HfResource.</summary>
public sealed record LockChange
{
    public required string Name { get; init; }

    /// <summary>Resource id of the lock.</summary>
    public required string LockId { get; init; }

    /// <summary>ReadOnly or CanNotDelete.</summary>
    public required string Level { get; init; }

    /// <summary>Resource id of what it locks.</summary>
    public required string Scope { get; init; }

    public required LockReach Reach { get; init; }

    public string? Notes { get; init; }

    public required LockState State { get; init; }

    public required StepOutcome Outcome { get; init; }

    /// <summary>Why it is not as it shall be; null when it is.</summary>
    public string? Shortfall { get; init; }
}
