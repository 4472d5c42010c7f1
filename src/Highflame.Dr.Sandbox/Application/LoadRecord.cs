using System.Text.Json;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>
/// What the writers saw, in the order of acknowledgement: numbers in memory, every acknowledged write in a file of JSON lines that is written ten times a
/// second and at the end.
/// </summary>
internal sealed class LoadRecord : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Stopclock _clock;
    private readonly FileStream _file;
    private readonly Dictionary<(string Region, string Server), LoadSnapshotShare> _shares = [];
    private List<AcknowledgedWrite> _unwritten = [];
    private LoadSnapshot _snapshot;
    private DateTimeOffset? _last;
    private long _failed;

    public LoadRecord(string path, Stopclock clock)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _clock = clock;
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        _snapshot = new LoadSnapshot { Started = clock.Now, Running = true };
    }

    /// <summary>A write was acknowledged just now.</summary>
    public void Acknowledge(string id, DateTimeOffset sent, string region, string server)
    {
        lock (_gate)
        {
            // Read under the lock: times grow in the order of the record.
            var now = _clock.Now;
            _unwritten.Add(new AcknowledgedWrite(id, sent, now, region, server));
            var share = _shares.GetValueOrDefault((region, server)) ?? new LoadSnapshotShare(region, server, 0, now, now);
            _shares[(region, server)] = share with { Acknowledged = share.Acknowledged + 1, Last = now };
            if (_last is { } last && (now - last).TotalSeconds > _snapshot.OutageSeconds)
                _snapshot = _snapshot with { OutageSeconds = (now - last).TotalSeconds, OutageStarted = last, OutageEnded = now };
            _last = now;
            _snapshot = _snapshot with { Acknowledged = _snapshot.Acknowledged + 1 };
        }
    }

    public void Fail() => Interlocked.Increment(ref _failed);

    public void Finish()
    {
        lock (_gate) _snapshot = _snapshot with { Running = false, Finished = _clock.Now };
    }

    public LoadSnapshot Snapshot()
    {
        lock (_gate)
            return _snapshot with { Failed = Interlocked.Read(ref _failed), Shares = [.. _shares.Values.OrderBy(s => s.First)] };
    }

    /// <summary>Writes what was acknowledged since the last time.</summary>
    public async Task FlushAsync()
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            List<AcknowledgedWrite> batch;
            lock (_gate) (batch, _unwritten) = (_unwritten, []);
            foreach (var write in batch)
            {
                await _file.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(write, ChildJson.Default.AcknowledgedWrite)).ConfigureAwait(false);
                _file.WriteByte((byte)'\n');
            }

            await _file.FlushAsync().ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await FlushAsync().ConfigureAwait(false);
        await _file.DisposeAsync().ConfigureAwait(false);
        _writing.Dispose();
    }
}

/// <summary>UTC that cannot jump: the clock's time at the start plus what a monotonic counter says has passed since.</summary>
internal sealed class Stopclock(TimeProvider time)
{
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly long _timestamp = time.GetTimestamp();

    public DateTimeOffset Now => _start + time.GetElapsedTime(_timestamp);
}
