using Highflame.Dr.Topology;

namespace Highflame.Dr.Planning;

/// <summary>A kind of setting that Azure does not carry over to a server that was promoted.</summary>
public enum DbSettingKind
{
    Tags,
    Authentication,
    Administrator,
    Backup,
    Parameter,
    HighAvailability,
    Lock,
}

/// <summary>What Copy-HfDbSetting asks for.</summary>
public sealed record SettingRequest
{
    /// <summary>Resource id or name of the promoted server.</summary>
    public required string Server { get; init; }

    /// <summary>Resource id or name of the old primary; null means the one of the pair's last snapshot.</summary>
    public string? From { get; init; }

    /// <summary>Only these kinds; empty means all.</summary>
    public DbSettingKind[] Kinds { get; init; } = [];

    /// <summary>Plan as if the server had been promoted already: what -WhatIf of a chain needs.</summary>
    public bool AssumePromoted { get; init; }
}

/// <summary>One setting, as it is and as it shall be.</summary>
public sealed record SettingItem
{
    public required DbSettingKind Kind { get; init; }

    /// <summary>Which one of its kind, for example the parameter's name.</summary>
    public required string Name { get; init; }

    public required string Before { get; init; }

    public required string After { get; init; }

    /// <summary>Why it is not changed; null when it is.</summary>
    public string? Shortfall { get; init; }

    /// <summary>What is written, and where to.</summary>
    public string? Path { get; init; }

    /// <summary>Body of the write, JSON.</summary>
    public string? Body { get; init; }
}

public sealed record SettingPlan : Plan
{
    public required SettingRequest Request { get; init; }

    public DbServer? Server { get; init; }

    /// <summary>Resource id of the server that the settings come from.</summary>
    public string? FromId { get; init; }

    /// <summary>When they were read from it.</summary>
    public DateTimeOffset? TakenAt { get; init; }

    public SettingItem[] Items { get; init; } = [];
}
