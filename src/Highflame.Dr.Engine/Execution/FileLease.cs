using System.Text.Json;

namespace Highflame.Dr.Engine.Execution;

/// <summary>
/// The lease of a pair on a disk. It is held by an exclusive handle on <c>lease.lock</c>, which the system gives back when the
/// process dies, and described in <c>lease.json</c>. A lease whose process is dead on this machine is taken over; that of a live one, or of another machine, never.
/// </summary>
internal sealed class FileLease : ILease
{
    private readonly FileStream _lock;
    private readonly string _path;
    private LeaseHolder _holder;
    private bool _disposed;

    private FileLease(FileStream @lock, string path, LeaseHolder holder)
    {
        _lock = @lock;
        _path = path;
        _holder = holder;
    }

    public long FencingNumber => _holder.FencingNumber;

    /// <summary>Takes the lease. Errors: HfRunHeld.</summary>
    public static FileLease Take(string directory, string? runId, TimeProvider time, IProcesses processes)
    {
        var path = Path.Combine(directory, "lease.json");
        FileStream handle;
        try
        {
            handle = new FileStream(Path.Combine(directory, "lease.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
        {
            throw Held(path, Read(path), time);
        }

        try
        {
            var last = Read(path);
            if (last is { Released: false } && !Abandoned(last, processes)) throw Held(path, last, time);
            var holder = new LeaseHolder
            {
                FencingNumber = (last?.FencingNumber ?? 0) + 1,
                ProcessId = processes.OwnId,
                Host = processes.OwnHost,
                ProcessStarted = processes.OwnStart,
                Since = time.GetUtcNow(),
                User = Environment.UserName,
                RunId = runId,
            };
            DurableFile.Write(path, holder);
            return new FileLease(handle, path, holder);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>The last holder and whether it is still there; null when there was none. Nothing is taken, not even for a moment.</summary>
    public static (LeaseHolder Holder, bool Held)? Look(string directory, IProcesses processes) =>
        Read(Path.Combine(directory, "lease.json")) is not { } last ? null
        : (last, !last.Released && (last.ProcessId == processes.OwnId || !Abandoned(last, processes)));

    public void Describe(string runId) => DurableFile.Write(_path, _holder = _holder with { RunId = runId });

    public void Verify()
    {
        if (!_disposed && Read(_path) is { Released: false } now && now.FencingNumber == FencingNumber) return;
        throw LeaseTrouble.Lost(_path, FencingNumber, Read(_path));
    }

    public void Dispose()
    {
        if (_disposed) return;
        try
        {
            if (Read(_path) is { Released: false } now && now.FencingNumber == FencingNumber) DurableFile.Write(_path, now with { Released = true });
        }
        catch (Exception e) when (DurableFile.IsTrouble(e))
        {
            // The store went away under us. The handle goes back all the same, and a dead process's lease is taken over.
        }

        _disposed = true;
        _lock.Dispose();
    }

    // The lock was free. A live holder would have it, except where another machine's locks do not reach this one. Our own process let it go without saying so.
    private static bool Abandoned(LeaseHolder last, IProcesses processes) =>
        string.Equals(last.Host, processes.OwnHost, StringComparison.OrdinalIgnoreCase)
        && (last.ProcessId == processes.OwnId || !processes.IsAlive(last.ProcessId, last.ProcessStarted));

    private static LeaseHolder? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<LeaseHolder>(File.ReadAllText(path), JournalJson.Line);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new DrException("HfRunStoreUnusable", DrErrorKind.MalformedData, $"The lease file cannot be read: {e.Message}", path, "Make sure that no run goes on, then delete the file.", e);
        }
    }

    private static DrException Held(string path, LeaseHolder? holder, TimeProvider time) => LeaseTrouble.Held(
        path, holder, time,
        holder is null || holder.Host == Environment.MachineName
            ? "Wait until that run has ended, or end its process; then start again."
            : $"Wait until that run has ended. If {holder.Host} is lost for good, delete the file named after making sure that nothing runs there any more.");
}
