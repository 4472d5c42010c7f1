using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Highflame.Dr.Soak.Child;

/// <summary>What a process can do to itself on Linux.</summary>
internal static partial class OwnProcess
{
    private const int Sigkill = 9;
    private const int Sigxfsz = 25;
    private const int LimitFileSize = 1;
    private static readonly nint s_ignore = 1;

    /// <summary>Ends this process at once: nothing is flushed, nothing is given back but what the system takes back. Does not return.</summary>
    public static void Kill()
    {
        _ = SendSignal(Environment.ProcessId, Sigkill);
        Thread.Sleep(Timeout.Infinite);
    }

    /// <summary>From now on no file can be written beyond this length: writing fails as on a full disk.</summary>
    public static void LimitFiles(ulong bytes)
    {
        _ = SetHandler(Sigxfsz, s_ignore);
        var limit = new Limit { Soft = bytes, Hard = ulong.MaxValue };
        if (SetLimit(LimitFileSize, ref limit) != 0) throw new Win32Exception();
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    private static partial nint SetHandler(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, ref Limit limit);
}
