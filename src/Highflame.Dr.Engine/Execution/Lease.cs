using System.Diagnostics;
using System.Text.Json;

namespace Highflame.Dr.Engine.Execution;

/// <summary>Who holds the lease of a pair. The content of <c>lease.json</c>.</summary>
internal sealed record LeaseHolder
{
    public required long FencingNumber { get; init; }

    public required int ProcessId { get; init; }

    public required string Host { get; init; }

    /// <summary>When the holding process began: tells a process from a later one with the same id.</summary>
    public required DateTimeOffset ProcessStarted { get; init; }

    public required DateTimeOffset Since { get; init; }

    public string? User { get; init; }

    public string? RunId { get; init; }

    /// <summary>True when it was given back; the fencing number goes on growing from here.</summary>
    public bool Released { get; init; }
}

/// <summary>Tells whether the process that took a lease is still there.</summary>
internal interface IProcesses
{
    int OwnId { get; }

    string OwnHost { get; }

    DateTimeOffset OwnStart { get; }

    /// <summary>True when a process of this id that began at this time (within two seconds) runs on this machine.</summary>
    bool IsAlive(int id, DateTimeOffset started);
}

/// <summary>The processes of this machine.</summary>
internal sealed class MachineProcesses : IProcesses
{
    public static readonly MachineProcesses Instance = new();

    public int OwnId => Environment.ProcessId;

    public string OwnHost => Environment.MachineName;

    public DateTimeOffset OwnStart { get; } = StartOf(Process.GetCurrentProcess());

    public bool IsAlive(int id, DateTimeOffset started)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited && (StartOf(process) - started).Duration() < TimeSpan.FromSeconds(2);
        }
        catch (ArgumentException)
        {
            return false;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It is there and does not let itself be looked at: count it as the holder.
            return e is System.ComponentModel.Win32Exception;
        }
    }

    private static DateTimeOffset StartOf(Process process) => new(process.StartTime.ToUniversalTime(), TimeSpan.Zero);
}

/// <summary>
/// The lease of a pair: one run at a time (design/safety.md rule 4). It is held by an exclusive handle on <c>lease.lock</c>, which the system gives back when the
/// process dies, and described in <c>lease.json</c>. A lease whose process is dead on this machine is taken over; that of a live one, or of another machine, never.
/// </summary>
internal sealed class Lease : IDisposable
{
    private readonly FileStream _lock;
    private readonly string _path;
    private LeaseHolder _holder;
    private bool _disposed;

    private Lease(FileStream @lock, string path, LeaseHolder holder)
    {
        _lock = @lock;
        _path = path;
        _holder = holder;
    }

    public long FencingNumber => _holder.FencingNumber;

    /// <summary>Takes the lease. Errors: HfRunHeld.</summary>
    public static Lease Take(string directory, string? runId, TimeProvider time, IProcesses processes)
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
            return new Lease(handle, path, holder);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Names the run that holds it, for those who are told to wait.</summary>
    public void Describe(string runId) => DurableFile.Write(_path, _holder = _holder with { RunId = runId });

    /// <summary>Proves, right before an irreversible call, that nobody has taken the lease since. Errors: HfLeaseLost.</summary>
    public void Verify()
    {
        if (!_disposed && Read(_path) is { Released: false } now && now.FencingNumber == FencingNumber) return;
        throw new DrException(
            "HfLeaseLost", DrErrorKind.ResourceBusy,
            $"This run no longer holds the lease of its pair: its fencing number is {FencingNumber}, the lease has {Read(_path)?.FencingNumber.ToString() ?? "none"}.", _path,
            "Somebody else took the lease. Find out who from the file named, and start the run again when they are done.");
    }

    public void Dispose()
    {
        if (_disposed) return;
        try
        {
            if (Read(_path) is { Released: false } now && now.FencingNumber == FencingNumber) DurableFile.Write(_path, now with { Released = true });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
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
        catch (JsonException e)
        {
            throw new DrException("HfRunStoreUnusable", DrErrorKind.MalformedData, $"The lease file cannot be read: {e.Message}", path, "Make sure that no run goes on, then delete the file.", e);
        }
    }

    private static DrException Held(string path, LeaseHolder? holder, TimeProvider time) => new(
        "HfRunHeld", DrErrorKind.ResourceBusy,
        holder is null
            ? "Another process is just taking the lease of this pair."
            : $"The lease of this pair is held by process {holder.ProcessId} on {holder.Host}{(holder.User is { } user ? $" (user {user})" : "")} since {holder.Since:u}, for {(time.GetUtcNow() - holder.Since).TotalSeconds:0} s{(holder.RunId is { } run ? $", run {run}" : "")}.",
        path,
        holder is null || holder.Host == Environment.MachineName
            ? "Wait until that run has ended, or end its process; then start again."
            : $"Wait until that run has ended. If {holder.Host} is lost for good, delete the file named after making sure that nothing runs there any more.");
}
