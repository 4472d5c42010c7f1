using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Readiness;

/// <summary>What a finding means for the failover, worst first.</summary>
public enum ReadinessSeverity
{
    /// <summary>The failover is not begun with this.</summary>
    Refusal,

    /// <summary>The failover goes on; somebody should know and put it right.</summary>
    Warning,

    /// <summary>Not looked at, on purpose; the finding says why.</summary>
    Skipped,

    /// <summary>For the record.</summary>
    Information,
}

/// <summary>One thing that a preflight found. Output of Test-HfReadiness.</summary>
public sealed record ReadinessFinding
{
    /// <summary>Name of the pair; null where only one is meant.</summary>
    public string? Pair { get; init; }

    /// <summary>Stable code, listed in docs/readiness.md.</summary>
    public required string Code { get; init; }

    public required ReadinessSeverity Severity { get; init; }

    /// <summary>Name or resource id of what it is about.</summary>
    public required string Resource { get; init; }

    /// <summary>What was seen. Never a secret.</summary>
    public required string Observed { get; init; }

    public required string Required { get; init; }

    /// <summary>What to do next.</summary>
    public required string Remedy { get; init; }

    public override string ToString() => $"{Severity} {Code}: {Observed} {Remedy}";
}

/// <summary>What Test-HfReadiness asks for.</summary>
public sealed record ReadinessRequest
{
    public required RegionPair Pair { get; init; }

    /// <summary>Location of the region that shall take over.</summary>
    public required string To { get; init; }

    public FailoverMode Mode { get; init; }

    public DbPromotion Promotion { get; init; }

    /// <summary>The run takes ReadOnly locks away itself and puts them back: they are told, and not refused for.</summary>
    public bool Unlock { get; init; }

    /// <summary>Name servers to ask besides; empty means the connection's, else the machine's.</summary>
    public DnsServer[] Resolvers { get; init; } = [];
}
