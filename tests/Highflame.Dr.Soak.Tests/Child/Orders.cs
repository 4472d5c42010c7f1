using System.Text.Json;

namespace Highflame.Dr.Soak.Child;

/// <summary>What a runbook process is told in the one line that it reads.</summary>
public sealed record Orders
{
    public required string PairPath { get; init; }

    public required string To { get; init; }

    public bool Forced { get; init; }

    public double OldPrimaryWaitSeconds { get; init; }

    public required string EvidencePath { get; init; }

    /// <summary>Kill at the first of these moments that is not named in <see cref="Spared"/>.</summary>
    public Moments KillAt { get; init; }

    /// <summary>Moments that are passed by: before or after, and the words of the record.</summary>
    public string[] Spared { get; init; } = [];

    /// <summary>What to do at given moments.</summary>
    public Act[] Acts { get; init; } = [];

    public string ToLine() => JsonSerializer.Serialize(this);

    public static Orders Parse(string line) => JsonSerializer.Deserialize<Orders>(line)!;
}

/// <summary>What a process does to itself at a moment of its journal.</summary>
/// <param name="Kind">The deed.</param>
/// <param name="Record">The n-th record of this process (from 1) whose words hold <paramref name="Words"/>.</param>
/// <param name="Before">Before it is written, else after.</param>
/// <param name="Words">Part of the record's words; null means every record.</param>
/// <param name="Value">Kill: milliseconds later. ClockJump: seconds. DiskFull: length that no file may exceed; 0 means a little more than the journal has.</param>
public sealed record Act(ActKind Kind, int Record, bool Before, string? Words = null, double Value = 0);

/// <summary>Moments of a journal's records.</summary>
[Flags]
public enum Moments
{
    None = 0,
    Before = 1,
    After = 2,
    Both = Before | After,
}

public enum ActKind
{
    /// <summary>SIGKILL to itself.</summary>
    Kill,

    /// <summary>Says so and waits for the word to go on: the player puts a fault in meanwhile.</summary>
    Hold,

    /// <summary>No file of this process can grow any more.</summary>
    DiskFull,

    /// <summary>The clock that the engine reads jumps.</summary>
    ClockJump,
}
