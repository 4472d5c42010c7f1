using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Drills;

/// <summary>The shipped runbook, stopped in the middle, run again, and what it leaves behind.</summary>
public sealed class FailoverRunTests(FailoverRunTests.FailedOver over) : IClassFixture<FailoverRunTests.FailedOver>
{
    /// <summary>Two regions after one planned failover to the second.</summary>
    public sealed class FailedOver : IDisposable
    {
        public FailedOver()
        {
            Variables = new { runbook = RehearsalSession.Runbook("Invoke-HfRegionFailover.ps1"), path = Session.Pair.Path };
            Session.Shell.Invoke("$null = Set-HfTrafficProfile -Ttl 1 -Confirm:$false").EnsureNoErrors();
            Session.Shell.Invoke("& $runbook -PairPath $path -To westus -Confirm:$false", Variables).EnsureNoErrors();
        }

        public RehearsalSession Session { get; } = new();

        public object Variables { get; }

        public void Dispose() => Session.Dispose();
    }

    [Fact]
    public async Task Runbook_StoppedInTheMiddle_EndsAtOnceAndIsFinishedByTheNext()
    {
        using var session = new RehearsalSession(timeScale: 20);
        var runbook = RehearsalSession.Runbook("Invoke-HfRegionFailover.ps1");
        var variables = new { runbook, path = session.Pair.Path };
        session.Shell.Invoke("$null = Set-HfTrafficProfile -Ttl 1 -Confirm:$false").EnsureNoErrors();

        // Stopped while the promotion, which Azure has accepted, goes on.
        var promotion = TimeSpan.FromSeconds(120.0 / 20);
        var stopped = await session.Shell.InvokeAndStopAsync("& $runbook -PairPath $path -To westus -Confirm:$false", WhenPromotionIsAccepted(session), variables);

        Assert.True(stopped.StoppedAfter < promotion / 3, $"Stopping took {stopped.StoppedAfter}.");
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
        var session = over.Session;
        var writes = session.Writes();

        var again = session.Shell.Invoke("& $runbook -PairPath $path -To westus -Confirm:$false; $LASTEXITCODE", over.Variables).EnsureNoErrors();

        Assert.Equal(0, again.One<int>());
        Assert.Equal(writes, session.Writes());
        Assert.Equal(PairState.Protected, session.Status().State);
    }

    [Fact]
    public void OldPrimary_AfterPlannedFailover_CannotTakeAWrite()
    {
        var session = over.Session;

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
}
