namespace Highflame.Dr.Engine.Azure;

/// <summary>
/// A time limit that stands still while the work under it waits for its turn within Azure's request limits: among many pairs at once, a read that has not been sent yet has not failed to answer.
/// </summary>
internal sealed class Patience : IDisposable
{
    private static readonly AsyncLocal<Patience?> s_current = new();

    private readonly CancellationTokenSource _over;
    private readonly TimeProvider _time;
    private readonly Patience? _outer;
    private readonly object _gate = new();
    private TimeSpan _left;
    private long _since;
    private int _pauses;

    private Patience(TimeSpan limit, TimeProvider time)
    {
        (_left, _time, _since, _outer) = (limit, time, time.GetTimestamp(), s_current.Value);
        _over = new CancellationTokenSource(limit, time);
    }

    /// <summary>Cancelled when the time is over.</summary>
    public CancellationToken Token => _over.Token;

    /// <summary>Begins a limit for what the calling method does from here on.</summary>
    public static Patience Begin(TimeSpan limit, TimeProvider time) => s_current.Value = new(limit, time);

    /// <summary>Stops every limit that the caller works under until the result is disposed of.</summary>
    public static Pause Hold()
    {
        for (var one = s_current.Value; one is not null; one = one._outer) one.Stop();
        return new(s_current.Value);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _pauses = int.MinValue;
            _over.Dispose();
        }
    }

    private void Stop()
    {
        lock (_gate)
        {
            if (_pauses < 0 || _pauses++ > 0) return;
            _left -= _time.GetElapsedTime(_since);
            if (_left > TimeSpan.Zero) _over.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    private void GoOn()
    {
        lock (_gate)
        {
            if (_pauses <= 0 || --_pauses > 0) return;
            _since = _time.GetTimestamp();
            if (_left > TimeSpan.Zero) _over.CancelAfter(_left);
        }
    }

    internal readonly struct Pause(Patience? from) : IDisposable
    {
        public void Dispose()
        {
            for (var one = from; one is not null; one = one._outer) one.GoOn();
        }
    }
}
