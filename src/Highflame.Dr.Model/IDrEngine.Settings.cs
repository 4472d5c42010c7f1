using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr;

public partial interface IDrEngine
{
    /// <summary>
    /// Compares a promoted server with the last snapshot of the old primary's settings: the run's, that of an earlier run, else the old primary as Azure shows it. Refusal:
    /// HfNotPrimary.
    /// </summary>
    Task<SettingPlan> PlanSettingsAsync(DrConnection connection, SettingRequest request, RegionPair? pair, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>One result for each setting that differs. One that cannot be restored does not stop the others.</summary>
    Task<IReadOnlyList<DbSettingChange>> ExecuteAsync(DrConnection connection, SettingPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken);
}
