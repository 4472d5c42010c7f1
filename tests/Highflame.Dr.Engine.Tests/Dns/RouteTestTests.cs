using System.Net;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Dns;
using Highflame.Dr.Engine.Http;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Health;
using Highflame.Dr.Topology;
using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Engine.Tests.Dns;

/// <summary>The pair's gateways: 20.1.1.1 in eastus, a name that leads to 20.2.2.2 in westus.</summary>
public sealed class RouteTestTests
{
    private const string Name = "rel.trafficmanager.net";
    private const string West = "gw2.westus.cloudapp.azure.com";
    private static readonly DnsServer One = new("10.0.0.1");
    private static readonly DnsServer Two = new("10.0.0.2");
    private readonly RegionPair _pair = Pairs.Create();
    private readonly FakeTimeProvider _time = new(Seen.At);
    private readonly RecordingObserver _observer = new();
    private readonly Names _names = new();
    private readonly ScriptedArm _arm = new();

    public RouteTestTests()
    {
        _names.Answers[(null, West)] = new("", [IPAddress.Parse("20.2.2.2")], null, 60, 1, null);
        Endpoint("20.1.1.1");
    }

    private void Endpoint(string? target) => _arm.Put(_pair.Traffic.ProfileId,
        $$$"""{"id":"{{{_pair.Traffic.ProfileId}}}","name":"global","properties":{"trafficRoutingMethod":"Weighted","dnsConfig":{"relativeName":"rel","fqdn":"{{{Name}}}","ttl":30},"endpoints":[{"id":"{{{_pair.Traffic.ProfileId}}}/externalEndpoints/e","name":"e","type":"x/externalEndpoints","properties":{"target":{{{(target is null ? "null" : $"\"{target}\"")}}},"endpointStatus":"Enabled"} }]} }""");

    private AzureConnection Connection => new(
        new() { Environment = "Azure", SubscriptionId = "s", Credential = DrCredentialKind.Default, ArmEndpoint = new("https://arm.test/") }, new(), _arm, new TwoRegions { Available = false }, _names, null, _time);

    private Task<IReadOnlyList<TrafficRoute>> RunAsync(string? location = null, double wait = 0, params DnsServer[] resolvers) =>
        _time.DriveAsync(new RouteTest(Connection, new AzureInventory(_arm, "s", _time), _time, _observer).RunAsync(new(_pair, resolvers, location, wait), CancellationToken.None));

    private void Answers(DnsServer? resolver, string address, string? cname = null) => _names.Answers[(resolver, Name)] = new(resolver?.Address ?? "system", [IPAddress.Parse(address)], cname, 30, 1, null);

    [Theory]
    [InlineData("20.1.1.1", null, "20.1.1.1", true, "eastus")]
    [InlineData("20.2.2.2", null, "20.1.1.1", false, "westus")]
    [InlineData("20.2.2.2", null, West, true, "westus")]
    [InlineData("20.2.2.9", "GW2.westus.cloudapp.azure.com.", West, true, "westus")]
    [InlineData("20.9.9.9", "elsewhere.example.com", West, false, null)]
    public async Task RunAsync_Answer_IsCurrentWhenItLeadsWhereTheEndpointPoints(string address, string? cname, string target, bool current, string? location)
    {
        Endpoint(target);
        Answers(null, address, cname);

        var route = Assert.Single(await RunAsync());

        Assert.Equal((current, location, 30, null), (route.Current, route.Location, route.Ttl, route.Failure));
    }

    [Fact]
    public async Task RunAsync_LocationGiven_IsHeldAgainstThatRegionNotTheEndpoint()
    {
        Answers(null, "20.2.2.2");

        Assert.True(Assert.Single(await RunAsync("West US")).Current);
        Assert.False(Assert.Single(await RunAsync("eastus")).Current);
    }

    [Fact]
    public async Task RunAsync_ResolversDisagree_EachIsToldForItself()
    {
        Answers(One, "20.1.1.1");
        Answers(Two, "20.2.2.2");

        Assert.Equal([("10.0.0.1", true), ("10.0.0.2", false)], (await RunAsync(null, 0, One, Two)).Select(r => (r.Resolver, r.Current)));
    }

    [Fact]
    public async Task RunAsync_Waiting_AsksUntilAllAgree()
    {
        Answers(One, "20.1.1.1");
        Answers(Two, "20.2.2.2");
        await using var following = _time.CreateTimer(_ => Answers(Two, "20.1.1.1"), null, TimeSpan.FromSeconds(20), Timeout.InfiniteTimeSpan);

        Assert.All(await RunAsync(null, 60, One, Two), r => Assert.True(r.Current));
        Assert.Contains(_observer.Reports, r => r.Status == "10.0.0.2: 20.2.2.2");
    }

    [Fact]
    public async Task RunAsync_ResolverFails_IsNotCurrentAndSaysWhy()
    {
        _names.Answers[(null, Name)] = new("system", [], null, null, 1, "SERVFAIL");

        var route = Assert.Single(await RunAsync());

        Assert.Equal((false, null, "SERVFAIL"), (route.Current, route.Location, route.Failure));
    }

    [Fact]
    public async Task RunAsync_EndpointWithoutATarget_SaysThatThereIsNothingToCompare()
    {
        Endpoint(null);
        Answers(null, "20.1.1.1");

        var route = Assert.Single(await RunAsync());

        Assert.Equal((false, "eastus", "the endpoint has no target to compare with"), (route.Current, route.Location, route.Failure));
    }

    [Fact]
    public async Task RunAsync_RegionOfAnotherPair_IsRefusedByBothTests()
    {
        Assert.Equal("HfRegionNotInPair", (await Assert.ThrowsAsync<DrException>(() => RunAsync("centralus"))).ErrorId);
        Assert.Equal("HfRegionNotInPair", (await Assert.ThrowsAsync<DrException>(() => HealthAsync(new() { Pair = _pair, Location = "centralus" }))).ErrorId);
    }

    [Fact]
    public async Task HealthRounds_TrafficGoesToNeitherRegion_AsksForALocation()
    {
        Endpoint("20.9.9.9");

        Assert.Equal("HfActiveRegionUnknown", (await Assert.ThrowsAsync<DrException>(() => HealthAsync(new() { Pair = _pair }))).ErrorId);
    }

    private Task<IReadOnlyList<HealthVerdict>> HealthAsync(HealthRequest request) => new HealthRounds(Connection, new AzureInventory(_arm, "s", _time), _time, _observer).RunAsync(request, CancellationToken.None);

    private sealed class Names : INameResolver
    {
        public Dictionary<(DnsServer? Resolver, string Name), NameAnswer> Answers { get; } = [];

        public Task<NameAnswer> QueryAsync(string name, DnsServer? resolver, CancellationToken cancellationToken) =>
            Task.FromResult(Answers.TryGetValue((resolver, name), out var answer) || Answers.TryGetValue((null, name), out answer) ? answer : new NameAnswer("", [], null, null, 1, "NXDOMAIN"));

        public Task<IPAddress[]> ResolveAsync(string hostOrAddress, CancellationToken cancellationToken) => Task.FromResult(IPAddress.TryParse(hostOrAddress, out var literal) ? [literal] : Addresses.GetValueOrDefault(hostOrAddress) ?? []);

        public Dictionary<string, IPAddress[]> Addresses { get; } = [];
    }
}
