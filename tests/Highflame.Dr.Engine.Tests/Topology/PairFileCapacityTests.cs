using Highflame.Dr.Engine.Topology;

namespace Highflame.Dr.Engine.Tests.Topology;

public sealed class PairFileCapacityTests
{
    private const string Good = """
        {"name":"prod","subscriptionId":"00000000-0000-0000-0000-000000000001","regions":[{"location":"East US","resourceGroup":"rg1","gatewayTarget":"20.1.1.1"},{"location":"westus","resourceGroup":"rg2","gatewayTarget":"20.1.1.2"}],
        "traffic":{"profileId":"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg1/providers/Microsoft.Network/trafficManagerProfiles/global","endpointName":"e"},
        "capacity":{"waitBeforeTraffic":true,"regions":[{"location":"West US","clusterId":null,
        "active":{"pools":[{"name":"general","count":4,"min":3,"max":6},{"name":"other","running":true}],"gateway":{"min":2,"max":5},"cache":{"sku":"Premium","capacity":1},"database":{"sku":"Standard_D4ads_v5","tier":"GeneralPurpose"}},
        "passive":{"pools":[{"name":"general","running":false}],"gateway":{"min":0}}}]}}
        """;

    [Fact]
    public void Parse_SizesOfARegion_AreRead()
    {
        var capacity = RegionPairFile.Parse(Good, "/pairs/prod.json").Capacity!;

        Assert.True(capacity.WaitBeforeTraffic);
        var active = capacity.FindRegion("westus")!.Active!;
        Assert.Equal((4, 3, 6), (active.Pools[0].Count!.Value, active.Pools[0].Min!.Value, active.Pools[0].Max!.Value));
        Assert.Equal((2, 5, "Premium", "Standard_D4ads_v5"), (active.Gateway!.Min, active.Gateway.Max!.Value, active.Cache!.Sku, active.Database!.Sku));
        Assert.False(capacity.FindRegion("westus")!.Passive!.Pools[0].Running);
        Assert.Null(capacity.FindRegion("eastus"));
    }

    [Theory]
    [InlineData("West US", "mars", "capacity.regions[0].location", "'mars' is no region of this pair")]
    [InlineData("\"min\":3,", "", "capacity.regions[0].active.pools[0]", "min and max belong together")]
    [InlineData("\"min\":3,\"max\":6", "\"min\":7,\"max\":6", "capacity.regions[0].active.pools[0].min", "min 7 is above max 6")]
    [InlineData("\"count\":4", "\"count\":9", "capacity.regions[0].active.pools[0].count", "count 9 is not within min 3 and max 6")]
    [InlineData("\"name\":\"other\"", "\"name\":\"general\"", "capacity.regions[0].active.pools[1].name", "named twice")]
    [InlineData("\"running\":false", "\"running\":false,\"count\":1", "capacity.regions[0].passive.pools[0].running", "a stopped pool has no size")]
    [InlineData("\"min\":2,\"max\":5", "\"min\":6,\"max\":5", "capacity.regions[0].active.gateway.min", "min is above max")]
    [InlineData("\"capacity\":1", "\"capacity\":6", "capacity.regions[0].active.cache.capacity", "capacity 6 does not exist")]
    [InlineData("\"Premium\"", "\"Huge\"", "capacity.regions[0].active.cache.sku", "the text does not fit")]
    [InlineData("\"clusterId\":null", "\"clusterId\":\"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg2/providers/Microsoft.Cache/redis/r\"", "capacity.regions[0].clusterId", "it is the id of a Microsoft.Cache/redis")]
    [InlineData("\"running\":true", "\"runing\":true", "capacity.regions[0].active.pools[1]", "'runing' is not known here")]
    public void Parse_SizesThatCannotBe_AreToldWithTheirPlace(string old, string @new, string member, string text)
    {
        Assert.Contains(old, Good, StringComparison.Ordinal);

        var failure = Assert.Throws<DrException>(() => RegionPairFile.Parse(Good.Replace(old, @new, StringComparison.Ordinal), "/pairs/prod.json"));

        Assert.Equal("HfPairFileMalformed", failure.ErrorId);
        Assert.Contains(member, failure.Message, StringComparison.Ordinal);
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
    }
}
