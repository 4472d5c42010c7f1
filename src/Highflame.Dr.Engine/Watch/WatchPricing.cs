using Highflame.Dr.Watch;

namespace Highflame.Dr.Engine.Watch;

/// <summary>What waiting costs the users, and what a failover now would cost in data. Pure.</summary>
internal static class WatchPricing
{
    public static WatchPrice Of(WatchMemory memory, WatchSight sight, WatchJudgement judged) => new()
    {
        UsersFailing = judged.UsersFailing,
        FailingSeconds = memory.FirstFailure is { } first ? Math.Round(Math.Max(0, (sight.At - first).TotalSeconds), 3) : 0,
        LossSeconds = Seconds(memory, sight),
        LossBytes = sight.ReceivedLsn is { } received && (sight.PrimaryLsn ?? memory.Position?.PrimaryLsn) is { } written ? (long)(written > received ? written - received : 0) : null,
    };

    /// <summary>
    /// The replica misses at most what was committed between the last transaction it has replayed and the first failure. When it has received all that the primary was last seen to have
    /// written, it misses at most what came after that look: an idle primary costs nothing.
    /// </summary>
    private static double? Seconds(WatchMemory memory, WatchSight sight)
    {
        var until = memory.FirstFailure ?? sight.At;
        double? sinceCommit = sight.ReplayAgeSeconds is { } age ? Math.Max(0, (until - sight.At.AddSeconds(-age)).TotalSeconds) : null;
        double? sinceLook = memory.Position is { } seen && sight.ReceivedLsn >= seen.PrimaryLsn ? Math.Max(0, (until - seen.At).TotalSeconds) : null;
        double? least = (sinceCommit, sinceLook) switch
        {
            ({ } one, { } other) => Math.Min(one, other),
            _ => sinceCommit ?? sinceLook,
        };
        return least is { } seconds ? Math.Round(seconds, 3) : null;
    }
}
