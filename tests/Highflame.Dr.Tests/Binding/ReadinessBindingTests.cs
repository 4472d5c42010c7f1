using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Health;
using Highflame.Dr.Planning;
using Highflame.Dr.Readiness;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Binding;

/// <summary>What is looked at before and after a failover, by name, by pipeline object and by property name.</summary>
public sealed class ReadinessBindingTests : CmdletBindingTests
{
    [Theory]
    [InlineData("Test-HfReadiness westus")]
    [InlineData("Test-HfReadiness -To 'West US' -Mode Planned")]
    [InlineData("Test-HfReadiness -Pair highflame-prod -To westus -Mode Planned -Resolver 127.0.0.1:53")]
    [InlineData("$pair | Test-HfReadiness -To westus")]
    public void TestHfReadiness_EachWay_AsksForThatRegion(string script)
    {
        var variables = new { pair = Samples.Pair("highflame-prod", "/pairs/highflame-prod.json") };

        var finding = Invoke(script, variables).EnsureNoErrors().One<ReadinessFinding>();

        Assert.Equal(ReadinessSeverity.Warning, finding.Severity);
        var request = Engine.Last<ReadinessRequest>("TestReadiness");
        Assert.Equal(("westus", FailoverMode.Planned), (request.To, request.Mode));
        Assert.Equal(script.Contains("-Resolver", StringComparison.Ordinal) ? 1 : 0, request.Resolvers.Length);
    }

    [Theory]
    [InlineData(ReadinessSeverity.Refusal, false)]
    [InlineData(ReadinessSeverity.Warning, true)]
    public void TestHfReadiness_Quiet_IsFalseForARefusalAlone(ReadinessSeverity severity, bool ready)
    {
        Engine.Findings.Clear();
        Engine.Findings.AddRange([Samples.Finding with { Severity = severity }, Samples.Finding with { Severity = ReadinessSeverity.Information }]);

        Assert.Equal(ready, Invoke("Test-HfReadiness westus -Mode Forced -Quiet").One<bool>());
        Assert.Equal(FailoverMode.Forced, Engine.Last<ReadinessRequest>("TestReadiness").Mode);
    }

    [Theory]
    [InlineData("Test-HfWriter")]
    [InlineData("Test-HfWriter highflame-prod")]
    [InlineData("Test-HfWriter -Pair $pair")]
    [InlineData("$pair | Test-HfWriter")]
    public void TestHfWriter_OneWriter_IsShown(string script)
    {
        var variables = new { pair = Samples.Pair("highflame-prod", "/pairs/highflame-prod.json") };

        Assert.Single(Invoke(script, variables).EnsureNoErrors().As<WriterCheck>());
        Assert.True(Invoke(script + " -Quiet", variables).One<bool>());
    }

    [Fact]
    public void TestHfWriter_TwoWriters_SaysSoInCapitals()
    {
        Engine.Writers = new WriterReport([Samples.Writer, Samples.Writer with { Name = "other" }], ["highflame-prod-postgres (eastus)", "other (westus)"]);

        var result = Invoke("Test-HfWriter");

        Assert.Equal(["HfTwoWriters,Highflame.Dr.Commands.TestHfWriterCommand"], result.ErrorIds);
        Assert.Contains("TWO WRITERS: highflame-prod-postgres (eastus) AND other (westus) BOTH TAKE WRITES", result.Errors[0].Exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, result.As<WriterCheck>().Length);
        Assert.False(Invoke("Test-HfWriter -Quiet").One<bool>());
    }

    [Fact]
    public void Promotion_OfFailoverAndPreflight_ReachesTheEngine()
    {
        Assert.Equal(DbPromotion.Switchover, Invoke("Invoke-HfDbFailover r -Promotion Switchover -Confirm:$false").One<DbFailover>().Promotion);
        Assert.Equal(DbPromotion.Switchover, Engine.Last<FailoverRequest>("PlanFailover").Promotion);
        Invoke("$null = Test-HfReadiness westus -Promotion Switchover").EnsureNoErrors();
        Assert.Equal(DbPromotion.Switchover, Engine.Last<ReadinessRequest>("TestReadiness").Promotion);
    }

