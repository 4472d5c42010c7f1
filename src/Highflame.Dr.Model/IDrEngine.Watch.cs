using Highflame.Dr.Topology;
using Highflame.Dr.Watch;

namespace Highflame.Dr;

public partial interface IDrEngine
{
    /// <summary>
    /// Hears every witness once, judges, and writes what must not be forgotten (first failure, alerts, cooldown) into the pair's run store. Nothing of Azure is changed. What
    /// does not answer is a silent witness, not an exception.
    /// </summary>
    Task<WatchEvent> WatchAsync(DrConnection connection, RegionPair pair, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>Tells everybody whom the pair file names. Takes a few seconds at most and never throws for a receiver: that is one warning.</summary>
    Task NotifyAsync(RegionPair pair, DrNotice notice, DrConnection? connection, IDrObserver observer, CancellationToken cancellationToken);
}
