using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Execution;

namespace Highflame.Dr.Engine.Operations;

/// <summary>Follows operations to their end, side by side. Stopping the waiting never stops an operation; a timeout leaves it Pending, never Failed.</summary>
internal sealed class OperationWatch
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(15);
    private readonly IArm _arm;
    private readonly ServerCrossCheck _check;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public OperationWatch(IArm arm, ServerCrossCheck check, TimeProvider time, IDrObserver observer)
    {
        _arm = arm;
        _check = check;
        _time = time;
        _observer = observer;
    }

    /// <summary>Asks once.</summary>
    public async Task<DrOperation> GetAsync(DrOperation operation, CancellationToken cancellationToken) =>
        IsFinal(operation) ? operation : (await StepAsync(operation, cancellationToken).ConfigureAwait(false)).Operation;

    /// <summary>Hands over each operation as it ends; those that have not when the time is up, as Pending.</summary>
    public async IAsyncEnumerable<DrOperation> WaitAsync(IReadOnlyList<DrOperation> operations, TimeSpan? timeout, IJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ended = Channel.CreateUnbounded<DrOperation>(new UnboundedChannelOptions { SingleReader = true });
        var begun = _time.GetTimestamp();
        var left = operations.Count;
        if (left == 0) yield break;
        var watchers = operations.Select(o => WatchAsync(o)).ToArray();
        try
        {
            await foreach (var operation in ended.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                if (operation.Outcome != StepOutcome.Pending) journal.RecordOperation(operation);
                _observer.Progress(new(ActivityOf(operation), operation.Status, Completed: true));
                yield return operation;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(watchers).ConfigureAwait(false);
        }

        // The first that cannot go on (no sign-in any more) ends the waiting for all.
        async Task WatchAsync(DrOperation operation)
        {
            try
            {
                ended.Writer.TryWrite(await FollowAsync(operation, () => timeout - _time.GetElapsedTime(begun), stop.Token).ConfigureAwait(false));
                if (Interlocked.Decrement(ref left) == 0) ended.Writer.TryComplete();
            }
#pragma warning disable CA1031 // Whatever it is, the reader throws it.
            catch (Exception failure)
            {
                ended.Writer.TryComplete(failure);
            }
#pragma warning restore CA1031
        }
    }

    private async Task<DrOperation> FollowAsync(DrOperation operation, Func<TimeSpan?> timeLeft, CancellationToken cancellationToken)
    {
        var delay = FirstDelay;
        string? lastTrouble = null;
        while (!IsFinal(operation))
        {
            TimeSpan? atLeast = null;
            try
            {
                (operation, atLeast, var note) = await StepAsync(operation, cancellationToken).ConfigureAwait(false);
                if (operation.Outcome != StepOutcome.Pending) break;
                _observer.Progress(new(ActivityOf(operation), note ?? operation.Status));
            }
            catch (DrException failure) when (failure.ErrorId is "HfArmUnavailable" or "HfArmUnreachable" or "HfThrottled")
            {
                // Azure does not answer now. The operation goes on; so does the waiting.
                if (lastTrouble != failure.ErrorId) _observer.Warning($"{ActivityOf(operation)}: {failure.Message} Still waiting.");
                lastTrouble = failure.ErrorId;
            }
            var wait = atLeast > delay ? atLeast.Value : delay;
            if (timeLeft() is { } left && wait >= left)
            {
                if (left > TimeSpan.Zero) await Task.Delay(left, _time, cancellationToken).ConfigureAwait(false);
                operation = operation with { Outcome = StepOutcome.Pending, Finished = null };
                break;
            }
            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
            delay = delay * 1.5 < LongestDelay ? delay * 1.5 : LongestDelay;
        }
        return operation;
    }

    /// <summary>One poll, and after Azure's own success the cross-check.</summary>
    private async Task<(DrOperation Operation, TimeSpan? RetryAfter, string? Note)> StepAsync(DrOperation operation, CancellationToken cancellationToken)
    {
        var poll = await _arm.PollAsync(operation.OperationUrl, cancellationToken).ConfigureAwait(false);
        switch (poll.Outcome)
        {
            case StepOutcome.Failed:
                return (operation with { Outcome = StepOutcome.Failed, Status = poll.Status, Error = $"{poll.ErrorCode}: {poll.ErrorMessage}", Finished = _time.GetUtcNow() }, null, null);
            case StepOutcome.Succeeded or StepOutcome.Unknown:
                // Unknown: Azure no longer keeps the operation. What it should have left behind tells.
                var missing = await _check.MissingAsync(operation, cancellationToken).ConfigureAwait(false);
                if (missing is null && (poll.Outcome == StepOutcome.Succeeded || ServerCrossCheck.CanTell(operation)))
                    return (operation with { Outcome = StepOutcome.Succeeded, Status = "Succeeded", Error = null, Finished = _time.GetUtcNow() }, null, null);
                if (poll.Outcome == StepOutcome.Unknown)
                    return (operation with { Outcome = StepOutcome.Unknown, Status = poll.Status, Error = $"Azure no longer keeps this operation{(missing is null ? "" : $", and {missing}")}.", Finished = _time.GetUtcNow() }, null, null);
                return (operation with { Outcome = StepOutcome.Pending, Status = poll.Status }, null, $"Azure reports success; {missing}");
            default:
                return (operation with { Outcome = StepOutcome.Pending, Status = poll.Status }, poll.RetryAfter, null);
        }
    }

    private static bool IsFinal(DrOperation operation) => operation.Outcome is StepOutcome.Succeeded or StepOutcome.NoChange or StepOutcome.Failed;

    private static string ActivityOf(DrOperation operation) => $"{operation.Name} {AzureId.NameOf(operation.Target)}";
}
