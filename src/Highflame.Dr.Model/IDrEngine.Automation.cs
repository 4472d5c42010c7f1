using Highflame.Dr.Alerts;
using Highflame.Dr.Evidence;
using Highflame.Dr.Readiness;
using Highflame.Dr.Topology;

namespace Highflame.Dr;

public partial interface IDrEngine
{
    /// <summary>
    /// Keeps an alert in the pair's run store and says whether to act on it: only on one that fired, and once. One that was begun and not ended is acted on again, towards the same region.
    /// Two at once: the run's lease lets one in. Errors: HfRunStoreUnusable, HfActiveUnknown, and those of a look at the pair.
    /// </summary>
    Task<AlertReceipt> RegisterAlertAsync(DrConnection connection, AlertRequest request, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>
    /// Of these findings, the refusals that were not there when this was last asked for the pair, the region and the mode; what is found is kept in the run store. Tells the pair's receivers of new ones, and
    /// when the last one has gone. Errors: HfRunStoreUnusable.
    /// </summary>
    Task<IReadOnlyList<ReadinessFinding>> KeepNewRefusalsAsync(DrConnection connection, ReadinessRequest request, IReadOnlyList<ReadinessFinding> findings, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>
    /// A region-pair file kept as a blob, read with the connection's own sign-in. Its runStore must be a container too: nothing that lies on the machine that reads it can be counted on. Errors:
    /// HfPairFileNotFound, HfPairFileMalformed.
    /// </summary>
    Task<RegionPair> FetchPairAsync(DrConnection connection, Uri blob, CancellationToken cancellationToken);

    /// <summary>Proves a journal or an evidence file that is kept as a blob. Errors: HfEvidenceNotFound, HfEvidenceUnknown.</summary>
    Task<EvidenceCheck> CheckEvidenceAsync(DrConnection connection, Uri blob, CancellationToken cancellationToken);
}
