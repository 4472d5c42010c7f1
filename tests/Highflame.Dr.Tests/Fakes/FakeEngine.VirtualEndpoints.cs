using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Fakes;

internal sealed partial class FakeEngine
{
    public async Task<IReadOnlyList<VirtualEndpoint>> GetVirtualEndpointsAsync(DrConnection connection, DbServerQuery query, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("GetVirtualEndpoints", query, observer, cancellationToken);
        return [Samples.VirtualEndpoint];
    }

    public async Task<VirtualEndpointPlan> PlanVirtualEndpointAsync(DrConnection connection, VirtualEndpointRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("PlanVirtualEndpoint", request, observer, cancellationToken);
        return new VirtualEndpointPlan { Title = "Virtual endpoint", Request = request, Steps = Steps, Refusals = Refusals, Warnings = Warnings, ObservedAt = ObservedAt };
    }

    public async Task<VirtualEndpoint> ExecuteAsync(DrConnection connection, VirtualEndpointPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExecuteVirtualEndpoint", options, observer, cancellationToken);
        return Samples.VirtualEndpoint with { Name = plan.Request.Name ?? "highflame-prod" };
    }
}
