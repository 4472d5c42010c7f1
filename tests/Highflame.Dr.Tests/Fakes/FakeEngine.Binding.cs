using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Tests.Fakes;

internal sealed partial class FakeEngine
{
    public async Task<BindingPlan> PlanBindingAsync(DrConnection connection, BindingRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("PlanBinding", request, observer, cancellationToken);
        return new BindingPlan { Title = $"Bind {request.Location}", Request = request, Steps = Steps, Refusals = Refusals, Warnings = Warnings, ObservedAt = ObservedAt };
    }

    public async Task<DbBinding> ExecuteAsync(DrConnection connection, BindingPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExecuteBinding", options, observer, cancellationToken);
        return Samples.Binding with { Location = plan.Request.Location };
    }
}
