using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Highflame.Dr.Conformance.Tests;

/// <summary>What a program said and how it ended.</summary>
internal sealed record Ended(int Code, string Output, string Errors);

/// <summary>node and npm as they are found in the PATH.</summary>
internal static class NodePrograms
{
    /// <summary>Oldest node that Microsoft's packages support.</summary>
    private const int OldestMajor = 20;

    public static string? Node { get; } = Find("node");

    public static string? Npm { get; } = Find("npm");

    /// <summary>Why the conformance program cannot run on this machine; null when it can.</summary>
    public static async Task<string?> MissingAsync()
    {
        if (Node is null || Npm is null) return $"{(Node is null ? "node" : "npm")} is not in the PATH. Node.js {OldestMajor} or later runs Microsoft's clients: https://nodejs.org.";
        var version = (await RunAsync(Node, ["--version"], null, TimeSpan.FromSeconds(20))).Output.Trim();
        return int.TryParse(version.TrimStart('v').Split('.')[0], out var major) && major >= OldestMajor ? null : $"node is {version}; Microsoft's clients need {OldestMajor} or later.";
    }

    /// <summary>Runs a program to its end and gives all that it said. Throws <see cref="TimeoutException"/> after ending it when it takes too long.</summary>
    public static async Task<Ended> RunAsync(string program, IEnumerable<string> arguments, string? folder, TimeSpan limit, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = folder ?? "" };
        // npm is a script on Windows, which only the command interpreter runs.
        var script = program.EndsWith(".cmd", StringComparison.OrdinalIgnoreCase);
        start.FileName = script ? "cmd.exe" : program;
        foreach (var argument in script ? ["/d", "/c", program, .. arguments] : arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in variables) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(limit);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(CancellationToken.None), process.StandardError.ReadToEndAsync(CancellationToken.None));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{Path.GetFileName(program)} did not end within {limit.TotalSeconds:0} s. It said: {await output}{await errors}");
        }

        return new Ended(process.ExitCode, await output, await errors);
    }

    private static string? Find(string program)
    {
        string[] names = RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? [$"{program}.exe", $"{program}.cmd"] : [program];
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }
}
