using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Engine.Topology;

namespace Highflame.Dr.Engine.Tests.Topology;

public sealed class PairLookupTests
{
    [Theory]
    [InlineData("20.1.1.1", "eastus")]
    [InlineData("GW2.westus.cloudapp.azure.com.", "westus")]
    [InlineData("20.1.1.10", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void RegionAt_Target_IsTheRegionWhoseGatewayItNames(string? target, string? location) => Assert.Equal(location, Pairs.Create().RegionAt(target)?.Location);

    [Fact]
    public void RequireRegion_OfAnotherPair_NamesTheTwoThereAre()
    {
        var failure = Assert.Throws<DrException>(() => Pairs.Create().RequireRegion("centralus"));

        Assert.Equal(("HfRegionNotInPair", "Give eastus or westus."), (failure.ErrorId, failure.NextStep));
    }
}
