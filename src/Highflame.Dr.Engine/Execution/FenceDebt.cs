using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Execution;

/// <summary>
/// A fence still owed: an old primary that could take a write, or that is fenced and not yet stopped. Written before the promotion, kept outside the failing
/// region, paid by Complete-HfFence or at the end of a planned failover.
/// </summary>
internal sealed record FenceDebt
{
    /// <summary>Name of the old primary.</summary>
    public required string Server { get; init; }

    public required string ServerId { get; init; }

    /// <summary>Location of the old primary; null in a debt that an older version wrote, or where it was not known.</summary>
    public string? Location { get; init; }

    /// <summary>Resource id of the server that took over.</summary>
    public required string PromotedId { get; init; }

    public required string RunId { get; init; }

    public required FailoverMode Mode { get; init; }

    /// <summary>True when it was seen to refuse writes before the promotion, so that only stopping it is owed.</summary>
    public bool Fenced { get; init; }

    /// <summary>True when it becomes the replica of the server that took over: it is not stopped, it is seen to follow.</summary>
    public bool Switchover { get; init; }

    public required DateTimeOffset Since { get; init; }
}
