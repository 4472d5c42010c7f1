using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Azure.Wire;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Inventory;

/// <summary>Azure's document of a flexible server in the model's words.</summary>
internal static class ServerMapping
{
    /// <summary>State of a server that Azure does not answer for.</summary>
    public const string UnknownState = "Unknown";

    public static DbServer From(ServerWire wire, string fallbackId)
    {
        var id = wire.Id ?? fallbackId;
        var name = wire.Name ?? AzureId.NameOf(id);
        var properties = wire.Properties;
        return new()
        {
            Name = name,
            ResourceId = id,
            ResourceGroup = AzureId.GroupOf(id),
            // The live service answers with the display name ("Canada Central").
            Location = AzureLocation.Normalize(wire.Location),
            Role = RoleOf(properties),
            State = properties?.State ?? UnknownState,
            HostName = properties?.FullyQualifiedDomainName ?? HostNameOf(name),
            Version = properties?.Version,
            Sku = wire.Sku?.Name,
            Tier = wire.Sku?.Tier,
            StorageGB = properties?.Storage?.StorageSizeGB,
            SourceServerResourceId = string.IsNullOrEmpty(properties?.SourceServerResourceId) ? null : properties.SourceServerResourceId,
            ReplicationState = properties?.Replica?.ReplicationState,
            ReplicationRole = properties?.Replica?.Role ?? properties?.ReplicationRole,
        };
    }

    /// <summary>A server that is known to exist and does not answer: its region is in an outage.</summary>
    public static DbServer Unanswered(string resourceId, string? location) => new()
    {
        Name = AzureId.NameOf(resourceId),
        ResourceId = resourceId,
        ResourceGroup = AzureId.GroupOf(resourceId),
        Location = AzureLocation.Normalize(location),
        Role = DbRole.Unknown,
        State = UnknownState,
        HostName = HostNameOf(AzureId.NameOf(resourceId)),
    };

    /// <summary>
    /// Azure has two role fields, <c>replica.role</c> and <c>replicationRole</c>. Right after a promotion one of them can be stale (azure-rest-api-specs #22499):
    /// where they contradict each other the role is Unknown. <c>None</c> is a server that was promoted to stand alone: a primary.
    /// </summary>
    public static DbRole RoleOf(ServerPropertiesWire? properties)
    {
        if (properties?.State is null) return DbRole.Unknown;
        var one = Parse(properties.Replica?.Role);
        var other = Parse(properties.ReplicationRole);
        if (one is null && other is null) return string.IsNullOrEmpty(properties.SourceServerResourceId) ? DbRole.Primary : DbRole.Unknown;
        if (one is null || other is null) return (one ?? other)!.Value;
        return one == other ? one.Value : DbRole.Unknown;
    }

    private static DbRole? Parse(string? role) => role?.ToUpperInvariant() switch
    {
        null or "" => null,
        "PRIMARY" or "NONE" => DbRole.Primary,
        "ASYNCREPLICA" or "GEOASYNCREPLICA" => DbRole.Replica,
        _ => DbRole.Unknown,
    };

    private static string HostNameOf(string name) => name + ".postgres.database.azure.com";
}
