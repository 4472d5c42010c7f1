using Highflame.Dr.Sandbox.Application;

namespace Highflame.Dr.Sandbox.Postgres;

/// <summary>
/// One direction of a link: says when bytes that were handed to it come out. Bandwidth is shared by all connections (a chunk occupies the line for
/// size/rate seconds, one after the other); latency is added behind it, so that it delays but does not slow down.
/// </summary>
internal sealed class LinkDirection(TimeProvider time)
{
    private readonly Lock _gate = new();
    private LinkSettings _settings = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lineFree;

    public LinkSettings Settings
    {
        get
        {
            lock (_gate) return _settings;
        }
    }

    public void Set(LinkSettings settings)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _settings = settings;
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    /// <summary>Waits until a chunk that was handed in at a timestamp has crossed. A change of the settings counts for what is on its way too.</summary>
    public async Task CrossAsync(long handedIn, int bytes, CancellationToken cancellationToken)
    {
        long? sent = null;
        while (true)
        {
            TimeSpan wait;
            Task changed;
            lock (_gate)
            {
                var now = time.GetTimestamp();
                if (_settings.BytesPerSecond is { } rate && sent is null)
                {
                    var start = Math.Max(handedIn, _lineFree);
                    var end = start + (long)(bytes / (double)rate * time.TimestampFrequency);
                    if (end <= now) (sent, _lineFree) = (end, end);
                    wait = time.GetElapsedTime(now, end);
                }
                else
                {
                    sent ??= handedIn;
                    wait = TimeSpan.Zero;
                }

                if (sent is { } at) wait = TimeSpan.FromMilliseconds(_settings.LatencyMilliseconds) - time.GetElapsedTime(at, now);
                changed = _changed.Task;
            }

            if (sent is not null && wait <= TimeSpan.Zero) return;
            if (wait > TimeSpan.Zero) await Task.WhenAny(Task.Delay(Whole(wait), time, cancellationToken), changed).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Timers count whole milliseconds: a shorter wait would not wait at all and spin.</summary>
    private static TimeSpan Whole(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
}
