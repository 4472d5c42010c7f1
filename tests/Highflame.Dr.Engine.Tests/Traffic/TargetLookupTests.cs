using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Engine.Traffic;

namespace Highflame.Dr.Engine.Tests.Traffic;

public sealed class TargetLookupTests
{
    private const string Network = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.Network/";
    private readonly ScriptedArm _arm = new();

    private Task<FoundTarget> FindAsync(string target) => TargetLookup.FindAsync(_arm, target, CancellationToken.None);

    [Fact]
    public async Task FindAsync_Text_IsItself() => Assert.Equal(new FoundTarget("gw.example.com", null), await FindAsync("gw.example.com"));

    [Fact]
    public async Task FindAsync_PublicAddress_IsItsAddressElseItsName()
    {
        _arm.Put(Network + "publicIPAddresses/a", """{"properties":{"ipAddress":"20.1.1.1","dnsSettings":{"fqdn":"a.eastus.cloudapp.azure.com"}}}""");
        _arm.Put(Network + "publicIPAddresses/b", """{"properties":{"dnsSettings":{"fqdn":"b.eastus.cloudapp.azure.com"}}}""");
        Assert.Equal("20.1.1.1", (await FindAsync(Network + "publicIPAddresses/a")).Target);
        Assert.Equal("b.eastus.cloudapp.azure.com", (await FindAsync(Network + "publicIPAddresses/b")).Target);
    }

    [Fact]
    public async Task FindAsync_Gateway_IsItsPublicFrontend()
    {
        _arm.Put(Network + "publicIPAddresses/a", """{"properties":{"ipAddress":"20.1.1.1"}}""");
        _arm.Put(Network + "applicationGateways/gw", $$$"""{"properties":{"frontendIPConfigurations":[{"properties":{"privateIPAddress":"10.0.0.4"}},{"properties":{"publicIPAddress":{"id":"{{{Network}}}publicIPAddresses/a"} } } ] } }""");
        Assert.Equal("20.1.1.1", (await FindAsync(Network + "applicationGateways/gw")).Target);
    }

    [Theory]
    [InlineData("applicationGateways/none", "no application gateway")]
    [InlineData("publicIPAddresses/none", "no public IP address")]
    [InlineData("virtualNetworks/v", "virtualNetworks has no address")]
    public async Task FindAsync_IdThatStandsForNothing_TellsWhy(string tail, string reason)
    {
        var found = await FindAsync(Network + tail);
        Assert.Null(found.Target);
        Assert.Contains(reason, found.Problem, StringComparison.Ordinal);
    }
}
