using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Highflame.Dr.Bench;

/// <summary>
/// Repeats the planned drill and puts its write outage beside the floor. Each run is a process of its own (Highflame.Dr.Shell with PlannedRun.ps1), so that
/// nothing is warm from the run before, as when an operator starts the runbook.
/// </summary>
internal sealed class WriteOutage(string? output, double? idlePercent, TimeProvider time)
{
    private const double AimP50 = 0.5;
    private const double AimP95 = 1.0;
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestIdleWait = TimeSpan.FromMinutes(3);
    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
    private static readonly string Root = FindRoot();

    private readonly string _output = Path.GetFullPath(output ?? Path.Combine(Root, "artifacts", "bench", "write-outage.json"));

    public async Task<int> RunAsync(int runs, CancellationToken cancellationToken)
    {
        var (machine, started, loadBefore) = (Machine.ThisOne(), time.GetUtcNow(), Machine.LoadAverage());
        Console.WriteLine($"Write outage of a planned failover, {runs} runs on fresh regions.");
        Console.WriteLine($"{machine.OperatingSystem}, {machine.Processor}, {machine.Cores} cores, {machine.Runtime}. Load average {Load(loadBefore)}.");
        Console.WriteLine("Azure's durations are taken away (time scale 0). The profile's TTL is set to 1 s beforehand: the runbook waits the old TTL out before it fences.");
        if (idlePercent is { } share) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Each run begins when {share:0} % of the cores have been idle for 3 s, or after {LongestIdleWait.TotalMinutes:0} minutes."));
        Console.WriteLine();
        Console.WriteLine(" run   outage    floor   ratio   acknowledged  lost   load");
        var work = Directory.CreateTempSubdirectory("hfdr-bench-").FullName;
        List<OutageRun> done = [];
        try
        {
            for (var number = 1; number <= runs; number++)
            {
                if (await OneAsync(Path.Combine(work, number.ToString("000", CultureInfo.InvariantCulture)), number, cancellationToken) is not { } run) return 1;
                done.Add(run);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{run.Number,4}  {run.OutageSeconds,5:0.000} s  {run.Floor.Seconds,5:0.000} s  {run.OutageSeconds / run.Floor.Seconds,5:0.0} x  {run.Acknowledged,12:N0}  {run.Lost,4}  {Load(run.LoadAverage),5}"));
                if (run.Lost != 0 || run.AcceptedByOldPrimary != 0)
                {
                    Console.Error.WriteLine($"Run {number}: {run.Lost} acknowledged writes lost, {run.AcceptedByOldPrimary} accepted by the old primary. A figure of such a failover means nothing.");
                    return 1;
                }
            }
        }
        finally
        {
            Directory.Delete(work, true);
        }

        Report(machine, started, loadBefore, done);
        return 0;
    }

    private async Task<OutageRun?> OneAsync(string directory, int number, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        if (idlePercent is { } share) await Machine.AwaitIdleAsync(share, LongestIdleWait, time, cancellationToken);
        var load = Machine.LoadAverage();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = Root };
        string[] arguments =
        [
            Path.Combine(Root, "src", "Highflame.Dr.Shell", "bin", Configuration, "net10.0", "Highflame.Dr.Shell.dll"), Path.Combine(AppContext.BaseDirectory, "PlannedRun.ps1"),
            "-OutputPath", directory, "-SandboxRoot", Path.Combine(directory, "sandbox"), "-Bench", typeof(WriteOutage).Assembly.Location,
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var shell = Process.Start(start) ?? throw new InvalidOperationException("dotnet cannot be started.");
        shell.StandardInput.Close();
        var said = Task.WhenAll(shell.StandardOutput.ReadToEndAsync(CancellationToken.None), shell.StandardError.ReadToEndAsync(CancellationToken.None));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LongestRun);
        try
        {
            await shell.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // The sandbox ends with its parent.
            shell.Kill();
            await shell.WaitForExitAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
        }

        var text = string.Join('\n', await said);
        if (shell.ExitCode == 0) return OutageRun.Read(directory, number, load);
        Console.Error.WriteLine($"Run {number} failed with exit code {shell.ExitCode}. It said:\n{text}");
        return null;
    }

    private void Report(Machine machine, DateTimeOffset started, double? loadBefore, List<OutageRun> runs)
    {
        var outage = Distribution.Of(runs.Select(r => r.OutageSeconds));
        var floor = Distribution.Of(runs.Select(r => r.Floor.Seconds));
        var loads = runs.Select(r => r.LoadAverage).OfType<double>().Append(Machine.LoadAverage() ?? 0).ToArray();
        var marks = runs.SelectMany(r => r.Marks).GroupBy(m => m.What).Where(g => g.Count() * 2 > runs.Count)
            .Select(g => new Mark(g.Key, Distribution.Of(g.Select(m => m.Seconds)).P50)).OrderBy(m => m.Seconds).ToArray();
        Console.WriteLine();
        Console.WriteLine("                     p50       p95       max");
        Console.WriteLine($"write outage     {Row(outage)}   as the clients see it: DNS, TLS, gateway, application, database");
        Console.WriteLine($"floor            {Row(floor)}   bare SQL fence, catch-up, pg_promote, first write");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ratio            {outage.P50 / floor.P50,5:0.0} x   {outage.P95 / floor.P95,5:0.0} x   {outage.Max / floor.Max,5:0.0} x"));
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Aim: p50 at most {AimP50:0.0} s {Met(outage.P50 <= AimP50)}, p95 at most {AimP95:0.0} s {Met(outage.P95 <= AimP95)}. Load average {Load(loads.Min())} to {Load(loads.Max())} on {machine.Cores} cores."));
        Console.WriteLine("Seconds after the last write, p50 of each:");
        foreach (var mark in marks) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {mark.Seconds,7:0.000}  {mark.What}"));

        Directory.CreateDirectory(Path.GetDirectoryName(_output)!);
        File.WriteAllBytes(_output, JsonSerializer.SerializeToUtf8Bytes(new
        {
            Started = started,
            Finished = time.GetUtcNow(),
            Machine = machine,
            LoadAverage = new { Before = loadBefore, Min = loads.Min(), Max = loads.Max() },
            Settings = new { TimeScale = 0, TtlBefore = 1, MinimumWrites = 1000, IdlePercent = idlePercent },
            Percentiles = "nearest rank",
            Aim = new { P50 = AimP50, P95 = AimP95 },
            WriteOutage = outage,
            Floor = floor,
            RatioOfP50 = outage.P50 / floor.P50,
            Marks = marks,
            Runs = runs,
        }, BenchJson.Format));
        Console.WriteLine();
        Console.WriteLine(_output);
    }

    private static string Row(Distribution d) => string.Create(CultureInfo.InvariantCulture, $"{d.P50,5:0.000} s   {d.P95,5:0.000} s   {d.Max,5:0.000} s");

    private static string Met(bool met) => met ? "met" : "NOT met";

    private static string Load(double? load) => load?.ToString("0.0", CultureInfo.InvariantCulture) ?? "unknown";

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Highflame.Dr.sln"))) return folder.FullName;
        throw new InvalidOperationException($"No Highflame.Dr.sln above {AppContext.BaseDirectory}.");
    }
}
