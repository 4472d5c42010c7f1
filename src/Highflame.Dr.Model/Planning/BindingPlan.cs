using Highflame.Dr.Topology;

namespace Highflame.Dr.Planning;

/// <summary>What Set-HfDbBinding asks for: that a region's applications find a database server.</summary>
public sealed record BindingRequest
{
    public required RegionPair Pair { get; init; }

    /// <summary>The region whose secrets and private endpoint are meant.</summary>
    public required string Location { get; init; }

    /// <summary>Resource id or name of the server; null means the one that runs in the region.</summary>
    public string? Server { get; init; }

    /// <summary>Write the other region's credentials also where this region has some.</summary>
    public bool CopyCredential { get; init; }
}

/// <summary>The plan of a binding. It holds names of secrets, never a value.</summary>
public sealed record BindingPlan : Plan
{
    public required BindingRequest Request { get; init; }

    public DbServer? Server { get; init; }

    /// <summary>Resource id of the vault with the region's database secrets; null when it has none.</summary>
    public string? VaultId { get; init; }

    /// <summary>Resource id of the vault of the other region; null when it is not known.</summary>
    public string? OtherVaultId { get; init; }

    /// <summary>Resource id of the private endpoint that leads to the server, or will; null when the region's database has none.</summary>
    public string? EndpointId { get; init; }

    /// <summary>Resource id of the private endpoint whose subnet and DNS the new one takes over; null when none is to be made.</summary>
    public string? EndpointModelId { get; init; }
}
