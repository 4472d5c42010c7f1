using Highflame.Dr.Soak.Child;
using Highflame.Dr.Soak.Play;
using Highflame.Dr.Soak.World;
using Xunit.Abstractions;

namespace Highflame.Dr.Soak;

/// <summary>
/// The runbook's process is killed (SIGKILL) at every record of a run's journal, once each, and the runbook is run again each time. The end is compared with the truth:
/// databases, DNS, request log, clients. Where the machine is too busy for all in the time that a test may take, the later records are left out:
/// <c>build.ps1 Soak -EveryRecord</c> plays both scenarios both ways, without a limit.
/// </summary>
public abstract class EveryRecordTests(ITestOutputHelper output)
{
    private const int LeastKills = 5;
    private static readonly TimeSpan s_budget = TimeSpan.FromSeconds(300);

    // Two classes, so that the two scenarios play beside each other.
    public sealed class Planned(ITestOutputHelper output) : EveryRecordTests(output)
    {
        [LinuxFact]
        public Task PlannedRun_KilledAfterEveryRecord_EndsAsItMust() => PlayAsync(new Scenario(false), Moments.After);
    }

    public sealed class Forced(ITestOutputHelper output) : EveryRecordTests(output)
    {
        [LinuxFact]
        public Task ForcedRun_KilledBeforeEveryRecord_EndsAsItMust() => PlayAsync(new Scenario(true), Moments.Before);
    }

    private async Task PlayAsync(Scenario scenario, Moments moments)
    {
        var root = Directory.CreateTempSubdirectory("hfdr-kill-").FullName;
        try
        {
            using var module = new ModuleSession();
            await using (var ground = await Playground.OpenAsync(module, scenario, root, timeScale: 240, CancellationToken.None))
            {
                var (verdict, kills) = await EveryRecord.PlayAsync(ground, moments, output.WriteLine, s_budget);

                Assert.True(verdict.Failures.Count == 0, string.Join("\n", verdict.Failures));
                Assert.True(kills.Count >= LeastKills, $"Killed {kills.Count} times only:\n{string.Join("\n", kills)}");
                output.WriteLine($"{kills.Count} kills, {verdict.Load.Acknowledged} writes acknowledged, {verdict.Load.Lost} lost, {verdict.Reported} reported");
            }

            Assert.Empty(Processes.Naming(root));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
