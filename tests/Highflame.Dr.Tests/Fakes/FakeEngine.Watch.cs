using Highflame.Dr.Topology;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Tests.Fakes;

internal sealed partial class FakeEngine
{
    /// <summary>What the rounds of a watch find, in turn; the last one again and again.</summary>
    public List<WatchEvent> Rounds { get; } = [Samples.Watched];

    public List<DrNotice> Notices { get; } = [];

    public async Task<WatchEvent> WatchAsync(DrConnection connection, RegionPair pair, IDrObserver observer, CancellationToken cancellationToken)
    {
        var round = Calls.Count(c => c.Method == "Watch" && ((RegionPair)c.Request!).Name == pair.Name);
        await Note("Watch", pair, observer, cancellationToken);
        return Rounds[Math.Min(round, Rounds.Count - 1)] with { Name = pair.Name, Pair = pair };
    }

    public async Task NotifyAsync(RegionPair pair, DrNotice notice, DrConnection? connection, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("Notify", pair, observer, cancellationToken);
        Notices.Add(notice);
    }
}
