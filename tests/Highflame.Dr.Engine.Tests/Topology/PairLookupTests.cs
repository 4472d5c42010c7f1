using System.Net;
using Highflame.Dr.Engine.Dns;
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

    /// <summary>The file has westus by name and eastus by address; the endpoint may hold either.</summary>
    [Theory]
    [InlineData("20.1.1.1", "eastus")]
    [InlineData("20.2.2.2", "westus")]
    [InlineData("gw1.eastus.cloudapp.azure.com", "eastus")]
    [InlineData("gw2.westus.cloudapp.azure.com", "westus")]
    [InlineData("20.9.9.9", null)]
    [InlineData("nowhere.example.com", null)]
    [InlineData(null, null)]
    public async Task FindRegionAtAsync_ByTextOrByAddress_IsTheSameRegion(string? target, string? location) =>
        Assert.Equal(location, (await Pairs.Create().FindRegionAtAsync(target, new Names(), null, CancellationToken.None))?.Location);

    private sealed class Names : INameResolver
    {
        public Task<NameAnswer> QueryAsync(string name, DnsServer? resolver, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IPAddress[]> ResolveAsync(string hostOrAddress, CancellationToken cancellationToken) => hostOrAddress switch
        {
            "gw1.eastus.cloudapp.azure.com" => Task.FromResult<IPAddress[]>([IPAddress.Parse("20.1.1.1")]),
            "gw2.westus.cloudapp.azure.com" => Task.FromResult<IPAddress[]>([IPAddress.Parse("20.2.2.2")]),
            _ when IPAddress.TryParse(hostOrAddress, out var literal) => Task.FromResult<IPAddress[]>([literal]),
            _ => throw new DrException("HfNameNotResolved", DrErrorKind.NotFound, "no such name", hostOrAddress),
        };
    }

    [Fact]
    public void RequireRegion_OfAnotherPair_NamesTheTwoThereAre()
    {
        var failure = Assert.Throws<DrException>(() => Pairs.Create().RequireRegion("centralus"));

        Assert.Equal(("HfRegionNotInPair", "Give eastus or westus."), (failure.ErrorId, failure.NextStep));
    }
}
