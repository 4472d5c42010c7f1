using Highflame.Dr.Execution;

namespace Highflame.Dr.Evidence;

/// <summary>Objective and what was reached, in seconds. Null means: not known.</summary>
public sealed record ObjectiveResult(double ObjectiveSeconds, double? AchievedSeconds);

/// <summary>One line of the topology at the end.</summary>
public sealed record EvidenceServer(string Name, string Location, string Role);

/// <summary>The traffic endpoint at the end.</summary>
public sealed record EvidenceEndpoint(string Name, string? Target);

/// <summary>Who is active and what each server does.</summary>
public sealed record EvidenceTopology(string? Active, EvidenceServer[] Servers, EvidenceEndpoint? Endpoint);

/// <summary>What one way of promotion has cost the pair so far, over the runs that its store holds. Null means: not known.</summary>
/// <param name="Promotion">Standalone or Switchover.</param>
/// <param name="Runs">Planned runs that promoted so.</param>
/// <param name="RtoSeconds">Median of their recovery times.</param>
/// <param name="UnprotectedSeconds">Median of the time from the promotion until a replica was seen again.</param>
public sealed record PromotionFigures(string Promotion, int Runs, double? RtoSeconds, double? UnprotectedSeconds);

/// <summary>What an auditor gets of a run. Output of Export-HfEvidence; written as JSON with camel-case names.</summary>
public sealed record RunEvidence
{
    public required string RunId { get; init; }

    public required string Pair { get; init; }

    public string? From { get; init; }

    public required string To { get; init; }

    public required string Mode { get; init; }

    /// <summary>Standalone or Switchover; null when nothing was promoted.</summary>
    public string? Promotion { get; init; }

    /// <summary>The two ways of promotion beside each other, as far as the pair's planned runs have used them.</summary>
    public PromotionFigures[] Compared { get; init; } = [];

    public required StepOutcome Outcome { get; init; }

    public required DateTimeOffset Started { get; init; }

    public DateTimeOffset? Finished { get; init; }

    /// <summary>From the first step that took writes away (planned) or from the start of the run (forced) until health was shown in the new region.</summary>
    public required ObjectiveResult Rto { get; init; }

    /// <summary>Seconds of acknowledged writes not in the new primary: 0 when proven, a bound when only measured, null when not known.</summary>
    public required ObjectiveResult Rpo { get; init; }

    /// <summary>True when zero loss was proven from the databases; null when it could not be; false when the proof failed.</summary>
    public bool? ZeroLossProven { get; init; }

    /// <summary>What was shown, or "not proven" with the reason, or "FAILED" with what contradicts it; null after a forced failover.</summary>
    public string? ZeroLossDetail { get; init; }

    /// <summary>What the fenced primary handed over; null when its database was not asked.</summary>
    public HandoverToken? Token { get; init; }

    /// <summary>Lost transactions as the databases alone tell; null while it cannot be known.</summary>
    public long? ReportedLost { get; init; }

    public StepResult[] Steps { get; init; } = [];

    public required EvidenceTopology Topology { get; init; }

    public string[] Owed { get; init; } = [];

    /// <summary>Regions whose Terraform does not know yet which server is where, each with what is to be done; empty when the states were shown to agree.</summary>
    public string[] TerraformOwed { get; init; } = [];

    public required string JournalPath { get; init; }

    /// <summary>Hash of the journal's last line, which seals all before it.</summary>
    public required string JournalHash { get; init; }

    /// <summary>The journal's lines to the letter: whoever has only this file can prove the chain.</summary>
    public string[] Journal { get; init; } = [];

    /// <summary>SHA-256 of this document with this member empty.</summary>
    public string Seal { get; init; } = "";

    /// <summary>Where the evidence was written: a file, or the URL of a blob beside the journal.</summary>
    public string? Path { get; init; }
}

/// <summary>Whether a journal or an evidence file is as it was written. Output of Test-HfEvidence.</summary>
public sealed record EvidenceCheck
{
    public required string Path { get; init; }

    /// <summary>Journal or Evidence.</summary>
    public required string Kind { get; init; }

    /// <summary>True when every line is proven.</summary>
    public required bool Intact { get; init; }

    public string? RunId { get; init; }

    /// <summary>Lines that are proven, from the first on.</summary>
    public required int ProvenLines { get; init; }

    /// <summary>Number of the first journal line that does not fit; null when all do or when the fault is outside the journal.</summary>
    public int? FirstBadLine { get; init; }

    /// <summary>What is wrong, in words.</summary>
    public string? Problem { get; init; }

    /// <summary>Length of an unfinished last line, as a killed process leaves it; it does no harm.</summary>
    public int TornBytes { get; init; }

    /// <summary>Hash of the last proven line, which seals all before it. Compare it with one that was kept elsewhere.</summary>
    public required string LastHash { get; init; }
}
