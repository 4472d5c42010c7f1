using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Highflame.Dr.Bench;

/// <summary>
/// How long a readiness check of many pairs takes, and a failover of some of them together, beside the shortest time that Azure Resource Manager's token buckets allow for the requests that were made: whoever
/// made them, in whatever order.
/// </summary>
internal static class Fleet
{
    /// <summary>The documented buckets of one subscription and principal: size, and how many come back each second.</summary>
    private static readonly (string Kind, double Size, double PerSecond)[] s_buckets = [("reads", 250, 25), ("writes", 200, 10), ("deletes", 200, 10), ("tenantReads", 250, 25)];

    public static async Task<int> RunAsync(FleetOptions options, CancellationToken cancellationToken)
    {
        var root = Directory.CreateTempSubdirectory("hfdr-fleet-").FullName;
        try
        {
            var start = new ProcessStartInfo("dotnet") { UseShellExecute = false };
            string[] arguments =
            [
                "exec", ShellProgram(), Path.Combine(AppContext.BaseDirectory, "FleetRun.ps1"), "-OutputPath", root, "-SandboxRoot", Path.Combine(root, "sandbox"), "-Pairs", $"{options.Pairs}",
                "-Failovers", $"{options.Failovers}", "-ThrottleLimit", $"{options.ThrottleLimit}", "-FailoverThrottleLimit", $"{options.FailoverThrottleLimit}",
            ];
            foreach (var argument in arguments) start.ArgumentList.Add(argument);
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0) return process.ExitCode;
            using var run = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(root, "fleet.json"), cancellationToken));
            Part[] parts = [.. new[] { "readiness", "failover" }.Select(name => new Part(name, run.RootElement.GetProperty(name).Deserialize<Dictionary<string, double>>()!))];
            var wrong = run.RootElement.GetProperty("wrong").Deserialize<string[]>()!;
            foreach (var part in parts) Console.WriteLine(part);
            foreach (var line in wrong) Console.WriteLine($"WRONG: {line}");
            var path = options.Output ?? Path.Combine("artifacts", "bench", "fleet.json");
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            var report = new
            {
                machine = Machine.ThisOne(),
                loadAverage = Machine.LoadAverage(),
                parts = parts.ToDictionary(p => p.Name, p => new { p.Run, bound = new { bucket = p.Bound.Kind, seconds = p.Bound.Seconds }, ratio = p.Ratio }),
                wrong,
            };
            await File.WriteAllTextAsync(path, JsonSerializer.Serialize(report, BenchJson.Format), cancellationToken);
            // A pair that was left out, or that went wrong, makes the figure worthless.
            return wrong.Length == 0 && parts.All(p => p.Run["ended"] == p.Run["pairs"]) ? 0 : 1;
        }
        finally
        {
            Directory.Delete(root, true);
        }
    }

    private static string ShellProgram()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        var build = folder.Parent!.Name;
        while (!File.Exists(Path.Combine(folder!.FullName, "Highflame.Dr.sln"))) folder = folder.Parent;
        return Path.Combine(folder.FullName, "src", "Highflame.Dr.Shell", "bin", build, "net10.0", "Highflame.Dr.Shell.dll");
    }

    private sealed record Part(string Name, Dictionary<string, double> Run)
    {
        public (string Kind, double Seconds) Bound { get; } = s_buckets.Select(b => (b.Kind, Math.Max(0, (Run[b.Kind] - b.Size) / b.PerSecond))).MaxBy(b => b.Item2);

        public double Ratio => Bound.Seconds > 0 ? Run["seconds"] / Bound.Seconds : 0;

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Name}: {Run["ended"]:0} of {Run["pairs"]:0} pairs, {Run["right"]:0} right, in {Run["seconds"]:0.0} s (the first after {Run["firstSeconds"]:0.0} s), {Run["throttleLimit"]:0} at once\n"
            + $"  {Run["reads"]:0} reads, {Run["writes"]:0} writes, {Run["deletes"]:0} deletes, {Run["tenantReads"]:0} reads of the tenant; {Run["refused"]:0} refused with 429\n"
            + $"  bound by the bucket of {Bound.Kind}: {Bound.Seconds:0.0} s; ratio {Ratio:0.00}");
    }
}

/// <summary>What the command line of the fleet benchmark says.</summary>
internal sealed record FleetOptions(int Pairs, int Failovers, int ThrottleLimit, int FailoverThrottleLimit, string? Output);
