using Highflame.Dr.Watch;

namespace Highflame.Dr.Rehearsal;

/// <summary>Trouble that a drill made and that must not lead to a failover.</summary>
public sealed record DrillTrouble
{
    /// <summary>For example <c>link cut for 43 s</c>.</summary>
    public required string Name { get; init; }

    /// <summary>How often the watcher looked meanwhile.</summary>
    public int Rounds { get; init; }

    /// <summary>How often it asked for a failover. Must be 0.</summary>
    public int Failovers { get; init; }

    /// <summary>What it found, each verdict once.</summary>
    public WatchVerdict[] Verdicts { get; init; } = [];
}

/// <summary>What Export-HfDrillReport is given of an automatic drill.</summary>
/// <param name="LostAt">When the region was lost.</param>
/// <param name="Found">What the watcher said of the loss, the failover it asked for among it.</param>
/// <param name="Troubles">What came before and had to be left alone.</param>
/// <param name="LimitSeconds">How long after the hold-off's end the failover may begin at the latest.</param>
/// <param name="Runs">How many runs the pair's run store holds at the end.</param>
public sealed record DrillWatchRequest(DateTimeOffset LostAt, WatchEvent[] Found, DrillTrouble[] Troubles, double LimitSeconds, int Runs);

/// <summary>The watch's part of an automatic drill's report, each stretch of time apart.</summary>
public sealed record DrillWatch
{
    public required DateTimeOffset LostAt { get; init; }

    /// <summary>Seconds from the loss to the first round that saw it.</summary>
    public double? DetectionSeconds { get; init; }

    /// <summary>Seconds from that round to the request for a failover, hold-off included.</summary>
    public double? DecisionSeconds { get; init; }

    /// <summary>The hold-off of the rules, in seconds.</summary>
    public double? HoldOffSeconds { get; init; }

    /// <summary>Seconds from the hold-off's end to the request.</summary>
    public double? AfterHoldOffSeconds { get; init; }

    /// <summary>Seconds from the hold-off's end to the begin of the run that was asked for.</summary>
    public double? BegunAfterHoldOffSeconds { get; init; }

    /// <summary>Seconds from the request to the first write that a client had acknowledged by the region that took over.</summary>
    public double? RecoverySeconds { get; init; }

    /// <summary>Seconds from the loss to that write.</summary>
    public double? TotalSeconds { get; init; }

    /// <summary>How often a failover was asked for after the loss. Must be 1.</summary>
    public int Failovers { get; init; }

    /// <summary>How many runs were begun in the whole drill. Must be 1.</summary>
    public int Runs { get; init; }

    /// <summary>How often a failover was asked for in all the troubles together. Must be 0.</summary>
    public int FailoversInTroubles { get; init; }

    public string[] Agreeing { get; init; } = [];

    public DrillTrouble[] Troubles { get; init; } = [];
}
