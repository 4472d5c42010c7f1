using Highflame.Dr.Planning;

namespace Highflame.Dr.Execution;

/// <summary>What became of one setting. Output of Copy-HfDbSetting.</summary>
public sealed record DbSettingChange
{
    public required DbSettingKind Kind { get; init; }

    public required string Name { get; init; }

    /// <summary>Name of the server.</summary>
    public required string Server { get; init; }

    public required string Before { get; init; }

    public required string After { get; init; }

    public required StepOutcome Outcome { get; init; }

    /// <summary>Why it is not what the old primary had; null when it is.</summary>
    public string? Shortfall { get; init; }
}
