using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Highflame.Dr.Bench;

/// <summary>
/// How long a readiness check of many pairs takes beside the shortest time that Azure Resource Manager's token buckets allow for the requests that were made: whoever made them, in whatever order.
/// </summary>
internal static class Fleet
{
    /// <summary>The documented buckets of one subscription and principal: size, and how many come back each second.</summary>
    private static readonly (string Kind, double Size, double PerSecond)[] s_buckets = [("reads", 250, 25), ("writes", 200, 10), ("deletes", 200, 10), ("tenantReads", 250, 25)];

    public static async Task<int> RunAsync(int pairs, int throttleLimit, string? output, CancellationToken cancellationToken)
    {
        var root = Directory.CreateTempSubdirectory("hfdr-fleet-").FullName;
        try
        {
            var start = new ProcessStartInfo("dotnet") { UseShellExecute = false };
            foreach (var argument in (string[])["exec", ShellProgram(), Path.Combine(AppContext.BaseDirectory, "FleetRun.ps1"), "-OutputPath", root, "-SandboxRoot", Path.Combine(root, "sandbox"), "-Pairs", $"{pairs}", "-ThrottleLimit", $"{throttleLimit}"])
                start.ArgumentList.Add(argument);
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0) return process.ExitCode;
            var run = JsonSerializer.Deserialize<Dictionary<string, double>>(await File.ReadAllTextAsync(Path.Combine(root, "fleet.json"), cancellationToken))!;
            var (binding, bound) = s_buckets.Select(b => (b.Kind, Seconds: Math.Max(0, (run[b.Kind] - b.Size) / b.PerSecond))).MaxBy(b => b.Seconds);
            var ratio = bound > 0 ? run["seconds"] / bound : 0;
            var text = string.Create(CultureInfo.InvariantCulture, $"{run["answered"]:0} pairs checked, {run["ready"]:0} ready, in {run["seconds"]:0.0} s (the first after {run["firstSeconds"]:0.0} s), {throttleLimit} at once\n{run["reads"]:0} reads, {run["writes"]:0} writes, {run["tenantReads"]:0} reads of the tenant; {run["refused"]:0} refused with 429\nbound by the bucket of {binding}: {bound:0.0} s; ratio {ratio:0.00}");
            Console.WriteLine(text);
            var path = output ?? Path.Combine("artifacts", "bench", "fleet.json");
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            await File.WriteAllTextAsync(path, JsonSerializer.Serialize(new { machine = Machine.ThisOne(), loadAverage = Machine.LoadAverage(), run, bound = new { bucket = binding, seconds = bound }, ratio }, BenchJson.Format), cancellationToken);
            // A check that was left out makes the figure worthless.
            return run["answered"] == pairs ? 0 : 1;
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
}
