using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Notifications;
using Highflame.Dr.Engine.Watch;
using Highflame.Dr.Topology;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Engine;

/// <summary>The part of the composition root that belongs to watching and telling.</summary>
public sealed partial class DrEngine
{
    // What a lost region leaves unanswered is a witness's word here, not a warning each round.
    public Task<WatchEvent> WatchAsync(DrConnection connection, RegionPair pair, IDrObserver observer, CancellationToken cancellationToken) =>
        new WatchRound(AzureConnection.From(connection), AzureInventoryOf(connection), _time, observer).RunAsync(pair, cancellationToken);

    public Task NotifyAsync(RegionPair pair, DrNotice notice, DrConnection? connection, IDrObserver observer, CancellationToken cancellationToken) =>
        new Notifier(connection is null ? null : AzureConnection.From(connection), _time).SendAsync(pair, notice, observer, cancellationToken);
}
