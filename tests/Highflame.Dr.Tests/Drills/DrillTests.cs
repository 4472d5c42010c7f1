using System.Text.Json;
using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Tests.Hosting;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Drills;

/// <summary>The shipped runbook and drill on real regions.</summary>
[Collection("sandbox")]
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

    [Fact]
    public async Task Runbook_StoppedInTheMiddle_EndsAtOnceAndIsFinishedByTheNext()
    {
        using var session = new RehearsalSession(timeScale: 20);
        var runbook = RehearsalSession.Runbook("Invoke-HfRegionFailover.ps1");
        var variables = new { runbook, path = session.Pair.Path };
        session.Shell.Invoke("$null = Set-HfTrafficProfile -Ttl 1 -Confirm:$false").EnsureNoErrors();

        // Stopped while the promotion, which Azure has accepted, goes on (120 s / 20).
        var stopped = await session.Shell.InvokeAndStopAsync("& $runbook -PairPath $path -To westus -Confirm:$false", WhenPromotionIsAccepted(session), variables);

        Assert.True(stopped.StoppedAfter < TimeSpan.FromSeconds(1), $"Stopping took {stopped.StoppedAfter}.");
        Assert.NotNull(session.Status().UnfinishedRun);

        var resumed = session.Shell.Invoke("& $runbook -PairPath $path -To westus -Confirm:$false", variables).EnsureNoErrors();

        var evidence = Assert.Single(resumed.Output.Select(o => o.BaseObject).OfType<RunEvidence>());
        Assert.Equal(StepOutcome.Succeeded, evidence.Outcome);
        var status = session.Status();
        Assert.Equal("westus", status.Active);
        Assert.Equal(PairState.Protected, status.State);
        Assert.Null(status.UnfinishedRun);
        Assert.Equal(1, Promotions(session));
    }

    [Fact]
    public void Runbook_RunAgainAfterItsEnd_ChangesNothing()
    {
        using var session = new RehearsalSession();
        var variables = new { runbook = RehearsalSession.Runbook("Invoke-HfRegionFailover.ps1"), path = session.Pair.Path };
        session.Shell.Invoke("$null = Set-HfTrafficProfile -Ttl 1 -Confirm:$false").EnsureNoErrors();
        session.Shell.Invoke("& $runbook -PairPath $path -To westus -Confirm:$false", variables).EnsureNoErrors();
        var writes = session.Writes();

        var again = session.Shell.Invoke("& $runbook -PairPath $path -To westus -Confirm:$false; $LASTEXITCODE", variables).EnsureNoErrors();

        Assert.Equal(0, again.One<int>());
        Assert.Equal(writes, session.Writes());
        Assert.Equal(PairState.Protected, session.Status().State);
    }

    [Fact]
    public void OldPrimary_AfterPlannedFailover_CannotTakeAWrite()
    {
        using var session = new RehearsalSession();
        var variables = new { runbook = RehearsalSession.Runbook("Invoke-HfRegionFailover.ps1"), path = session.Pair.Path };
        session.Shell.Invoke("$null = Set-HfTrafficProfile -Ttl 1 -Confirm:$false").EnsureNoErrors();

        session.Shell.Invoke("& $runbook -PairPath $path -To westus -Confirm:$false", variables).EnsureNoErrors();

        var old = session.Shell.Invoke("Get-HfDbServer -Name highflame-prod-postgres").One<DbServer>();
        Assert.Equal("Stopped", old.State);
        var replica = Assert.Single(session.Shell.Invoke("Get-HfDbServer -Role Replica").EnsureNoErrors().As<DbServer>());
        Assert.Equal("eastus", replica.Location);
        var replication = session.Shell.Invoke("Get-HfReplication -Name $name", new { name = replica.Name }).One<ReplicationStatus>();
        Assert.Equal("highflame-prod-dr-postgres", replication.Primary);
    }

    [Fact]
    public void Fence_FromTheOutputOfAFailoverThatStoppedItsPrimary_IsNoChange()
    {
        using var session = new RehearsalSession();
        session.Shell.Invoke("$failover = Get-HfDbServer -Role Replica | Invoke-HfDbFailover -Pair $pair -Confirm:$false", new { pair = session.Pair }).EnsureNoErrors();
        var writes = session.Writes();

        var fence = session.Shell.Invoke("$failover | Complete-HfFence -Pair $pair -Confirm:$false").EnsureNoErrors().One<DbFence>();

        Assert.Equal("highflame-prod-postgres", fence.Name);
        Assert.Equal(StepOutcome.NoChange, fence.Outcome);
        Assert.Equal(writes, session.Writes());
    }

    private static int Promotions(RehearsalSession session) =>
        session.Requests().Count(r => r.Method == "PATCH" && r.Path.EndsWith("/flexibleServers/highflame-prod-dr-postgres", StringComparison.OrdinalIgnoreCase));

    private static async Task WhenPromotionIsAccepted(RehearsalSession session)
    {
        while (Promotions(session) == 0) await Task.Delay(50);
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