    [Theory]
    [InlineData("Test-HfHealth")]
    [InlineData("Test-HfHealth highflame-prod")]
    [InlineData("Get-HfRegionPair | Test-HfHealth")]
    [InlineData("$pair | Test-HfHealth")]
    [InlineData("[pscustomobject]@{ Pair = $pair } | Test-HfHealth")]
    [InlineData("[pscustomobject]@{ Pair = 'highflame-prod' } | Test-HfHealth")]
    public void TestHfHealth_AnyWay_JudgesBothWays(string script)
    {
        var verdicts = Invoke(script, new { pair = Samples.Pair("highflame-prod", "/x") }).EnsureNoErrors().As<HealthVerdict>();

        Assert.Equal([HealthPath.Gateway, HealthPath.TrafficManager], verdicts.Select(v => v.Via));
        Assert.DoesNotContain("RecordStep", Engine.Methods);
    }

    [Fact]
    public void TestHfHealth_EveryOption_ReachesTheEngine()
    {
        Assert.True(Invoke("Test-HfHealth -Pair highflame-prod -Location 'West US' -Via TrafficManager -ExpectedRole Primary -Function -WaitSeconds 9 -Quiet").One<bool>());

        var request = Engine.Last<HealthRequest>("TestHealth");
        Assert.Equal(("westus", DbRole.Primary, true, 9d), (request.Location, request.ExpectedRole, request.Function, request.WaitSeconds));
        Assert.Equal([HealthPath.TrafficManager], request.Via);
    }

    [Fact]
    public void TestHfHealth_NotHealthyAndQuiet_GivesFalse()
    {
        Engine.Healthy = false;

        Assert.False(Invoke("Test-HfHealth -Quiet").One<bool>());
    }

    [Theory]
    [InlineData("Test-HfTrafficRoute -Resolver 127.9.0.53:5353 -Location westus -WaitSeconds 3")]
    [InlineData("Test-HfTrafficRoute highflame-prod westus -Resolver 127.9.0.53:5353 -WaitSeconds 3")]
    [InlineData("Get-HfRegionPair | Test-HfTrafficRoute -Resolver 127.9.0.53:5353 -Location westus -WaitSeconds 3")]
    [InlineData("[pscustomobject]@{ Pair = 'highflame-prod' } | Test-HfTrafficRoute -Resolver 127.9.0.53:5353 -Location westus -WaitSeconds 3")]
    public void TestHfTrafficRoute_AnyWay_AsksTheResolver(string script)
    {
        Invoke(script).One<TrafficRoute>();

        var request = Engine.Last<RouteRequest>("TestRoute");
        Assert.Equal([new DnsServer("127.9.0.53", 5353)], request.Resolvers);
        Assert.Equal(("highflame-prod", "westus", 3d), (request.Pair.Name, request.Location, request.WaitSeconds));
    }

    [Theory]
    [InlineData("Complete-HfFence highflame-prod-postgres", "name")]
    [InlineData("Complete-HfFence -ResourceId $id", "id")]
    [InlineData("$server | Complete-HfFence", "id")]
    [InlineData("[pscustomobject]@{ ResourceId = $id } | Complete-HfFence", "id")]
    [InlineData("Invoke-HfDbFailover r -Confirm:$false | Complete-HfFence", "id")]
    [InlineData("Complete-HfFence", "id")]
    [InlineData("Complete-HfFence -Pair highflame-prod", "id")]
    [InlineData("Get-HfRegionPair | Complete-HfFence", "id")]
    public void CompleteHfFence_AnyWay_FencesIt(string script, string by)
    {
        Engine.FenceDebt = [Samples.PrimaryName];

        Invoke(script + " -WaitSeconds 5 -KeepRunning", new { id = Samples.PrimaryId, server = Samples.Primary }).One<DbFence>();

        var request = Engine.Last<FenceRequest>("PlanFence");
        Assert.Equal((by == "name" ? Samples.PrimaryName : Samples.PrimaryId, 5d, true), (request.Server, request.WaitSeconds, request.KeepRunning));
        Assert.Equal("highflame-prod", Engine.Last<ExecutionOptions>("ExecuteFence").Pair!.Name);
    }

    [Fact]
    public void CompleteHfFence_NoDebt_DoesNothing()
    {
        Assert.Empty(Invoke("Complete-HfFence").EnsureNoErrors().Output);
        Assert.DoesNotContain("PlanFence", Engine.Methods);
    }
}
