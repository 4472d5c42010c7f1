using Highflame.Dr.Readiness;

namespace Highflame.Dr;

public partial interface IDrEngine
{
    /// <summary>
    /// The preflight of a failover: every refusal and every warning at once, worst first, the summary last. Nothing is changed. What cannot be observed is a finding
    /// of its own. In forced mode nothing of the region that is left is called. Errors: HfRegionNotInPair.
    /// </summary>
    Task<IReadOnlyList<ReadinessFinding>> TestReadinessAsync(DrConnection connection, ReadinessRequest request, Execution.DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken);
}
