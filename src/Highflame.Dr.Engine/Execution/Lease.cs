using System.Diagnostics;

namespace Highflame.Dr.Engine.Execution;

/// <summary>Who holds the lease of a pair, as its store says.</summary>
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

/// <summary>The lease of a pair: one run at a time (design/safety.md rule 4). Disposing gives it back.</summary>
internal interface ILease : IDisposable
{
    /// <summary>Grows with every holder of the pair's lease.</summary>
    long FencingNumber { get; }

    /// <summary>Names the run that holds it, for those who are told to wait.</summary>
    void Describe(string runId);

    /// <summary>Proves, right before an irreversible call, that nobody has taken the lease since. Errors: HfLeaseLost.</summary>
    void Verify();
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

/// <summary>What is told to those who may not go on. One text for every store.</summary>
internal static class LeaseTrouble
{
    public static DrException Held(string location, LeaseHolder? holder, TimeProvider time, string next) => new(
        "HfRunHeld", DrErrorKind.ResourceBusy,
        holder is null
            ? "Another process is just taking the lease of this pair."
            : $"The lease of this pair is held by process {holder.ProcessId} on {holder.Host}{(holder.User is { } user ? $" (user {user})" : "")} since {holder.Since:u}, for {(time.GetUtcNow() - holder.Since).TotalSeconds:0} s{(holder.RunId is { } run ? $", run {run}" : "")}.",
        location, next);

    public static DrException Lost(string location, long own, LeaseHolder? now) => new(
        "HfLeaseLost", DrErrorKind.ResourceBusy,
        $"This run no longer holds the lease of its pair: its fencing number is {own}, the lease has {now?.FencingNumber.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}.", location,
        "Somebody else took the lease. Find out who (Get-HfRun), and start the run again when they are done.");
}
