using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Tests.Fakes;

namespace Highflame.Dr.Tests.Binding;

/// <summary>Long-running operations, by name, by pipeline object and by property name.</summary>
public sealed class OperationBindingTests : CmdletBindingTests
{
    [Fact]
    public void GetHfOperation_AnyWay_AsksAgainOnlyWhatIsNotOver()
    {
        Engine.Journaled.Add(Samples.Operation("old", StepOutcome.Failed));
        Engine.Journaled.Add(Samples.Operation("op-promote"));
        Invoke("Invoke-HfDbFailover r -NoWait -Confirm:$false").EnsureNoErrors();

        var all = Invoke("Get-HfOperation -ThrottleLimit 1").EnsureNoErrors().As<DrOperation>();
        var one = Invoke("Get-HfOperation -Id op-promote").One<DrOperation>();
        var piped = Invoke("$o | Get-HfOperation", new { o = Samples.Operation("other") }).One<DrOperation>();

        Assert.Equal([("op-promote", StepOutcome.Succeeded), ("old", StepOutcome.Failed)], all.Select(o => (o.Id, o.Outcome)));
        Assert.Equal(("op-promote", StepOutcome.Succeeded), (one.Id, one.Outcome));
        Assert.Equal("other", piped.Id);
        Assert.Equal(2, Engine.Methods.Count(m => m == "GetOperation"));
    }

    [Fact]
    public void GetHfOperation_UnknownId_HfOperationNotFoundAndTheNextGoesOn()
    {
        Engine.Journaled.Add(Samples.Operation("old", StepOutcome.Succeeded));

        var result = Invoke("Get-HfOperation none, old");

        Assert.Equal(["HfOperationNotFound,Highflame.Dr.Commands.GetHfOperationCommand"], result.ErrorIds);
        Assert.Equal("old", Assert.Single(result.As<DrOperation>()).Id);
    }

    [Theory]
    [InlineData("Wait-HfOperation -InputObject $a, $b")]
    [InlineData("$a, $b | Wait-HfOperation")]
    [InlineData("$failover, $replica | Wait-HfOperation")]
    [InlineData("[pscustomobject]@{ Operation = $a }, [pscustomobject]@{ Operation = $b } | Wait-HfOperation")]
    [InlineData("Wait-HfOperation a, b")]
    public void WaitHfOperation_AnyWay_WaitsForAllSideBySide(string script)
    {
        Engine.Journaled.Add(Samples.Operation("a"));
        Engine.Journaled.Add(Samples.Operation("b"));
        var (a, b) = (Samples.Operation("a"), Samples.Operation("b"));
        var failover = new DbFailover { Name = "r", ResourceId = Samples.ReplicaId, Location = "westus", Mode = FailoverMode.Planned, Outcome = StepOutcome.Pending, Operation = a };
        var replica = new DbReplica { Name = "n", ResourceId = "x", Location = "eastus", SourceServerResourceId = "y", Outcome = StepOutcome.Pending, Operation = b };

        var ended = Invoke(script, new { a, b, failover, replica }).EnsureNoErrors().As<DrOperation>();

        Assert.Equal([("a", StepOutcome.Succeeded), ("b", StepOutcome.Succeeded)], ended.Select(o => (o.Id, o.Outcome)));
        Assert.Single(Engine.Methods, m => m == "WaitOperations");
    }

    [Fact]
    public void WaitHfOperation_NothingGoingOn_IsSilent()
    {
        Assert.Empty(Invoke("Invoke-HfDbFailover r -Confirm:$false | Wait-HfOperation").EnsureNoErrors().Output);
        Assert.DoesNotContain("WaitOperations", Engine.Methods);
    }

    [Theory]
    [InlineData(StepOutcome.Failed, "HfOperationFailed")]
    [InlineData(StepOutcome.Pending, "HfOperationPending")]
    public void WaitHfOperation_EndsBadly_GivesTheOperationAndAnError(StepOutcome outcome, string id)
    {
        Engine.WaitEndsWith = outcome;

        var result = Invoke("$a | Wait-HfOperation -TimeoutSeconds 1", new { a = Samples.Operation("a") });

        Assert.Equal(outcome, Assert.Single(result.As<DrOperation>()).Outcome);
        Assert.Equal([$"{id},Highflame.Dr.Commands.WaitHfOperationCommand"], result.ErrorIds);
    }
}
