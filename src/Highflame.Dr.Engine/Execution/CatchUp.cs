using System.Globalization;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Execution;

/// <summary>Shows that a replica has replayed the last position of a fenced primary, and that the primary has written nothing since.</summary>
internal sealed class CatchUp
{
    private const int MostRounds = 10;
    private readonly FailoverTools _tools;
    private readonly DbServer _server;
    private readonly double _seconds;
    private readonly IDatabase _primary;
    private readonly IDatabase _replica;

    public CatchUp(FailoverTools tools, FailoverPlan plan, IDatabase primary, IDatabase replica)
    {
        _tools = tools;
        _server = plan.Replica!;
        _seconds = plan.Request.CatchUpTimeoutSeconds;
        _primary = primary;
        _replica = replica;
    }

    public static DrException TimedOut(DbServer replica, double seconds, string seen) => new(
        "HfCatchUpTimedOut", DrErrorKind.TimedOut, string.Create(CultureInfo.InvariantCulture, $"{replica.Name} had not caught up after {seconds:0.#} s: {seen}."), replica.ResourceId,
        "Wait until it is closer (Get-HfReplication), or give it longer with -CatchUpTimeoutSeconds.");

    /// <returns>The record with the final position, the replayed one and the transaction id of the fence. Errors: HfCatchUpTimedOut, HfFenceFailed.</returns>
    public async Task<PromotionRecord> RunAsync(PlanStep step, PromotionRecord record, CancellationToken cancellationToken)
    {
        var open = _tools.Journal.BeginStep(step);
        try
        {
            var start = _tools.Time.GetTimestamp();
            var (mark, fenced) = await MarkAsync(cancellationToken).ConfigureAwait(false);
            var final = mark.Lsn;
            for (var round = 1; ; round++)
            {
                var replayed = await AwaitReplayAsync(final, Pace.Seconds(_seconds) - _tools.Time.GetElapsedTime(start), cancellationToken).ConfigureAwait(false);

                // Once more, whoever came since; then the primary must not have spent a transaction.
                await _primary.EndSessionsAsync(null, cancellationToken).ConfigureAwait(false);
                var now = await _primary.ObserveAsync(cancellationToken).ConfigureAwait(false);
                if (!now.ReadOnly) throw Leaking("it takes writes again");
                if (now.NextTransactionId == fenced && (!IsPast(now, final) || round == MostRounds))
                {
                    _tools.Journal.EndStep(open, StepOutcome.Succeeded, $"replayed {replayed}, at or past the final position {final}; last heartbeat {mark.MarkerId ?? "not written"}, next transaction id {fenced}");
                    return record with { FinalLsn = final, HeartbeatId = mark.MarkerId, ReplayedLsn = replayed, FencedTransactionId = fenced };
                }

                if (round >= MostRounds) throw Leaking($"its next transaction id went on from {fenced} to {now.NextTransactionId}");
                (mark, fenced) = await MarkAsync(cancellationToken).ConfigureAwait(false);
                final = mark.Lsn;
            }
        }
        catch (DrException e)
        {
            _tools.Journal.EndStep(open, StepOutcome.Failed, $"{e.ErrorId}: {e.Message}");
            throw;
        }
    }

    private DrException Leaking(string seen) => new(
        "HfFenceFailed", DrErrorKind.OperationFailed, $"The fence does not hold: {seen}.", _server.ResourceId,
        "A role or a database may set default_transaction_read_only to off (pg_db_role_setting), or a client may. Stop those clients, then run the failover again.");

    private async Task<(FlushedPosition Mark, string? Fenced)> MarkAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var final = await _primary.GetFlushedLsnAsync(cancellationToken).ConfigureAwait(false);
            var seen = await _primary.ObserveAsync(cancellationToken).ConfigureAwait(false);
            if (!IsPast(seen, final.Lsn) || attempt == 3) return (final, seen.NextTransactionId);
        }
    }

    // Something was written after the position was taken; a transaction begun before the fence shows in the position, not in the id.
    private static bool IsPast(DatabaseObservation seen, string final) => Lsn.Difference(seen.Lsn, final) > 0;

    private async Task<string> AwaitReplayAsync(string final, TimeSpan limit, CancellationToken cancellationToken)
    {
        string? replayed = null;
        var reached = await Pace.UntilAsync(
            async token =>
            {
                replayed = await _replica.GetReplayLsnAsync(token).ConfigureAwait(false);
                if (Lsn.Reached(replayed, final)) return true;
                _tools.Observer.Progress(new DrProgress($"Catch-up of {_server.Name}", $"{Lsn.Difference(final, replayed)} bytes to replay"));
                return false;
            },
            Pace.Milliseconds(3), Pace.Milliseconds(250), limit, _tools.Time, cancellationToken).ConfigureAwait(false);
        return reached ? replayed! : throw TimedOut(_server, _seconds, $"it has replayed {replayed ?? "nothing"} of {final}, {Lsn.Difference(final, replayed)?.ToString(CultureInfo.InvariantCulture) ?? "unknown"} bytes are missing");
    }
}
