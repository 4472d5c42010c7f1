using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Highflame.Dr.Engine.Azure.Wire;

/// <summary>Azure's documents as this product reads them: only the members it needs, all of them optional, since Azure leaves out what it likes.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SubscriptionWire))]
[JsonSerializable(typeof(ResourceWire))]
[JsonSerializable(typeof(ServerWire))]
[JsonSerializable(typeof(ParameterWire))]
[JsonSerializable(typeof(LockWire))]
[JsonSerializable(typeof(NameAvailabilityWire))]
[JsonSerializable(typeof(MetricsWire))]
[JsonSerializable(typeof(ProfileWire))]
[JsonSerializable(typeof(EndpointWire))]
[JsonSerializable(typeof(PublicAddressWire))]
[JsonSerializable(typeof(GatewayWire))]
[JsonSerializable(typeof(AvailabilityWire))]
internal sealed partial class WireJson : JsonSerializerContext
{
    /// <summary>Errors: HfArmAnswerMalformed.</summary>
    public static T Read<T>(JsonElement document, JsonTypeInfo<T> type, string target)
    {
        try
        {
            return document.Deserialize(type) ?? throw new JsonException("The document is null.");
        }
        catch (JsonException failure)
        {
            throw new DrException("HfArmAnswerMalformed", DrErrorKind.MalformedData, $"Azure's document is not as expected at {failure.Path ?? "$"}.", target,
                "Check that no proxy answers in Azure's place, and that this version of the module is current.", failure);
        }
    }
}

internal sealed record SubscriptionWire(string? SubscriptionId, string? TenantId, string? DisplayName, string? State);

/// <summary>An entry of the generic resource list: it has no properties, and it answers while a region is down.</summary>
internal sealed record ResourceWire(string? Id, string? Name, string? Type, string? Location);

internal sealed record ServerWire(string? Id, string? Name, string? Location, SkuWire? Sku, ServerPropertiesWire? Properties);

internal sealed record SkuWire(string? Name, string? Tier);

internal sealed record ServerPropertiesWire(
    string? State, string? FullyQualifiedDomainName, string? Version, StorageWire? Storage, string? SourceServerResourceId, string? ReplicationRole, ReplicaWire? Replica);

internal sealed record StorageWire(int? StorageSizeGB);

internal sealed record ReplicaWire(string? Role, string? ReplicationState);

internal sealed record ParameterWire(ParameterPropertiesWire? Properties);

internal sealed record ParameterPropertiesWire(string? Value);

internal sealed record LockWire(string? Id, string? Name, LockPropertiesWire? Properties);

internal sealed record LockPropertiesWire(string? Level, string? Notes);

internal sealed record NameAvailabilityWire(bool? NameAvailable, string? Reason, string? Message);

internal sealed record MetricsWire(MetricWire[]? Value);

internal sealed record MetricWire(TimeSeriesWire[]? Timeseries);

internal sealed record TimeSeriesWire(MetricPointWire[]? Data);

internal sealed record MetricPointWire(DateTimeOffset TimeStamp, double? Maximum);

internal sealed record ProfileWire(string? Id, string? Name, ProfilePropertiesWire? Properties);

internal sealed record ProfilePropertiesWire(string? ProfileStatus, string? TrafficRoutingMethod, DnsConfigWire? DnsConfig, MonitorConfigWire? MonitorConfig, EndpointWire[]? Endpoints);

internal sealed record DnsConfigWire(string? RelativeName, string? Fqdn, long? Ttl);

internal sealed record MonitorConfigWire(
    string? ProfileMonitorStatus, string? Protocol, int? Port, string? Path, int? IntervalInSeconds, int? TimeoutInSeconds, int? ToleratedNumberOfFailures);

internal sealed record EndpointWire(string? Id, string? Name, string? Type, EndpointPropertiesWire? Properties);

internal sealed record EndpointPropertiesWire(
    string? Target, string? TargetResourceId, string? EndpointStatus, string? EndpointMonitorStatus, long? Weight, long? Priority, string? AlwaysServe);

internal sealed record PublicAddressWire(PublicAddressPropertiesWire? Properties);

internal sealed record PublicAddressPropertiesWire(string? IpAddress, AddressNameWire? DnsSettings);

internal sealed record AddressNameWire(string? Fqdn);

internal sealed record GatewayWire(GatewayPropertiesWire? Properties);

internal sealed record GatewayPropertiesWire(FrontendWire[]? FrontendIPConfigurations);

internal sealed record FrontendWire(FrontendPropertiesWire? Properties);

internal sealed record FrontendPropertiesWire(ReferenceWire? PublicIPAddress, string? PrivateIPAddress);

internal sealed record ReferenceWire(string? Id);

internal sealed record AvailabilityWire(string? Id, string? Name, string? Location, AvailabilityPropertiesWire? Properties);

internal sealed record AvailabilityPropertiesWire(string? AvailabilityState, string? ReasonType, string? Context, string? Summary);
