using System.Globalization;
using Highflame.Dr.Soak.Child;
using Highflame.Dr.Soak.World;

namespace Highflame.Dr.Soak.Play;

/// <summary>Plays many runs and writes the report. Each run's seed is printed: the soak of one run with that seed plays it again.</summary>
internal static class SoakCommand
{
    public const string Usage = "soak [--runs N] [--seed S] [--output FILE] [--work FOLDER] [--every-record]";

    public static async Task<int> RunAsync(string[] options)
    {
        string Option(string name, string otherwise) => Array.IndexOf(options, name) is >= 0 and var at && at + 1 < options.Length ? options[at + 1] : otherwise;
        var runs = int.Parse(Option("--runs", "10"), CultureInfo.InvariantCulture);
        var seed = int.Parse(Option("--seed", "1"), CultureInfo.InvariantCulture);
        var output = Option("--output", "artifacts/soak.json");
        var work = Path.GetFullPath(Option("--work", Directory.CreateTempSubdirectory("hfdr-soak-").FullName));
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
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
        Console.WriteLine(await File.ReadAllTextAsync(output));
        if (report.Failures.Length == 0 && Directory.Exists(work) && Directory.GetFileSystemEntries(work).Length == 0) Directory.Delete(work);
        return report.SameEndState == runs ? 0 : 1;
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
