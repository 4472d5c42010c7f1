using Highflame.Dr.Topology;

namespace Highflame.Dr.Planning;

/// <summary>What New- and Set-HfVirtualEndpoint ask for.</summary>
public sealed record VirtualEndpointRequest
{
    /// <summary>First part of both names; null where <see cref="EndpointId"/> says which one.</summary>
    public string? Name { get; init; }

    /// <summary>Resource id of the endpoint whose reader changes; null makes one.</summary>
    public string? EndpointId { get; init; }

    /// <summary>Resource id or name of the primary; null where the endpoint's id says it, or it is the pair's.</summary>
    public string? Server { get; init; }

    /// <summary>The pair whose primary is meant where no server is named.</summary>
    public RegionPair? Pair { get; init; }

    /// <summary>Name or resource id of the server that the reader shall lead to; null means the primary's only replica.</summary>
    public string? Reader { get; init; }
}

/// <summary>The plan of a virtual endpoint.</summary>
public sealed record VirtualEndpointPlan : Plan
{
    public required VirtualEndpointRequest Request { get; init; }

    public DbServer? Server { get; init; }

    /// <summary>As it is now; null when there is none.</summary>
    public VirtualEndpoint? Existing { get; init; }

    public string? EndpointId { get; init; }

    /// <summary>Name of the server that the reader shall lead to.</summary>
    public string? Reader { get; init; }
}
