using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Highflame.Dr.Sandbox.Processes;

/// <summary>How this very program is started again in another mode, and how a process is kept out of the terminal's reach.</summary>
internal static class OwnProgram
{
    private static readonly string? SetSid = OperatingSystem.IsLinux() ? Array.Find(["/usr/bin/setsid", "/bin/setsid"], File.Exists) : null;

    /// <summary>
    /// Start information for a child mode with all three streams redirected. The child gets a session of its own where setsid exists, so that Ctrl-C at the
    /// terminal reaches the sandbox alone and the sandbox ends its children in order.
    /// </summary>
    public static ProcessStartInfo StartInfo(string mode)
    {
        var start = Detached(DotnetHost());
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(OwnProgram).Assembly.Location);
        start.ArgumentList.Add(mode);
        return start;
    }

    /// <summary>Start information for any program in a session of its own, with all three streams redirected.</summary>
    public static ProcessStartInfo Detached(string program)
    {
        var start = new ProcessStartInfo(SetSid ?? program)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        if (SetSid is not null) start.ArgumentList.Add(program);
        return start;
    }

    private static string DotnetHost()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        if (File.Exists(beside)) return beside;
        return Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host && File.Exists(host) ? host : name;
    }
}
