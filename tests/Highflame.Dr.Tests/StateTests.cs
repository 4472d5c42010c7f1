using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests;

/// <summary>State is per runspace: connection, pairs, run.</summary>
public class StateTests
{
    [Fact]
    public void Connection_TwoRunspaces_DoNotSeeEachOther()
    {
        using var one = new FakeSession();
        using var other = new FakeSession(connect: false, importPair: false);

        one.Invoke("Get-HfContext").One<DrContext>();
        Assert.Single(other.Invoke("Get-HfContext").Errors);
        Assert.Single(other.Invoke("Get-HfRegionPair x").Errors);
    }

    [Fact]
    public void Connection_ImportForce_IsKept()
    {
        using var session = new FakeSession();

        session.Invoke("Import-Module -Name $manifest -Force", new { manifest = BuiltModule.Manifest }).EnsureNoErrors();

        session.Invoke("Get-HfContext").One<DrContext>();
    }

    [Fact]
    public void ConnectHfAzure_Again_ReplacesAndDisposesTheFirst()
    {
        using var session = new FakeSession();
        var first = session.Engine.LastConnection!;

        session.Invoke("Connect-HfAzure").EnsureNoErrors();

        Assert.True(first.Disposed);
        Assert.False(session.Engine.LastConnection!.Disposed);
    }

    [Fact]
    public void DisconnectHfAzure_Connected_ForgetsConnectionAndWhatWasSeenAndKeepsPairAndRun()
    {
        using var session = new FakeSession();
        session.Invoke("Start-HfRun westus; $null = Get-HfDbServer").EnsureNoErrors();
        var connection = session.Engine.LastConnection!;

        Assert.Empty(session.Invoke("Disconnect-HfAzure").EnsureNoErrors().Output);

        Assert.True(connection.Disposed);
        Assert.Empty(session.Shell.State.Seen.Servers);
        Assert.NotEmpty(session.Shell.State.Pairs);
        Assert.NotNull(session.Shell.State.Run);
        Assert.StartsWith("HfNotConnected,", Assert.Single(session.Invoke("Get-HfContext").ErrorIds), StringComparison.Ordinal);
        Assert.Empty(session.Invoke("Disconnect-HfAzure").EnsureNoErrors().Output);
    }

    [Fact]
    public void Runspace_Closed_LetsConnectionAndRunGo()
    {
        var session = new FakeSession();
        session.Invoke("Start-HfRun westus").EnsureNoErrors();

        session.Dispose();

        Assert.True(SpinWait.SpinUntil(() => session.Engine.LastConnection!.Disposed, TimeSpan.FromSeconds(10)));
        Assert.True(session.Engine.LastRun!.Disposed);
        Assert.DoesNotContain("CompleteRun", session.Engine.Methods);
    }

    [Fact]
    public void StartHfRun_NewRun_RemembersWhatIsThereNow()
    {
        using var session = new FakeSession();

        var run = session.Invoke("Start-HfRun -To 'West US' -Mode Forced").One<DrRun>();

        Assert.Equal(("westus", FailoverMode.Forced), (run.To, run.Mode));
        Assert.Equal(
            new RunBefore { Active = "eastus", PrimaryResourceId = Samples.PrimaryId, ReplicaResourceId = Samples.ReplicaId, EndpointTarget = "127.9.1.1", Ttl = 30 },
            session.Engine.Last<RunRequest>("StartRun").Before);
    }

    [Theory]
    [InlineData("Get-HfRegionPair | Start-HfRun -To westus")]
    [InlineData("'highflame-prod' | Start-HfRun westus")]
    [InlineData("[pscustomobject]@{ Pair = 'highflame-prod' } | Start-HfRun westus")]
    [InlineData("Start-HfRun westus -Pair /pairs/highflame-prod.json")]
    public void StartHfRun_PairAnyWay_Begins(string script)
    {
        using var session = new FakeSession();

        Assert.Equal("highflame-prod", session.Invoke(script).EnsureNoErrors().As<DrRun>()[^1].Pair);
    }

    [Fact]
    public void StartHfRun_RunLeftOpenByThisSession_IsLetGoAndResumed()
    {
        using var session = new FakeSession();
        session.Invoke("$null = Start-HfRun westus").EnsureNoErrors();
        var first = session.Engine.LastRun!;

        session.Invoke("Start-HfRun westus").One<DrRun>();

        Assert.True(first.Disposed);
        Assert.False(session.Engine.LastRun!.Disposed);
        Assert.DoesNotContain("CompleteRun", session.Engine.Methods);
    }

    [Fact]
    public void StartHfRun_RunOfAnotherPairIsOpen_HfRunOpen()
    {
        using var session = new FakeSession();
        session.Invoke("$null = Start-HfRun westus; $null = Import-HfRegionPair /pairs/other.json").EnsureNoErrors();

        var result = session.Invoke("Start-HfRun westus -Pair other");

        Assert.Equal(["HfRunOpen,Highflame.Dr.Commands.StartHfRunCommand"], result.ErrorIds);
        Assert.False(session.Engine.LastRun!.Disposed);
    }

    [Fact]
    public void CompleteHfRun_OpenRun_ClosesAndLetsItGo()
    {
        using var session = new FakeSession();
        session.Invoke("$null = Start-HfRun westus").EnsureNoErrors();

        Assert.Equal(StepOutcome.Pending, session.Invoke("Complete-HfRun -Outcome Pending").One<DrRun>().Outcome);

        Assert.True(session.Engine.LastRun!.Disposed);
        Assert.StartsWith("HfNoRun,", Assert.Single(session.Invoke("Complete-HfRun").ErrorIds), StringComparison.Ordinal);
    }

    [Fact]
    public void ValidatingCmdlets_OpenRun_RecordTheirResultsInTheJournal()
    {
        using var session = new FakeSession();
        session.Engine.Healthy = false;
        session.Invoke("$null = Start-HfRun westus; $null = Import-HfRegionPair /pairs/other.json").EnsureNoErrors();

        session.Invoke("$null = Test-HfHealth; $null = Test-HfTrafficRoute; $null = Test-HfHealth -Pair other").EnsureNoErrors();

        var steps = session.Engine.Calls.Where(c => c.Method == "RecordStep").Select(c => (StepResult)c.Request!).ToArray();
        Assert.Equal([("ValidateHealth", StepOutcome.Failed), ("ValidateRoute", StepOutcome.Succeeded)], steps.Select(s => (s.Name, s.Outcome)));
        Assert.All(steps, s => Assert.NotNull(s.Finished));
    }

    [Fact]
    public void Pair_TwoImported_ServersOfAPairStillBelongToIt()
    {
        using var session = new FakeSession();
        session.Invoke("$null = Import-HfRegionPair /pairs/zzz.json").EnsureNoErrors();

        session.Invoke("Invoke-HfDbFailover -ResourceId $id -Confirm:$false", new { id = Samples.ReplicaId }).EnsureNoErrors();
        Assert.NotNull(session.Engine.Last<ExecutionOptions>("ExecuteFailover").Pair);

        session.Invoke("Invoke-HfDbFailover -ResourceId /subscriptions/other/resourceGroups/x/y/z -Confirm:$false").EnsureNoErrors();
        Assert.Null(session.Engine.Last<ExecutionOptions>("ExecuteFailover").Pair);
    }
}
