using Highflame.Dr.Engine.Capacity;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Capacity;

public sealed class CapacityPlannerTests
{
    private static readonly PoolSeen s_pool = new("/c/agentPools/general", "general", "D4", false, true, 2, 1, 3);

    [Theory]
    // running, seen count, min, max; wanted count, min, max; role; count, min, max
    [InlineData(2, 1, 3, null, 3, 6, RegionRole.Active, 3, 3, 6)]
    [InlineData(5, 1, 8, null, 3, 6, RegionRole.Active, 5, 3, 8)]
    [InlineData(5, 3, 8, 4, null, null, RegionRole.Active, 5, 3, 8)]
    [InlineData(5, 3, 8, null, 1, 2, RegionRole.Passive, 2, 1, 2)]
    [InlineData(1, 1, 8, null, 0, 2, RegionRole.Passive, 1, 0, 2)]
    [InlineData(3, 3, 6, 1, null, null, RegionRole.Passive, 1, 1, 6)]
    [InlineData(3, 3, 6, 9, null, null, RegionRole.Active, 9, 3, 9)]
    public void Target_AutoscaledPool_IsTheFilesAndNeverSmallerForTheActive(int count, int min, int max, int? wantedCount, int? wantedMin, int? wantedMax, RegionRole role, int toCount, int toMin, int toMax)
    {
        var target = PoolSizing.Target(s_pool with { Count = count, Min = min, Max = max }, new() { Name = "general", Count = wantedCount, Min = wantedMin, Max = wantedMax }, role);

        Assert.Equal((toCount, toMin, toMax, true), (target.Count!.Value, target.Min!.Value, target.Max!.Value, target.Running!.Value));
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData(true, null, true)]
    [InlineData(null, 3, true)]
    public void Target_StoppedPool_StartsWhereTheFileWantsNodes(bool? running, int? count, bool runs) =>
        Assert.Equal(runs, PoolSizing.Target(s_pool with { Running = false }, new() { Name = "general", Running = running, Count = count }, RegionRole.Active).Running);

    [Fact]
    public void Plan_PoolBeyondTheQuota_GrowsAsFarAsItGoesAndSaysTheNumbers()
    {
        var plan = Plan(new() { Pools = [new() { Name = "general", Count = 6, Min = 6, Max = 9 }] }, RegionRole.Active, new()
        {
            At = default,
            Pools = [s_pool],
            Quota = new("westus", [new VmSize("D4", "fam", 4, null)], [new("fam", 80, 100), new("cores", 92, 100)]),
        });

        var item = Assert.Single(plan.Items);
        Assert.Equal("4 nodes, autoscaled 4 to 9", item.After);
        Assert.Equal("4 more nodes of D4 need 16 cores; quota cores in westus has 8 left of 100 (92 used)", item.Shortfall);
        Assert.Equal("ScalePool", Assert.Single(plan.Steps).Name);
        Assert.Contains(plan.Warnings, w => w.Contains(item.Shortfall!, StringComparison.Ordinal));
        Assert.Empty(plan.Refusals);
    }

    [Fact]
    public void Plan_TwoPoolsOfOneFamily_DoNotCountOnTheSameCores()
    {
        var plan = Plan(new() { Pools = [new() { Name = "general", Count = 3 }, new() { Name = "other", Count = 3 }] }, RegionRole.Active, new()
        {
            At = default,
            Pools = [s_pool with { Min = null, Max = null }, s_pool with { Id = "/c/agentPools/other", Name = "other", Min = null, Max = null }],
            Quota = new("westus", [new VmSize("D4", "fam", 4, null)], [new("fam", 0, 4)]),
        });

        Assert.Equal(["3 nodes", "2 nodes"], plan.Items.Select(i => i.After));
        Assert.Equal([true, false], plan.Items.Select(i => i.Shortfall is null));
    }

