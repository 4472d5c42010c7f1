namespace Highflame.Dr.Topology;

/// <summary>
/// What a region is built of, as a region-pair file declares it: once for both regions, and again in a region for what differs there. Whatever is left out has
/// the value that <see cref="RegionEnvironment"/> gives it.
/// </summary>
public sealed record PairEnvironment
{
    /// <summary>Prefix of every name in a region; null is the resource group's name without a final -rg.</summary>
    public string? Prefix { get; init; }

    /// <summary>Address space of the virtual network, for example 10.51.0.0/16.</summary>
    public string? AddressSpace { get; init; }

    public bool? DenyOutbound { get; init; }

    public int? NatAddresses { get; init; }

    public PairVaults? Vaults { get; init; }

    public PairCluster? Cluster { get; init; }

    public PairGateway? Gateway { get; init; }

    public PairRedis? Redis { get; init; }

    public PairDatabase? Database { get; init; }
}

/// <summary>Names of a region's vaults, 3 to 24 characters.</summary>
public sealed record PairVaults
{
    /// <summary>Vault with the TLS certificate.</summary>
    public string? Certificates { get; init; }

    /// <summary>Vault with the database secrets.</summary>
    public string? Database { get; init; }
}

/// <summary>The AKS cluster of a region.</summary>
public sealed record PairCluster
{
    /// <summary>Kubernetes version, for example 1.33.</summary>
    public string? Version { get; init; }

    /// <summary>Free, Standard or Premium.</summary>
    public string? Tier { get; init; }

    public string? ServiceCidr { get; init; }

    public string? DnsServiceIP { get; init; }

    public string[]? AuthorizedIPRanges { get; init; }

    public string? LogAnalyticsWorkspaceId { get; init; }

    public PairNodePool[]? Pools { get; init; }
}

/// <summary>A node pool.</summary>
public sealed record PairNodePool
{
    public required string Name { get; init; }

    /// <summary>System or User.</summary>
    public required string Mode { get; init; }

    /// <summary>Compute size, for example Standard_D4as_v6.</summary>
    public required string Size { get; init; }

    /// <summary>Nodes of a new pool.</summary>
    public required int Count { get; init; }

    /// <summary>Least nodes of the autoscaler; null, with <see cref="Max"/>, is no autoscaler.</summary>
    public int? Min { get; init; }

    public int? Max { get; init; }

    public string[]? Zones { get; init; }

    public int? DiskSizeGB { get; init; }
}

/// <summary>The application gateway of a region.</summary>
public sealed record PairGateway
{
    public int? MinCapacity { get; init; }

    public int? MaxCapacity { get; init; }

    /// <summary>First part of the public DNS name; null is prefix-location.</summary>
    public string? DnsLabel { get; init; }

    /// <summary>Name of the certificate in the certificate vault.</summary>
    public string? Certificate { get; init; }
}

/// <summary>The cache of a region.</summary>
public sealed record PairRedis
{
    /// <summary>Basic, Standard or Premium.</summary>
    public string? Sku { get; init; }

    public int? Capacity { get; init; }
}

/// <summary>The database server of a region.</summary>
public sealed record PairDatabase
{
    /// <summary>Name of the server; null is prefix-postgres.</summary>
    public string? Name { get; init; }

    /// <summary>Major version of PostgreSQL, for example 16.</summary>
    public string? Version { get; init; }

    public string? Sku { get; init; }

    /// <summary>Burstable, GeneralPurpose or MemoryOptimized.</summary>
    public string? Tier { get; init; }

    public int? StorageGB { get; init; }

    /// <summary>Performance tier of the storage, for example P30; null is the one of its size.</summary>
    public string? StorageTier { get; init; }

    /// <summary>Name of the application's database.</summary>
    public string? Database { get; init; }

    /// <summary>Port that the services are told.</summary>
    public int? Port { get; init; }

    public string? Zone { get; init; }

    /// <summary>Whether the server is encrypted with a key of the region's own vault.</summary>
    public bool? CustomerManagedKey { get; init; }
}
