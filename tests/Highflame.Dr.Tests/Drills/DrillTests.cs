using System.Text.Json;
using Highflame.Dr.Evidence;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Drills;

/// <summary>The shipped drill on real regions.</summary>
public sealed class DrillTests
{
    [Theory]
    [InlineData("planned")]
    [InlineData("region-loss")]
    public void Drill_Scenario_ReachesWhatItMust(string scenario)
    {
        var output = Directory.CreateTempSubdirectory("hfdr-drill-").FullName;
        try
        {
            using var shell = new HostedShell(streamCommands: true);

            var result = shell.Invoke("& $drill -OutputPath $output -Scenario $scenario -TimeScale 60", new { drill = RehearsalSession.Runbook("Invoke-HfDrill.ps1"), output, scenario });

            result.EnsureNoErrors();
            var report = Assert.Single(result.Output.Select(o => o.BaseObject).OfType<DrillReport>());
            Assert.True(report.Passed, string.Join("\n", report.Failures));
            AssertWritten(scenario, Path.Combine(output, scenario + ".json"));
        }
        finally
        {
            Directory.Delete(output, true);
        }
    }

    private static void AssertWritten(string scenario, string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        var root = document.RootElement;
        Assert.Equal(scenario, root.GetProperty("scenario").GetString());
        Assert.Equal("eastus", root.GetProperty("from").GetString());
        Assert.Equal("westus", root.GetProperty("to").GetString());
        var writes = root.GetProperty("writes");
        Assert.True(writes.GetProperty("acknowledged").GetInt64() >= 1000);
        Assert.True(writes.GetProperty("outageSeconds").GetDouble() > 0);
        var lost = writes.GetProperty("lost").GetInt64();
        var reported = writes.GetProperty("reportedLost");
        if (scenario == "planned") Assert.Equal(0, lost);
        else Assert.True(lost > 0, "The link held no acknowledged write back.");
        // Told from the two databases alone, and equal to what the clients' own record says.
        Assert.Equal(lost, reported.GetInt64());
        foreach (var objective in new[] { "rto", "rpo" })
            Assert.True(root.GetProperty(objective).GetProperty("objectiveSeconds").GetDouble() > 0);
        Assert.True(root.GetProperty("rto").GetProperty("achievedSeconds").GetDouble() > 0);
        Assert.NotEmpty(root.GetProperty("steps").EnumerateArray());
        var topology = root.GetProperty("topology");
        Assert.Equal("westus", topology.GetProperty("active").GetString());
        Assert.Contains(topology.GetProperty("servers").EnumerateArray(), s => s.GetProperty("role").GetString() == "Replica" && s.GetProperty("location").GetString() == "eastus");
        Assert.Equal("global-endpoint", topology.GetProperty("endpoint").GetProperty("name").GetString());
    }
}