    [Theory]
    [InlineData("NotAvailableForSubscription", 10, true)]
    [InlineData(null, 0, true)]
    [InlineData(null, 100, false)]
    public void Plan_StoppedPool_ComesBackWholeOrNotAtAll(string? restriction, int limit, bool stays)
    {
        var plan = Plan(new() { Pools = [new() { Name = "general", Running = true }] }, RegionRole.Active, new()
        {
            At = default,
            Pools = [s_pool with { Running = false }],
            Quota = new("westus", [new VmSize("D4", "fam", 4, restriction)], [new("fam", 0, limit)]),
        });

        Assert.Equal(stays ? [] : ["StartPool"], plan.Steps.Select(s => s.Name));
        Assert.Equal(stays, plan.Items[0].Shortfall is not null);
    }

    [Fact]
    public void Plan_QuotaThatCannotBeRead_IsAWarningAndThePoolGrows()
    {
        var plan = Plan(new() { Pools = [new() { Name = "general", Count = 6, Min = 6, Max = 9 }] }, RegionRole.Active, new() { At = default, Pools = [s_pool], Quota = ComputeQuota.NotKnown("westus", "You may not.") });

        Assert.Equal("6 nodes, autoscaled 6 to 9", plan.Items[0].After);
        Assert.Equal("The quota of cores in westus is not known: You may not. Pools are grown all the same.", Assert.Single(plan.Warnings));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Plan_SystemPool_IsNeitherStoppedNorEmptied(bool stop)
    {
        var wanted = stop ? new PoolCapacity { Name = "general", Running = false } : new() { Name = "general", Count = 0, Min = 0, Max = 1 };

        var plan = Plan(new() { Pools = [wanted] }, RegionRole.Passive, new() { At = default, Pools = [s_pool with { IsSystem = true }] });

        Assert.Empty(plan.Steps);
        Assert.NotNull(plan.Items[0].Shortfall);
    }

    [Fact]
    public void Plan_PoolThatIsNotThere_IsAWarningAndTheRestGoesOn()
    {
        var plan = Plan(new() { Pools = [new() { Name = "absent", Count = 1 }, new() { Name = "general", Running = false }] }, RegionRole.Passive, new() { At = default, Pools = [s_pool] });

        Assert.Equal("StopPool", Assert.Single(plan.Steps).Name);
        Assert.Contains("no pool 'absent'", Assert.Single(plan.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 5, null, 3, null, RegionRole.Active, "3 to 5 units")]
    [InlineData(4, 5, null, 3, 9, RegionRole.Active, "4 to 9 units")]
    [InlineData(4, 5, null, 1, 2, RegionRole.Passive, "1 to 2 units")]
    [InlineData(2, 5, null, 6, null, RegionRole.Active, "6 to 6 units")]
    [InlineData(null, null, 2, 4, null, RegionRole.Active, "4 units, fixed")]
    [InlineData(null, null, 2, 4, 8, RegionRole.Active, "4 to 8 units")]
    public void Plan_Gateway_GetsItsUnits(int? min, int? max, int? units, int wantedMin, int? wantedMax, RegionRole role, string after) =>
        Assert.Equal(after, Plan(new() { Gateway = new() { Min = wantedMin, Max = wantedMax } }, role, new() { At = default, Gateway = new("/g", "g", "WAF_v2", min, max, units) }).Items[0].After);

    [Theory]
    [InlineData("Standard", 3, "Standard", 1, RegionRole.Passive, "Standard C1", true)]
    [InlineData("Standard", 3, "Standard", 1, RegionRole.Active, "Standard C3", true)]
    [InlineData("Standard", 3, "Premium", 1, RegionRole.Active, "Premium P1", true)]
    [InlineData("Premium", 1, "Standard", 3, RegionRole.Passive, "Premium P1", false)]
    [InlineData("Standard", 3, "Standard", 0, RegionRole.Passive, "Standard C3", false)]
    public void Plan_Cache_NeverGoesDownASku(string sku, int capacity, string wantedSku, int wanted, RegionRole role, string after, bool full)
    {
        var item = Plan(new() { Cache = new() { Sku = wantedSku, Capacity = wanted } }, role, new() { At = default, Cache = new("/r", "r", sku, capacity) }).Items[0];

        Assert.Equal((after, full), (item.After, item.Shortfall is null));
    }

    [Theory]
    [InlineData("Standard_D8ads_v5", "Ready", "Standard_D8ads_v5 (GeneralPurpose)", true)]
    [InlineData("Standard_D2ads_v5", "Ready", "Standard_D4ads_v5 (GeneralPurpose)", false)]
    [InlineData("Standard_D8ads_v5", "Updating", "Standard_D4ads_v5 (GeneralPurpose)", false)]
    public void Plan_DatabaseOfAReplica_IsNeverSmallerThanItsPrimary(string wanted, string state, string after, bool full)
    {
        var server = Pairs.Server("r", "westus", DbRole.Replica, "p", state) with { Sku = "Standard_D4ads_v5", Tier = "GeneralPurpose" };
        var primary = Pairs.Server("p", "eastus", DbRole.Primary) with { Sku = "Standard_D4ads_v5", Tier = "GeneralPurpose" };

        var item = Plan(new() { Database = new() { Sku = wanted, Tier = "GeneralPurpose" } }, RegionRole.Passive, new() { At = default, Server = server, Primary = primary }).Items[0];

        Assert.Equal((after, full), (item.After, item.Shortfall is null));
    }

    [Theory]
    [InlineData("eastus", RegionRole.Passive, false, "HfRegionIsActive")]
    [InlineData("eastus", RegionRole.Passive, true, null)]
    [InlineData("westus", RegionRole.Passive, false, null)]
    public void Plan_PassiveSizesForWhereTrafficGoes_AreRefused(string active, RegionRole role, bool assumeMoved, string? refusal)
    {
        var pair = Pairs.Create() with { Capacity = new() { Regions = [new() { Location = "eastus", Passive = new() { Pools = [new() { Name = "general", Running = false }] } }] } };

        var plan = CapacityPlanner.Plan(new() { At = default, Active = active, Pools = [s_pool] }, new() { Pair = pair, Location = "East US", Role = role, AssumeTrafficMoved = assumeMoved });

        Assert.Equal(refusal, plan.Refusals.SingleOrDefault()?.Code);
        Assert.Equal(refusal is null, plan.Steps.Length > 0);
    }

    [Fact]
    public void Plan_RegionWithoutSizes_IsRefused() =>
        Assert.Equal("HfCapacityNotDeclared", Assert.Single(CapacityPlanner.Plan(new() { At = default }, new() { Pair = Pairs.Create(), Location = "westus", Role = RegionRole.Active }).Refusals).Code);

    [Fact]
    public void WithPool_UnknownMembers_GoBackAsTheyCame()
    {
        var document = ScriptedArm.Json("""{"id":"x","properties":{"count":1,"mode":"User","availabilityZones":["1","3"],"future":{"a":[1,null]},"provisioningState":"Succeeded","nodeImageVersion":"v","powerState":{"code":"Running"}}}""");

        var body = CapacityDocuments.WithPool(document, new() { Name = "general", Count = 4, Min = 3, Max = 6 }, CapacitySteps.ScalePool);

        Assert.Equal("""{"properties":{"count":4,"mode":"User","availabilityZones":["1","3"],"future":{"a":[1,null]},"powerState":{"code":"Running"},"enableAutoScaling":true,"minCount":3,"maxCount":6}}""", body.ToJsonString());
    }

    [Fact]
    public void WithGateway_UnknownMembers_GoBackAsTheyCame()
    {
        var document = ScriptedArm.Json("""{"id":"x","zones":["1"],"etag":"e","properties":{"sku":{"name":"Standard_v2","tier":"Standard_v2","capacity":2},"future":[1]}}""");

        Assert.Equal(
            """{"id":"x","zones":["1"],"etag":"e","properties":{"sku":{"name":"Standard_v2","tier":"Standard_v2"},"future":[1],"autoscaleConfiguration":{"minCapacity":2,"maxCapacity":4}}}""",
            CapacityDocuments.WithGateway(document, new() { Min = 2, Max = 4 }).ToJsonString());
    }

    private static CapacityPlan Plan(RoleCapacity sizes, RegionRole role, CapacityObservation seen)
    {
        var pair = Pairs.Create() with { Capacity = new() { Regions = [new() { Location = "westus", Active = sizes, Passive = sizes }] } };
        return CapacityPlanner.Plan(seen, new() { Pair = pair, Location = "westus", Role = role });
    }
}
