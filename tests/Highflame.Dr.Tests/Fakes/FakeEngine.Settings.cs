using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Fakes;

internal sealed partial class FakeEngine
{
    public async Task<SettingPlan> PlanSettingsAsync(DrConnection connection, SettingRequest request, RegionPair? pair, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("PlanSettings", request, observer, cancellationToken);
        return new SettingPlan { Title = $"Restore the settings of {request.Server}", Request = request, Steps = Steps, Refusals = Refusals, Warnings = Warnings, ObservedAt = ObservedAt };
    }

    public async Task<IReadOnlyList<DbSettingChange>> ExecuteAsync(DrConnection connection, SettingPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExecuteSettings", options, observer, cancellationToken);
        return [Samples.Setting];
    }
}
