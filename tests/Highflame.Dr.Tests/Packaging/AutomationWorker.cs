using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Packaging;

/// <summary>
/// A script in a process with what an Azure Automation worker has and nothing more: the managed identity's two variables, a folder for temporary files, no home, no search path
/// for programs. What it used is measured from outside.
/// </summary>
internal sealed record AutomationWorker(string[] Lines, long PeakBytes, int Children, string[] LeftBehind)
{
    /// <summary>Automation ends a job whose process is larger.</summary>
    private const long MemoryLimit = 400_000_000;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(150);

    public void AssertKeptWithinItsSandbox()
    {
        Assert.InRange(PeakBytes, 1, MemoryLimit);
        Assert.Equal(0, Children);
        Assert.Empty(LeftBehind);
    }

    /// <summary>Runs the script with <c>$sandbox</c> and <c>$pairPath</c> set and the unpacked module imported.</summary>
    public static AutomationWorker Run(PackedModule packed, Sandbox sandbox, string script)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var file = Path.Combine(packed.Root, $"job-{Guid.NewGuid():N}.ps1");
        File.WriteAllText(file, $"$sandbox = '{sandbox.Path}'; $pairPath = '{sandbox.PairPath}'\n{script}");
        var temporary = Directory.CreateDirectory(Path.Combine(packed.Root, "temporary")).FullName;
        var identity = JsonNode.Parse(File.ReadAllText(sandbox.Path))!["managedIdentity"]!;
        var start = new ProcessStartInfo(Environment.ProcessPath!) { WorkingDirectory = packed.Root, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["exec", Path.ChangeExtension(typeof(Shell.Commands.WriteHostCommand).Assembly.Location, ".dll"), "-File", file]) start.ArgumentList.Add(argument);
        start.Environment.Clear();
        start.Environment["TMPDIR"] = temporary;
        start.Environment["IDENTITY_ENDPOINT"] = (string)identity["endpoint"]!;
        start.Environment["IDENTITY_HEADER"] = (string)identity["header"]!;
        // A worker has two processors and their default heaps; the machine of a test may have many.
        start.Environment["DOTNET_PROCESSOR_COUNT"] = "2";

        var begun = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(-1);
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            long peak = 0;
            var children = 0;
            var clock = Stopwatch.StartNew();
            while (!process.WaitForExit(25))
            {
                if (clock.Elapsed > s_limit) throw new TimeoutException($"The job has not ended after {s_limit}.");
                (peak, children) = Look(process.Id, peak, children);
            }

            process.WaitForExit();
            var text = output.GetAwaiter().GetResult();
            Assert.True(process.ExitCode == 0, text + errors.GetAwaiter().GetResult());
            return new([.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)], peak, children, WrittenBelow(home, begun));
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>The peak of its memory, and whether it has, or has had, a process of its own: by the kernel's word, which no short-lived child escapes.</summary>
    private static (long Peak, int Children) Look(int id, long peak, int children)
    {
        if (!OperatingSystem.IsLinux()) return (Math.Max(peak, 1), children);
        try
        {
            var line = File.ReadLines($"/proc/{id}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            if (line is not null) peak = Math.Max(peak, long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024);
            // After the name in brackets: field 11 counts the page faults of children that have ended.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var ended = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[8] != "0";
            var running = Directory.GetDirectories($"/proc/{id}/task").Any(t => File.ReadAllText(Path.Combine(t, "children")).Length > 0);
            return (peak, children + (ended || running ? 1 : 0));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return (peak, children);
        }
    }

    /// <summary>What a process that believed in a home would have written there.</summary>
    private static string[] WrittenBelow(string home, DateTime since) =>
        home.Length == 0 ? [] : [.. new[] { ".highflame-dr", ".config/powershell", ".local/share/powershell", ".cache/powershell", ".IdentityService", ".azure" }
            .Select(f => Path.Combine(home, f)).Where(f => Directory.Exists(f) && Directory.GetLastWriteTimeUtc(f) >= since)];
}
