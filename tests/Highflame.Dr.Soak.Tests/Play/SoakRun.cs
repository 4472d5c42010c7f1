using System.Diagnostics;
using System.Net.Sockets;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Soak.Child;
using Highflame.Dr.Soak.World;

namespace Highflame.Dr.Soak.Play;

/// <summary>What became of one run.</summary>
internal sealed record RunResult(Script Script, Verdict? Verdict, IReadOnlyList<string> Failures, IReadOnlyList<string> Course, TimeSpan Took, int LeftProcesses);

/// <summary>Plays one script: the runbook, killed and hindered, is run again until it says that it is done. Then the end is compared with the truth.</summary>
internal static class SoakRun
{
    private const int MostProcesses = 14;

    // By then everything that was to go wrong has gone wrong; from here on nothing stands in the way any more.
    private const int CalmFrom = 8;

    public static async Task<RunResult> PlayAsync(ModuleSession module, Script script, string root, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var course = new List<string>();
        Verdict? verdict = null;
        var failures = new List<string>();
        try
        {
            await using var ground = await Playground.OpenAsync(module, script.Scenario, root, script.TimeScale, cancellationToken);
            if (script.Scenario.Forced) await ground.LoseRegionAsync();
            await PlayAsync(ground, script, course);
            verdict = await ground.JudgeAsync();
            failures.AddRange(verdict.Failures);
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException or HttpRequestException or SocketException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            failures.Add(e.Message);
        }

        var left = Processes.Naming(root);
        if (left.Count > 0) failures.Add($"processes are left: {string.Join("; ", left)}");
        return new RunResult(script, verdict, failures, course, clock.Elapsed, left.Count);
    }

    private static async Task PlayAsync(Playground ground, Script script, List<string> course)
    {
        var mishaps = script.Mishaps.ToList();
        foreach (var first in mishaps.Where(m => m.At is null).ToList()) await PutInAsync(first);
        for (var n = 0; n < MostProcesses; n++)
        {
            if (n == CalmFrom)
            {
                mishaps.Clear();
                await ground.World.FaultAsync(new SandboxFault { Fault = "Clear" });
                course.Add("all faults cleared");
            }

            var acts = mishaps.Select(m => new Act(ActKind.Hold, 1, m.Before, m.At)).Distinct().ToList();
            if (n < script.ChildActs.Count) acts.Add(script.ChildActs[n]);
            var ending = await ground.RunAsync([.. acts], hold: HoldAsync);
            course.Add(ending.KilledAt is { } at ? $"killed at {at}" : $"exit {ending.ExitCode}");
            if (ending.ExitCode == 0) return;
            // Owed: the region is needed now. It comes back for the next process.
            if (ending.ExitCode == 3) await ground.RestoreRegionAsync();
        }

        throw new InvalidOperationException($"After {MostProcesses} processes the runbook is not done.");

        async Task HoldAsync(string moment)
        {
            foreach (var due in mishaps.Where(m => moment.Contains($"{(m.Before ? "before" : "after")} {m.At}", StringComparison.Ordinal)).ToList()) await PutInAsync(due);
        }

        async Task PutInAsync(Mishap mishap)
        {
            mishaps.Remove(mishap);
            course.Add(mishap.Name);
            await mishap.PutIn(ground);
        }
    }
}
