using Highflame.Dr.Rehearsal;

namespace Highflame.Dr.Engine.Rehearsal;

/// <summary>Where the sandbox program lies and what runs it.</summary>
internal static class SandboxProgram
{
    public const string FileName = "Highflame.Dr.Sandbox.dll";

    /// <summary>By path, else beside the module (artifacts/sandbox next to artifacts/module), else by HFDR_SANDBOX. Errors: HfSandboxProgramNotFound.</summary>
    public static string Find(SandboxOptions options) => Find(options, Path.GetDirectoryName(typeof(SandboxProgram).Assembly.Location) ?? "", Environment.GetEnvironmentVariable("HFDR_SANDBOX"));

    internal static string Find(SandboxOptions options, string engineDirectory, string? fromEnvironment)
    {
        if (options.ProgramPath is not null)
            return Existing(options.ProgramPath) ?? throw NotFound([Path.GetFullPath(options.ProgramPath)], options.ProgramPath);

        // The engine lies in artifacts/module/Highflame.Dr/VERSION/deps.
        var tried = new List<string>();
        if (engineDirectory.Length > 0) tried.Add(Path.GetFullPath(Path.Combine(engineDirectory, "..", "..", "..", "..", "sandbox")));
        if (!string.IsNullOrEmpty(fromEnvironment)) tried.Add(Path.GetFullPath(fromEnvironment));
        return tried.Select(Existing).FirstOrDefault(p => p is not null) ?? throw NotFound(tried, null);
    }

    /// <summary>The dotnet host: the one that runs the SDK, else the installed one, else whatever the path has.</summary>
    public static string FindHost()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host && File.Exists(host)) return host;
        if (Environment.ProcessPath is { } own && Path.GetFileName(own).Equals(name, StringComparison.OrdinalIgnoreCase)) return own;
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root && File.Exists(Path.Combine(root, name))) return Path.Combine(root, name);
        return name;
    }

    /// <summary>
    /// <c>setsid</c> where the system has it: the sandbox then is not in the terminal's foreground group, and Ctrl-C stops the waiting command without
    /// stopping the regions. Null elsewhere.
    /// </summary>
    public static string? FindOwnSession()
    {
        if (OperatingSystem.IsWindows()) return null;
        return Array.Find(["/usr/bin/setsid", "/bin/setsid"], File.Exists);
    }

    private static string? Existing(string path)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full)) full = Path.Combine(full, FileName);
        return File.Exists(full) ? full : null;
    }

    private static DrException NotFound(IReadOnlyList<string> tried, string? target) => new("HfSandboxProgramNotFound", DrErrorKind.NotFound,
        $"The sandbox program {FileName} is not there. Looked in: {(tried.Count == 0 ? "nowhere" : string.Join(", ", tried))}.", target,
        "Build it (dotnet build -c Release), give its path with -Path, or set HFDR_SANDBOX to its directory.");
}
