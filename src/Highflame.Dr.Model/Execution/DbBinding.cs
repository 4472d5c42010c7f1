namespace Highflame.Dr.Execution;

/// <summary>What a region's applications find now. Output of Set-HfDbBinding. No value of a secret is in it.</summary>
public sealed record DbBinding
{
    /// <summary>Name of the server.</summary>
    public required string Name { get; init; }

    public required string ResourceId { get; init; }

    public required string Location { get; init; }

    public required StepOutcome Outcome { get; init; }

    /// <summary>Name of the vault with the region's database secrets; null when it has none.</summary>
    public string? Vault { get; init; }

    /// <summary>Names of the secrets that were written.</summary>
    public string[] Written { get; init; } = [];

    /// <summary>Resource id of the private endpoint that leads to the server; null when the region's database has none.</summary>
    public string? PrivateEndpointId { get; init; }

    public StepResult[] Steps { get; init; } = [];
}
