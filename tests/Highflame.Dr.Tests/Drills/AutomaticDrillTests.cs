using System.Text.Json;
using Highflame.Dr.Evidence;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Drills;

/// <summary>A watcher among ten troubles and one region that is lost for good.</summary>
public sealed class AutomaticDrillTests
{
    [Fact]
    public void Drill_Automatic_LeavesEveryTroubleAloneAndFailsOverOnce()
    {
        var output = Directory.CreateTempSubdirectory("hfdr-drill-").FullName;
        try
        {
            using var shell = new HostedShell(streamCommands: true);

            var result = shell.Invoke("& $drill -OutputPath $output -Scenario automatic -TimeScale 20 -MinimumWrites 100", new { drill = RehearsalSession.Runbook("Invoke-HfDrill.ps1"), output });

            var report = result.Output.Select(o => o.BaseObject).OfType<DrillReport>().SingleOrDefault();
            Assert.True(report is { Passed: true }, string.Join("\n", (report?.Failures ?? []).Concat(result.Errors.Select(e => e.ToString()))));
            using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(output, "automatic.json")));
            var watch = document.RootElement.GetProperty("watch");
            Assert.Equal(1, watch.GetProperty("failovers").GetInt32());
            foreach (var time in new[] { "detectionSeconds", "decisionSeconds", "recoverySeconds", "totalSeconds" }) Assert.True(watch.GetProperty(time).GetDouble() > 0, time);
            Assert.Equal(10, watch.GetProperty("troubles").GetArrayLength());
            Assert.All(watch.GetProperty("troubles").EnumerateArray(), t => Assert.Equal(0, t.GetProperty("failovers").GetInt32()));
            Assert.Equal((1, 0), (watch.GetProperty("runs").GetInt32(), watch.GetProperty("failoversInTroubles").GetInt32()));
            // Both kinds of receivers were told of the alert, the request, the run's begin, its phases and its end.
            var told = File.ReadLines(Path.Combine(output, "automatic.notices.jsonl")).ToArray();
            Assert.All(
                new[] { "WatchAlert", "WatchFailover", "RunStarted", "RunStep", "RunEnded" },
                e => Assert.Contains(told, line => line.Contains("\"customEvents\"", StringComparison.Ordinal) && line.Contains($"Highflame.Dr.{e}", StringComparison.Ordinal)));
            Assert.Contains(told, line => line.Contains("\"webhook\"", StringComparison.Ordinal) && line.Contains("MoveTraffic: Succeeded", StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(output, true);
        }
    }
}
