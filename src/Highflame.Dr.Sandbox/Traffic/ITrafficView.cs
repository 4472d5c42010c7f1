using System.Net;

namespace Highflame.Dr.Sandbox.Traffic;

/// <summary>A Traffic Manager profile as DNS and the probes need it. The ARM side makes one from the stored document at every change.</summary>
internal sealed record ProfileView
{
    /// <summary>ARM id: the key.</summary>
    public required string Id { get; init; }

    public required string Fqdn { get; init; }

    public required bool Enabled { get; init; }

    /// <summary>Priority, Weighted, Performance, Geographic, MultiValue or Subnet.</summary>
    public required string RoutingMethod { get; init; }

    public required long Ttl { get; init; }

    public required MonitorView Monitor { get; init; }

    public IReadOnlyList<EndpointView> Endpoints { get; init; } = [];

    public int MaxReturn { get; init; } = 8;
}

internal sealed record MonitorView(string Protocol, int Port, string? Path, int IntervalSeconds, int TimeoutSeconds, int ToleratedFailures, IReadOnlyList<(int Min, int Max)> ExpectedStatus, IReadOnlyList<(string Name, string Value)> CustomHeaders);

internal sealed record EndpointView
{
    /// <summary>ARM id: the key.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>Host name or address; for an Azure endpoint what its resource resolves to; null when it has none.</summary>
    public string? Target { get; init; }

    public required bool Enabled { get; init; }

    public required bool AlwaysServe { get; init; }

    public long Priority { get; init; } = 1;

    public long Weight { get; init; } = 1;
}

/// <summary>The DNS server and the probes of Traffic Manager, and the zone of fixed names.</summary>
internal interface ITrafficPlane
{
    /// <summary>Puts a profile as it stands now into DNS and the probes; the caller has already waited for the modelled propagation.</summary>
    void Publish(ProfileView profile);

    void Remove(string profileId);

    /// <summary>CheckingEndpoint, Online, Degraded, Disabled, Inactive, Stopped or Unmonitored, as the probes have it.</summary>
    string MonitorStatus(string profileId, string endpointId);

    /// <summary>CheckingEndpoints, Online, Degraded, Disabled or Inactive.</summary>
    string ProfileMonitorStatus(string profileId);

    /// <summary>Fixed A records: {server}.postgres.database.azure.com, its privatelink name, gateway and public IP names.</summary>
    void SetAddress(string name, IPAddress address);

    void RemoveAddress(string name);

    /// <summary>What a name resolves to in the sandbox's DNS now.</summary>
    IReadOnlyList<IPAddress> Resolve(string name);
}
