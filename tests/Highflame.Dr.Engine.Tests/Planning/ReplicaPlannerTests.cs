using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Planning;

public sealed class ReplicaPlannerTests
{
    private static readonly ReplicaRequest Request = new() { Source = "p", Location = "West US" };

    private static ReplicaObservation Healthy => new()
    {
        At = Seen.At,
        Source = Seen.Primary with { Tier = "GeneralPurpose", Sku = "Standard_D2ds_v5" },
        SubscriptionId = "s",
        ResourceGroup = "rg2",
        Name = "r-2",
    };

    private static DbServer At(string location, string state, string? replication, string name = "r") => Pairs.Server(name, location, DbRole.Replica, "p", state, replication);

    [Fact]
    public void Plan_NoReplicaThere_CreatesAndAwaitsItUnderItsName()
    {
        var plan = ReplicaPlanner.Plan(Healthy, Request);

        Assert.Equal("/subscriptions/s/resourceGroups/rg2/providers/Microsoft.DBforPostgreSQL/flexibleServers/r-2", plan.NewResourceId);
        Assert.Equal([("CreateReplica", plan.NewResourceId!), ("AwaitReplica", plan.NewResourceId!)], plan.Steps.Select(s => (s.Name, s.Target)));
    }

    [Fact]
    public void Plan_ReplicaThereAndReady_IsNoChange()
    {
        var plan = ReplicaPlanner.Plan(Healthy with { Name = null, Replicas = [At("westus", "Ready", "Active")] }, Request);

        Assert.True(plan.NoChange);
        Assert.Equal(Pairs.Id("r"), plan.NewResourceId);
    }

    [Theory]
    [InlineData("Provisioning", null)]
    [InlineData("Starting", "Active")]
    [InlineData("Ready", "Provisioning")]
    public void Plan_ReplicaThereAndComing_IsAwaitedAndNotMadeTwice(string state, string? replication)
    {
        var plan = ReplicaPlanner.Plan(Healthy with { Name = null, Replicas = [At("westus", state, replication)] }, Request);

        Assert.Equal([("AwaitReplica", Pairs.Id("r"))], plan.Steps.Select(s => (s.Name, s.Target)));
    }

    [Theory]
    [InlineData("westus", "Ready", "Broken", true)]
    [InlineData("westus", "Stopped", "Active", false)]
    [InlineData("eastus", "Ready", "Active", false)]
    public void Plan_OnlyReplicasThatDoNotServeTheLocation_ANewOneIsMade(string location, string state, string replication, bool warned)
    {
        var plan = ReplicaPlanner.Plan(Healthy with { Replicas = [At(location, state, replication)] }, Request);

        Assert.Empty(plan.Refusals);
        Assert.Equal("CreateReplica", plan.Steps[0].Name);
        Assert.Equal(warned, plan.Warnings.Any(w => w.Contains("Broken", StringComparison.Ordinal)));
    }

    [Fact]
    public void Plan_EachThingWrong_IsRefusedAlone()
    {
        DbServer[] five = [.. Enumerable.Range(1, 5).Select(i => At("eastus", "Ready", "Active", $"x{i}"))];
        Assert.Equal(["HfLocationMissing"], Codes(Healthy, Request with { Location = " " }));
        Assert.Equal(["HfSourceNotPrimary"], Codes(Healthy with { Source = Healthy.Source with { Role = DbRole.Replica } }, Request));
        Assert.Equal(["HfSourceNotPrimary"], Codes(Healthy with { SourceInRecovery = true }, Request));
        Assert.Equal(["HfSourceNotReady"], Codes(Healthy with { Source = Healthy.Source with { State = "Stopped" } }, Request));
        Assert.Equal(["HfSourceBurstable"], Codes(Healthy with { Source = Healthy.Source with { Tier = "Burstable" } }, Request));
        Assert.Equal(["HfTooManyReplicas"], Codes(Healthy with { Replicas = five }, Request));
        Assert.Equal([], Codes(Healthy with { Replicas = five[..4] }, Request));
        Assert.Equal(["HfNameInvalid"], Codes(Healthy with { Name = "a--b" }, Request with { Name = "a--b" }));
        Assert.Equal(["HfNameTaken"], Codes(Healthy with { Name = "r-9", NameTaken = true }, Request with { Name = "r-9" }));
        Assert.Equal(["HfNameTaken"], Codes(Healthy with { Name = null, NameTaken = true }, Request));
        Assert.Equal(["HfNameOwesFence"], Codes(Healthy with { Name = "old", Debts = [Seen.Debt("old", "p")] }, Request with { Name = "OLD" }));
        Assert.Equal([], Codes(Healthy with { Debts = [Seen.Debt("old", "p")] }, Request));
    }

    [Fact]
    public void Plan_AllWrong_NamesEveryReasonAtOnce() => Assert.Equal(
        ["HfLocationMissing", "HfSourceNotPrimary", "HfSourceNotReady", "HfSourceBurstable", "HfNameTaken"],
        Codes(Healthy with { Source = Healthy.Source with { Role = DbRole.Replica, State = "Updating", Tier = "burstable" }, Name = null }, Request with { Location = "" }));

    [Fact]
    public void Plan_AssumedPromoted_DoesNotHoldTheSourcesPresentRoleAgainstIt() =>
        Assert.Equal([], Codes(Healthy with { Source = Healthy.Source with { Role = DbRole.Replica, State = "Updating" } }, Request with { AssumePromoted = true }));

    [Theory]
    [InlineData("abc", true)]
    [InlineData("A-b-3", true)]
    [InlineData("ab", false)]
    [InlineData("-ab", false)]
    [InlineData("ab-", false)]
    [InlineData("a--b", false)]
    [InlineData("a_b", false)]
    public void IsValid_Name_FollowsAzuresRule(string name, bool valid)
    {
        Assert.Equal(valid, ReplicaNames.IsValid(name));
        Assert.True(ReplicaNames.IsValid(new string('a', 63)));
        Assert.False(ReplicaNames.IsValid(new string('a', 64)));
    }

    [Fact]
    public void Candidates_PreferredFirst_ThenTheLocationsOwnNameCounted() =>
        Assert.Equal(["mine", "hf-postgres-2", "hf-postgres-3"], ReplicaNames.Candidates("Mine", ["hf-postgres-2", "hf-postgres"], "hf-dr-postgres", "eastus").Take(3));

    [Fact]
    public void Candidates_LocationWithoutServers_TakesTheSourcesNameWithTheLocation() =>
        Assert.Equal(["hf-postgres-westus", "hf-postgres-westus-2"], ReplicaNames.Candidates(null, [], "hf-postgres-3", "westus").Take(2));

    private static string[] Codes(ReplicaObservation seen, ReplicaRequest request)
    {
        var plan = ReplicaPlanner.Plan(seen, request);
        Assert.Equal(plan.Refusals.Length == 0, plan.Steps.Length > 0);
        return [.. plan.Refusals.Select(r => r.Code)];
    }
}
