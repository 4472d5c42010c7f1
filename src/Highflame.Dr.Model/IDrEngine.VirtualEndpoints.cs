using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr;

/// <summary>The part of the port that belongs to virtual endpoints.</summary>
public partial interface IDrEngine
{
    /// <summary>The virtual endpoints of each primary that the query finds. Errors: HfServerNotFound.</summary>
    Task<IReadOnlyList<VirtualEndpoint>> GetVirtualEndpointsAsync(DrConnection connection, DbServerQuery query, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>Refusals: HfNotPrimary, HfReaderNotReplica, HfVirtualEndpointExists, HfVirtualEndpointNameTaken. Errors: HfServerNotFound, HfVirtualEndpointNotFound.</summary>
    Task<VirtualEndpointPlan> PlanVirtualEndpointAsync(DrConnection connection, VirtualEndpointRequest request, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>Errors: HfVirtualEndpointFailed.</summary>
    Task<VirtualEndpoint> ExecuteAsync(DrConnection connection, VirtualEndpointPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken);
}
