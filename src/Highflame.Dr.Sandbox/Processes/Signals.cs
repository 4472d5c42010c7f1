using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Highflame.Dr.Sandbox.Processes;

/// <summary>The calls into the C library that .NET does not offer: signals, file ownership, System V shared memory. Nothing here is called on Windows.</summary>
internal static partial class Signals
{
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Kill = 9;

    private const int RemoveIdentifier = 0;

    /// <summary>Sends a signal to one process; a process that is gone is no error.</summary>
    public static void Send(int processId, int signal)
    {
        if (!OperatingSystem.IsWindows()) _ = NativeKill(processId, signal);
    }

    /// <summary>SIGKILL of a process and its children; a process that is gone is no error.</summary>
    public static void KillTree(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            process.Kill(entireProcessTree: true);
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended by itself.
        }
    }

    public static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }

    public static bool IsRoot => !OperatingSystem.IsWindows() && NativeEffectiveUser() == 0;

    public static void ChangeOwner(string path, int user, int group)
    {
        if (NativeChown(path, user, group) != 0)
            throw new IOException($"The owner of '{path}' cannot be changed to {user}:{group}: error {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>Removes a System V shared memory segment that a killed postmaster left behind; one that is gone is no error.</summary>
    public static void RemoveSharedMemory(int identifier)
    {
        if (!OperatingSystem.IsWindows()) _ = NativeSharedMemoryControl(identifier, RemoveIdentifier, 0);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int NativeKill(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint NativeEffectiveUser();

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int NativeChown(string path, int user, int group);

    [LibraryImport("libc", EntryPoint = "shmctl")]
    private static partial int NativeSharedMemoryControl(int identifier, int command, nint buffer);
}
