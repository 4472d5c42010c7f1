namespace Highflame.Dr.Topology;

/// <summary>What one region shall be built of: the region's own words, then the pair's, then the users' usual values.</summary>
public sealed record RegionEnvironment
{
    private static readonly PairNodePool[] UsualPools =
    [
        new() { Name = "default", Mode = "System", Size = "Standard_D4as_v6", Count = 1, Min = 1, Max = 3 },
        new() { Name = "general", Mode = "User", Size = "Standard_D4as_v6", Count = 3, Min = 3, Max = 6 },
    ];

    public required string Location { get; init; }

    public required string ResourceGroup { get; init; }

    public required string Prefix { get; init; }

    public required string AddressSpace { get; init; }

    public required bool DenyOutbound { get; init; }

    public required int NatAddresses { get; init; }

    public required string CertificateVault { get; init; }

    public required string DatabaseVault { get; init; }

    public required string KubernetesVersion { get; init; }

    public required string ClusterTier { get; init; }

    public required string ServiceCidr { get; init; }

    public required string DnsServiceIP { get; init; }

    public required string[] AuthorizedIPRanges { get; init; }

    public required string LogAnalyticsWorkspaceId { get; init; }

    /// <summary>With zones and disk size filled in; a pool without an autoscaler has the same Min and Max as Count.</summary>
    public required PairNodePool[] Pools { get; init; }

    public required int GatewayMinCapacity { get; init; }

    public required int GatewayMaxCapacity { get; init; }

    public required string GatewayDnsLabel { get; init; }

    public required string Certificate { get; init; }

    public required string RedisSku { get; init; }

    public required int RedisCapacity { get; init; }

    public required string DatabaseServer { get; init; }

    public required string DatabaseVersion { get; init; }

    public required string DatabaseSku { get; init; }

    public required string DatabaseTier { get; init; }

    public required int StorageGB { get; init; }

    public required string StorageTier { get; init; }

    public required string Database { get; init; }

    public required int DatabasePort { get; init; }

    public required string DatabaseZone { get; init; }

    public required bool CustomerManagedKey { get; init; }

    /// <summary>The environment of one region of a pair.</summary>
    public static RegionEnvironment Of(RegionPair pair, PairRegion region)
    {
        var (own, both) = (region.Environment ?? new(), pair.Environment ?? new());
        var prefix = own.Prefix ?? both.Prefix ?? (region.ResourceGroup.EndsWith("-rg", StringComparison.OrdinalIgnoreCase) ? region.ResourceGroup[..^3] : region.ResourceGroup);
        var location = AzureLocation.Normalize(region.Location);
        T Pick<TPart, T>(Func<PairEnvironment, TPart?> part, Func<TPart, T?> value, T usual)
            where TPart : class
            where T : class => (part(own) is { } mine ? value(mine) : null) ?? (part(both) is { } shared ? value(shared) : null) ?? usual;
        T Number<TPart, T>(Func<PairEnvironment, TPart?> part, Func<TPart, T?> value, T usual)
            where TPart : class
            where T : struct => (part(own) is { } mine ? value(mine) : null) ?? (part(both) is { } shared ? value(shared) : null) ?? usual;
        return new()
        {
            Location = location,
            ResourceGroup = region.ResourceGroup,
            Prefix = prefix,
            AddressSpace = own.AddressSpace ?? both.AddressSpace ?? "10.51.0.0/16",
            DenyOutbound = own.DenyOutbound ?? both.DenyOutbound ?? true,
            NatAddresses = own.NatAddresses ?? both.NatAddresses ?? 2,
            CertificateVault = own.Vaults?.Certificates ?? Vault($"{prefix}-ssl-kv"),
            DatabaseVault = own.Vaults?.Database ?? Vault($"{prefix}-db-kv"),
            KubernetesVersion = Pick(e => e.Cluster, c => c.Version, "1.33"),
            ClusterTier = Pick(e => e.Cluster, c => c.Tier, "Free"),
            ServiceCidr = Pick(e => e.Cluster, c => c.ServiceCidr, "172.20.0.0/16"),
            DnsServiceIP = Pick(e => e.Cluster, c => c.DnsServiceIP, "172.20.0.10"),
            AuthorizedIPRanges = Pick(e => e.Cluster, c => c.AuthorizedIPRanges, []),
            LogAnalyticsWorkspaceId = Pick(e => e.Cluster, c => c.LogAnalyticsWorkspaceId, ""),
            Pools = [.. Pick(e => e.Cluster, c => c.Pools, UsualPools).Select(Filled)],
            GatewayMinCapacity = Number(e => e.Gateway, g => g.MinCapacity, 2),
            GatewayMaxCapacity = Number(e => e.Gateway, g => g.MaxCapacity, 5),
            GatewayDnsLabel = own.Gateway?.DnsLabel ?? $"{prefix}-{location}",
            Certificate = Pick(e => e.Gateway, g => g.Certificate, "highflame-tls"),
            RedisSku = Pick(e => e.Redis, r => r.Sku, "Standard"),
            RedisCapacity = Number(e => e.Redis, r => r.Capacity, 3),
            DatabaseServer = own.Database?.Name ?? $"{prefix}-postgres",
            DatabaseVersion = Pick(e => e.Database, d => d.Version, "16"),
            DatabaseSku = Pick(e => e.Database, d => d.Sku, "Standard_D4ads_v5"),
            DatabaseTier = Pick(e => e.Database, d => d.Tier, "GeneralPurpose"),
            StorageGB = Number(e => e.Database, d => d.StorageGB, 64),
            StorageTier = Pick(e => e.Database, d => d.StorageTier, ""),
            Database = Pick(e => e.Database, d => d.Database, "highflame"),
            DatabasePort = Number(e => e.Database, d => d.Port, 5432),
            DatabaseZone = Pick(e => e.Database, d => d.Zone, "1"),
            CustomerManagedKey = Number(e => e.Database, d => d.CustomerManagedKey, true),
        };
    }

    private static PairNodePool Filled(PairNodePool pool) =>
        pool with { Min = pool.Min ?? pool.Max ?? pool.Count, Max = pool.Max ?? pool.Min ?? pool.Count, Zones = pool.Zones ?? ["1", "2", "3"], DiskSizeGB = pool.DiskSizeGB ?? 128 };

    // Vault names have 24 characters at most and no dash at the end.
    private static string Vault(string name) => name.Length <= 24 ? name : name[..24].TrimEnd('-');
}
