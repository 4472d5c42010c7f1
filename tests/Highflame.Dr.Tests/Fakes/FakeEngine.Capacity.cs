using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Tests.Fakes;

internal sealed partial class FakeEngine
{
    /// <summary>The sizes that every pair file declares; null: none.</summary>
    public Topology.PairCapacity? Sizes { get; set; }

    public async Task<CapacityPlan> PlanCapacityAsync(DrConnection connection, CapacityRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("PlanCapacity", request, observer, cancellationToken);
        return new CapacityPlan { Title = $"Give {request.Location} its sizes", Request = request, Steps = Steps, Refusals = Refusals, Warnings = Warnings, ObservedAt = ObservedAt };
    }

    public async Task<IReadOnlyList<CapacityChange>> ExecuteAsync(DrConnection connection, CapacityPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExecuteCapacity", options, observer, cancellationToken);
        return [Samples.Capacity with { Operation = options.NoWait ? Samples.Operation("op-pool") : null, Outcome = options.NoWait ? StepOutcome.Pending : StepOutcome.Succeeded }];
    }
}
