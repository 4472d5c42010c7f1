using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Operations;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Execution;

/// <summary>How far a promotion got.</summary>
/// <param name="Operation">Azure's operation; null when its answer was lost and the promotion was seen all the same, or when it was synchronous.</param>
/// <param name="Promoted">True when the database was seen to have left recovery already.</param>
internal sealed record AcceptedPromotion(DrOperation? Operation, bool Promoted);

/// <summary>
/// The one irreversible call. It is sent once. When its answer is lost the replica itself is looked at until it is clear whether the call was carried out; only a
/// replica that is seen to be ready, unpromoted and untouched for a while is asked again (design/safety.md rule 9).
/// </summary>
internal sealed class Promotion
{
    private static readonly TimeSpan SettledAfter = Pace.Seconds(10);
    private static readonly TimeSpan UnknownLimit = Pace.Seconds(180);
    private readonly ServerCalls _calls;
    private readonly IInventory _inventory;
    private readonly IDatabases _databases;
    private readonly OperationWatch _watch;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public Promotion(ServerCalls calls, IInventory inventory, IDatabases databases, OperationWatch watch, IJournal journal, TimeProvider time, IDrObserver observer)
    {
        _calls = calls;
        _inventory = inventory;
        _databases = databases;
        _watch = watch;
        _journal = journal;
        _time = time;
        _observer = observer;
    }

    /// <param name="replica">The server to promote.</param>
    /// <param name="mode">Azure's option.</param>
    /// <param name="swapWith">The primary that becomes its replica; null for a standalone promotion.</param>
    /// <param name="cancellationToken">Leaves; what was sent is not called back.</param>
    /// <summary>Returns when Azure has accepted it. Errors: HfOutcomeUnknown when that stays unclear; any other error means that nothing was promoted.</summary>
    public async Task<AcceptedPromotion> SendAsync(DbServer replica, FailoverMode mode, string? swapWith, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            // Once it is on its way it is not called back: Ctrl-C leaves, and the answer is journaled when it comes.
            var sending = _calls.PromoteAsync(replica.ResourceId, mode, swapWith, CancellationToken.None);
            try
            {
                return new AcceptedPromotion(await sending.WaitAsync(cancellationToken).ConfigureAwait(false), false);
            }
            catch (DrException e) when (e.ErrorId == "HfOutcomeUnknown" && !JournalTrouble.IsUnrecorded(e))
            {
                _observer.Warning($"Azure's answer to the promotion of {replica.Name} was lost. Looking at the server before anything else.");
                switch (await ClarifyAsync(replica, cancellationToken).ConfigureAwait(false))
                {
                    case Sighting.Promoted:
                        return new AcceptedPromotion(null, true);
                    case Sighting.UnderWay:
                        return new AcceptedPromotion(null, false);
                    case Sighting.Untouched when attempt < 2:
                        _observer.Warning($"{replica.Name} was not promoted. Asking again.");
                        continue;
                    case Sighting.Untouched:
                        throw new DrException("HfPromotionFailed", DrErrorKind.OperationFailed, $"Azure was asked twice to promote {replica.Name}, gave no answer, and did not do it.", replica.ResourceId, "Run the same command again when Azure answers.", e);
                    default:
                        throw;
                }
            }
        }
    }

    /// <summary>
    /// Waits until the database has left recovery, Azure's operation has ended, and state and role agree. Errors: HfPromotionFailed (the replica is seen to be a
    /// replica still), HfOutcomeUnknown.
    /// </summary>
    public async Task<DrOperation?> AwaitEndAsync(DbServer replica, AcceptedPromotion accepted, CancellationToken cancellationToken)
    {
        if (accepted.Operation is { } operation)
        {
            await foreach (var ended in _watch.WaitAsync([operation], null, _journal, cancellationToken).ConfigureAwait(false)) operation = ended;
            if (operation.Outcome == StepOutcome.Succeeded) return operation;
            // Azure's word that it failed does not lift a fence: it may have failed after the database was promoted.
            return (await SettleAsync(replica, cancellationToken).ConfigureAwait(false), operation.Outcome) switch
            {
                (Sighting.Promoted, _) => operation,
                (Sighting.Untouched, StepOutcome.Failed) => throw new DrException("HfPromotionFailed", DrErrorKind.OperationFailed, $"Azure did not promote {replica.Name}: {operation.Error ?? operation.Status}.", replica.ResourceId, "Put Azure's reason right, then run the same command again."),
                _ => throw Unclear(replica),
            };
        }

        // Its answer was lost while it was under way, so there is no operation that tells how it ended: the server does. One that is back as it was, and stays so, was not promoted.
        var seen = Sighting.Unclear;
        long? untouchedSince = null;
        var settled = await Pace.UntilAsync(
            async token =>
            {
                seen = await LookAsync(replica, token).ConfigureAwait(false);
                if (seen == Sighting.Promoted) return true;
                untouchedSince = seen == Sighting.Untouched ? untouchedSince ?? _time.GetTimestamp() : null;
                return untouchedSince is { } since && _time.GetElapsedTime(since) >= SettledAfter;
            },
            Pace.Milliseconds(20), Pace.Seconds(5), TimeSpan.FromMinutes(30), _time, cancellationToken).ConfigureAwait(false);
        return (settled, seen) switch
        {
            (true, Sighting.Promoted) => null,
            (true, _) => throw new DrException("HfPromotionFailed", DrErrorKind.OperationFailed, $"Azure did not promote {replica.Name}: its answer was lost, and the server is a replica as before.", replica.ResourceId, "Find out why in Azure's activity log, then run the same command again."),
            _ => throw Unclear(replica),
        };
    }

    private static DrException Unclear(DbServer replica) => new(
        "HfOutcomeUnknown", DrErrorKind.TimedOut, $"It is not known whether {replica.Name} is promoted.", replica.ResourceId, "Run the same command again: it looks first and goes on from what it finds.");

    // Until it is seen to be the one or the other.
    private async Task<Sighting> SettleAsync(DbServer replica, CancellationToken cancellationToken)
    {
        var seen = Sighting.Unclear;
        await Pace.UntilAsync(
            async token => (seen = await LookAsync(replica, token).ConfigureAwait(false)) is Sighting.Promoted or Sighting.Untouched,
            Pace.Milliseconds(50), Pace.Seconds(5), UnknownLimit, _time, cancellationToken).ConfigureAwait(false);
        return seen;
    }

    /// <summary>Looks until it is clear; untouched only when it was seen so for a while.</summary>
    public async Task<Sighting> ClarifyAsync(DbServer replica, CancellationToken cancellationToken)
    {
        var seen = Sighting.Unclear;
        long? untouchedSince = null;
        await Pace.UntilAsync(
            async token =>
            {
                seen = await LookAsync(replica, token).ConfigureAwait(false);
                if (seen is Sighting.Promoted or Sighting.UnderWay) return true;
                untouchedSince = seen == Sighting.Untouched ? untouchedSince ?? _time.GetTimestamp() : null;
                return untouchedSince is { } since && _time.GetElapsedTime(since) >= SettledAfter;
            },
            Pace.Milliseconds(50), Pace.Seconds(2), UnknownLimit, _time, cancellationToken).ConfigureAwait(false);
        return seen == Sighting.Untouched && untouchedSince is { } at && _time.GetElapsedTime(at) < SettledAfter ? Sighting.Unclear : seen;
    }

    private Task<Sighting> LookAsync(DbServer replica, CancellationToken cancellationToken) =>
        PromotionSight.LookAsync(_inventory, _databases, replica.ResourceId, replica.HostName, _time, cancellationToken);
}
