using Highflame.Dr.Topology;

namespace Highflame.Dr.Model.Tests;

public sealed class RegionPairTests
{
    private static readonly RegionPair Pair = new()
    {
        Name = "prod",
        Path = "/pairs/prod.json",
        SubscriptionId = "s",
        Regions =
        [
            new() { Location = "eastus", ResourceGroup = "rg1", GatewayTarget = "20.1.1.1" },
            new() { Location = "West US", ResourceGroup = "rg2", GatewayTarget = "20.2.2.2" },
        ],
        Traffic = new() { ProfileId = "/p", EndpointName = "e" },
        Health = new(),
        Objectives = new(),
    };

    [Theory]
    [InlineData("East US", "rg1")]
    [InlineData("westus", "rg2")]
    [InlineData("eastus2", null)]
    [InlineData("", null)]
    public void FindRegion_HoweverItIsWritten_IsTheRegionOfThePair(string location, string? group) => Assert.Equal(group, Pair.FindRegion(location)?.ResourceGroup);

    [Fact]
    public void OtherThan_EitherRegion_IsTheOtherOne()
    {
        Assert.Equal("rg2", Pair.OtherThan(Pair.Regions[0]).ResourceGroup);
        Assert.Equal("rg1", Pair.OtherThan(Pair.Regions[1]).ResourceGroup);
        // A region read from another document, written otherwise.
        Assert.Equal("rg2", Pair.OtherThan(Pair.Regions[0] with { Location = "East US" }).ResourceGroup);
    }
}
