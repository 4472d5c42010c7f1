namespace Highflame.Dr.Traffic;

/// <summary>A Traffic Manager profile as it is now.</summary>
public sealed record TrafficProfile
{
    public required string Name { get; init; }

    public required string ResourceId { get; init; }

    public required string ResourceGroup { get; init; }

    /// <summary>The name clients ask for, for example <c>highflame-prod.trafficmanager.net</c>.</summary>
    public required string Fqdn { get; init; }

    /// <summary>Weighted, Priority, Performance, Geographic, MultiValue or Subnet.</summary>
    public required string RoutingMethod { get; init; }

    /// <summary>Seconds that a resolver may keep an answer.</summary>
    public required long Ttl { get; init; }

    public required string Status { get; init; }

    public string? MonitorStatus { get; init; }

    /// <summary>For example <c>HTTPS:443/healthz every 30 s, timeout 5 s, 3 tolerated</c>.</summary>
    public string? Monitor { get; init; }

    public TrafficEndpoint[] Endpoints { get; init; } = [];
}

/// <summary>One endpoint of a Traffic Manager profile as it is now.</summary>
public sealed record TrafficEndpoint
{
    public required string Name { get; init; }

    public required string ResourceId { get; init; }

    public required string ProfileName { get; init; }

    public required string ProfileResourceId { get; init; }

    /// <summary>ExternalEndpoints, AzureEndpoints or NestedEndpoints.</summary>
    public required string Type { get; init; }

    /// <summary>Host name or IP address that DNS answers with; null for an Azure or nested endpoint that Azure has not resolved.</summary>
    public string? Target { get; init; }

    public string? TargetResourceId { get; init; }

    /// <summary>Enabled or Disabled.</summary>
    public required string Status { get; init; }

    /// <summary>Online, Degraded, Disabled, Inactive, Stopped, CheckingEndpoint or Unmonitored.</summary>
    public string? MonitorStatus { get; init; }

    public bool AlwaysServe { get; init; }

    public long? Priority { get; init; }

    public long? Weight { get; init; }

    /// <summary>Outcome of the change that returned this object; null when it was only read.</summary>
    public Execution.StepOutcome? Outcome { get; init; }
}
