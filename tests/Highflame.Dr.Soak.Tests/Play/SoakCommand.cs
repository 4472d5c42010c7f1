using System.Globalization;
using Highflame.Dr.Soak.Child;
using Highflame.Dr.Soak.World;

namespace Highflame.Dr.Soak.Play;

/// <summary>Plays many runs and writes the report. Each run's seed is printed: the soak of one run with that seed plays it again.</summary>
internal static class SoakCommand
{
    public const string Usage = "soak [--runs N] [--seed S] [--parallel P] [--output FILE] [--work FOLDER] [--every-record]";

    public static async Task<int> RunAsync(string[] options)
    {
        string Option(string name, string otherwise) => Array.IndexOf(options, name) is >= 0 and var at && at + 1 < options.Length ? options[at + 1] : otherwise;
        var runs = int.Parse(Option("--runs", "10"), CultureInfo.InvariantCulture);
        var seed = int.Parse(Option("--seed", "1"), CultureInfo.InvariantCulture);
        var output = Option("--output", "artifacts/soak.json");
        var parallel = Math.Min(runs, int.Parse(Option("--parallel", "1"), CultureInfo.InvariantCulture));
        var work = Path.GetFullPath(Option("--work", Directory.CreateTempSubdirectory("hfdr-soak-").FullName));
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        if (parallel > 1) return await BesideAsync(runs, seed, parallel, work, output, stop.Token);

        using var module = new ModuleSession();
        if (options.Contains("--every-record")) return await EveryRecordAsync(module, work, stop.Token);

        var results = new List<RunResult>();
        for (var n = 0; n < runs && !stop.IsCancellationRequested; n++)
        {
            var script = Script.Of(seed + n);
            var root = Path.Combine(work, $"{script.Seed}");
            var result = await SoakRun.PlayAsync(module, script, root, stop.Token);
            results.Add(result);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{n + 1,4}/{runs} seed {script.Seed} {result.Took.TotalSeconds,5:0.0} s {(result.Failures.Count == 0 ? "ok" : "FAILED")}: {script} -> {string.Join(", ", result.Course)}{(result.Verdict is { } v ? $"; lost {v.Load.Lost}" : "")}"));
            foreach (var failure in result.Failures) Console.WriteLine($"       {failure}");
            SoakReport.Of(seed, results).Write(output);
            if (result.Failures.Count == 0) Directory.Delete(root, recursive: true);
            else Console.WriteLine($"       kept in {root}; play it again: ./build.ps1 Soak -Runs 1 -Seed {script.Seed}");
        }

        var report = SoakReport.Of(seed, results);
        report.Write(output);
        if (!options.Contains("--part")) Console.WriteLine(await File.ReadAllTextAsync(output));
        if (report.Failures.Length == 0 && Directory.Exists(work) && Directory.GetFileSystemEntries(work).Length == 0) Directory.Delete(work);
        return report.SameEndState == runs ? 0 : 1;
    }

    /// <summary>Several at once, each in a process of its own: a session is signed in to one sandbox at a time.</summary>
    private static async Task<int> BesideAsync(int runs, int seed, int parallel, string work, string output, CancellationToken cancellationToken)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var reports = new string[parallel];
        var ended = new List<Task<int>>();
        for (int n = 0, first = seed; n < parallel; n++)
        {
            var share = (runs / parallel) + (n < runs % parallel ? 1 : 0);
            reports[n] = Path.Combine(Directory.CreateDirectory(work).FullName, $"soak-{first}.json");
            ended.Add(PlayShareAsync(["--runs", $"{share}", "--seed", $"{first}", "--output", reports[n], "--work", Path.Combine(work, $"from-{first}"), "--part"], cancellationToken));
            first += share;
        }

        await Task.WhenAll(ended);
        var whole = SoakReport.Sum(seed, runs, [.. reports.Where(File.Exists).Select(SoakReport.Read)]) with { Seconds = Math.Round(clock.Elapsed.TotalSeconds, 1) };
        whole.Write(output);
        foreach (var part in reports) File.Delete(part);
        if (Directory.GetFileSystemEntries(work).Length == 0) Directory.Delete(work);
        Console.WriteLine(await File.ReadAllTextAsync(output, CancellationToken.None));
        return whole.SameEndState == runs ? 0 : 1;
    }

    private static async Task<int> PlayShareAsync(string[] options, CancellationToken cancellationToken)
    {
        var start = new System.Diagnostics.ProcessStartInfo("dotnet");
        foreach (var argument in (string[])["exec", typeof(SoakCommand).Assembly.Location, "soak", .. options]) start.ArgumentList.Add(argument);
        using var process = System.Diagnostics.Process.Start(start)!;
        await using var _ = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }

    private static async Task<int> EveryRecordAsync(ModuleSession module, string work, CancellationToken cancellationToken)
    {
        var failed = 0;
        foreach (var (scenario, moments) in from scenario in new[] { new Scenario(false), new Scenario(true) } from moments in new[] { Moments.After, Moments.Before } select (scenario, moments))
        {
            await using var ground = await Playground.OpenAsync(module, scenario, Path.Combine(work, $"{scenario.Name}-{moments}"), 240, cancellationToken);
            var (verdict, kills) = await EveryRecord.PlayAsync(ground, moments, line => Console.WriteLine($"{scenario.Name}: {line}"));
            Console.WriteLine($"{scenario.Name}, {moments} each record: {kills.Count} kills, {(verdict.Failures.Count == 0 ? "ok" : $"FAILED: {string.Join("; ", verdict.Failures)}")}");
            failed += verdict.Failures.Count;
        }

        return failed == 0 ? 0 : 1;
    }
}
