using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Tests.Arm;

public sealed class TrafficManagerTests : IAsyncLifetime
{
    private const string V = "2022-04-01";
    private RunningSandbox _arm = null!;

    public async Task InitializeAsync() => _arm = await RunningSandbox.StartAsync();

    public Task DisposeAsync() => _arm.DisposeAsync().AsTask();

    [Fact]
    public async Task Get_SeededProfile_IsTheUsers()
    {
        var profile = (await _arm.GetAsync(_arm.Profile.Replace("trafficManagerProfiles", "trafficmanagerprofiles", StringComparison.Ordinal), V)).Body;
        Assert.Equal("Microsoft.Network/trafficManagerProfiles", profile.Text("type"));
        Assert.Equal(("Weighted", 30L, "/"), (profile.Text("properties.trafficRoutingMethod"), profile.Whole("properties.dnsConfig.ttl"), profile.Text("properties.monitorConfig.path")));
        var endpoint = Assert.Single(profile.At("properties.endpoints")!.AsArray());
        Assert.Equal(("global-endpoint", "Enabled", "127.77.1.1", "Unmonitored"), (endpoint.Text("name"), endpoint.Text("properties.alwaysServe"), endpoint.Text("properties.target"), endpoint.Text("properties.endpointMonitorStatus")));
    }

    [Theory]
    [InlineData("127.77.2.1")]
    [InlineData("8.8.8.8")]
    [InlineData("highflame-prod-dr-westus.westus.cloudapp.azure.com")]
    [InlineData("2603:1030::1")]
    public async Task PatchEndpoint_PublicTarget_IsPublishedAtOnceAtScaleZero(string target)
    {
        var answer = await PatchAsync($$$"""{"properties":{"target":"{{{target}}}"}}""");
        Assert.Equal((200, target), (answer.Status, answer.Body.Text("properties.target")));
        Assert.Equal("Microsoft.Network/trafficManagerProfiles/externalEndpoints", answer.Body.Text("type"));
        Assert.Equal(target, _arm.Traffic.Profiles[_arm.Profile].Endpoints.Single().Target);
    }

    [Theory]
    [InlineData("10.0.0.4")]
    [InlineData("172.16.3.4")]
    [InlineData("192.168.1.1")]
    [InlineData("169.254.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("192.0.2.7")]
    [InlineData("198.51.100.7")]
    [InlineData("203.0.113.7")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("fd00::1")]
    [InlineData("fe80::1")]
    [InlineData("www.example.com:443")]
    [InlineData("127.0.0.1:443")]
    [InlineData("https://www.example.com")]
    [InlineData("www.example.com/path")]
    [InlineData("not a name")]
    [InlineData("")]
    public async Task PatchEndpoint_TargetThatAzureRefuses_IsRefusedAndNothingChanges(string target)
    {
        var answer = await PatchAsync($$$"""{"properties":{"target":"{{{target}}}"}}""");
        Assert.Equal((400, "BadRequest"), (answer.Status, answer.Code));
        Assert.Equal("127.77.1.1", _arm.Traffic.Profiles[_arm.Profile].Endpoints.Single().Target);
    }

    [Fact]
    public async Task PatchEndpoint_PrivateTargetWhenAllowed_IsTaken()
    {
        await File.WriteAllTextAsync(Path.Combine(_arm.Root, "behaviour.json"), """{"allowPrivateTargets":true}""");
        Assert.Equal(200, (await PatchAsync("""{"properties":{"target":"10.0.0.4"}}""")).Status);
    }

    [Theory]
    [InlineData("""{"properties":{"weight":0}}""", "BadRequest")]
    [InlineData("""{"properties":{"weight":1001}}""", "BadRequest")]
    [InlineData("""{"properties":{"priority":0}}""", "BadRequest")]
    [InlineData("""{"properties":{"priority":"one"}}""", "InvalidRequestContent")]
    [InlineData("""{"properties":{"endpointStatus":"Paused"}}""", "InvalidParameterValue")]
    [InlineData("""{"properties":{"targte":"x.example.com"}}""", "InvalidRequestContent")]
    public async Task PatchEndpoint_BadMember_IsRefused(string body, string code)
    {
        var answer = await PatchAsync(body);
        Assert.Equal((400, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task PutEndpoint_SecondWithTakenPriorityOrTarget_IsRefused()
    {
        var second = $"{_arm.Profile}/externalEndpoints/second";
        Assert.Equal("BadRequest", (await _arm.SendAsync("PUT", second, """{"properties":{"target":"127.77.2.1","priority":1}}""", V)).Code);
        Assert.Equal("BadRequest", (await _arm.SendAsync("PUT", second, """{"properties":{"target":"127.77.1.1"}}""", V)).Code);
        Assert.Equal("BadRequest", (await _arm.SendAsync("PUT", second, """{"properties":{"target":"name.example.com"}}""", V)).Code);
        var made = await _arm.SendAsync("PUT", second, """{"properties":{"target":"127.77.2.1"}}""", V);
        Assert.Equal((201, 2L, "CheckingEndpoint"), (made.Status, made.Body.Whole("properties.priority"), made.Body.Text("properties.endpointMonitorStatus")));
        Assert.Equal("BadRequest", (await PatchAsync("""{"properties":{"priority":2}}""")).Code);
        Assert.Equal(200, (await PatchAsync("""{"properties":{"priority":1000}}""")).Status);
        Assert.Equal("Online", (await _arm.GetAsync(second, V)).Body.Text("properties.endpointMonitorStatus"));
        Assert.Equal(200, (await _arm.SendAsync("DELETE", second, null, V)).Status);
        Assert.Equal(204, (await _arm.SendAsync("DELETE", second, null, V)).Status);
        Assert.Equal(404, (await _arm.GetAsync(second, V)).Status);
    }

    [Theory]
    [InlineData("""{"dnsConfig":{"ttl":-1}}""")]
    [InlineData("""{"dnsConfig":{"ttl":2147483648}}""")]
    [InlineData("""{"dnsConfig":{"relativeName":"renamed"}}""")]
    [InlineData("""{"monitorConfig":{"intervalInSeconds":15}}""")]
    [InlineData("""{"monitorConfig":{"intervalInSeconds":10,"timeoutInSeconds":10}}""")]
    [InlineData("""{"monitorConfig":{"timeoutInSeconds":4}}""")]
    [InlineData("""{"monitorConfig":{"toleratedNumberOfFailures":10}}""")]
    [InlineData("""{"monitorConfig":{"path":"healthz"}}""")]
    [InlineData("""{"monitorConfig":{"path":null}}""")]
    [InlineData("""{"monitorConfig":{"protocol":"TCP"}}""")]
    [InlineData("""{"monitorConfig":{"port":0}}""")]
    [InlineData("""{"trafficRoutingMethod":"Performance"}""")]
    [InlineData("""{"trafficRoutingMethod":"Geographic"}""")]
    [InlineData("""{"trafficRoutingMethod":"MultiValue"}""")]
    public async Task PatchProfile_AgainstTheRules_IsRefused(string properties)
    {
        var answer = await _arm.SendAsync("PATCH", _arm.Profile, $$$"""{"properties":{{{properties}}}}""", V);
        Assert.Equal((400, "BadRequest"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task PatchProfile_Ttl_KeepsEverythingElse()
    {
        var answer = await _arm.SendAsync("PATCH", _arm.Profile, """{"properties":{"dnsConfig":{"ttl":1}}}""", V);
        Assert.Equal((200, 1L), (answer.Status, answer.Body.Whole("properties.dnsConfig.ttl")));
        var view = _arm.Traffic.Profiles[_arm.Profile];
        Assert.Equal((1L, "highflame-prod-global.trafficmanager.net", "Weighted"), (view.Ttl, view.Fqdn, view.RoutingMethod));
        Assert.True(view.Endpoints.Single().AlwaysServe);
    }

    [Fact]
    public async Task PutProfile_BodyThatWasRead_ChangesNothing()
    {
        var read = (await _arm.GetAsync(_arm.Profile, V)).Body!;
        var answer = await _arm.SendAsync("PUT", _arm.Profile, read.ToJsonString(), V);
        Assert.Equal(200, answer.Status);
        Assert.True(JsonNode.DeepEquals(read, (await _arm.GetAsync(_arm.Profile, V)).Body), answer.Body!.ToJsonString());
    }

    [Fact]
    public async Task PutProfile_NewOne_HasAzuresDefaultsAndATakenNameIsRefused()
    {
        var path = $"{_arm.Subscription}/resourceGroups/highflame-prod-rg/providers/Microsoft.Network/trafficmanagerprofiles/second";
        const string Body = """{"location":"global","properties":{"trafficRoutingMethod":"Priority","dnsConfig":{"relativeName":"NAME"},"monitorConfig":{"protocol":"HTTP","port":80,"path":"/"}}}""";
        var taken = await _arm.SendAsync("PUT", path, Body.Replace("NAME", "highflame-prod-global", StringComparison.Ordinal), V);
        Assert.Equal((409, "Conflict"), (taken.Status, taken.Code));
        var made = await _arm.SendAsync("PUT", path, Body.Replace("NAME", "second", StringComparison.Ordinal), V);
        Assert.Equal((201, "Inactive", 30L, 3L, 10L), (made.Status, made.Body.Text("properties.monitorConfig.profileMonitorStatus"), made.Body.Whole("properties.monitorConfig.intervalInSeconds"), made.Body.Whole("properties.monitorConfig.toleratedNumberOfFailures"), made.Body.Whole("properties.monitorConfig.timeoutInSeconds")));
        Assert.EndsWith("/trafficManagerProfiles/second", made.Body.Text("id"), StringComparison.Ordinal);
        Assert.Equal("second.trafficmanager.net", made.Body.Text("properties.dnsConfig.fqdn"));
        Assert.Equal(2, (await _arm.GetAsync($"{_arm.Subscription}/providers/Microsoft.Network/trafficManagerProfiles", V)).Body!["value"]!.AsArray().Count);
        Assert.Equal(200, (await _arm.SendAsync("DELETE", path, null, V)).Status);
    }

    [Fact]
    public async Task PutAzureEndpoint_PublicIpWithDnsName_ResolvesToItsName()
    {
        var ip = $"{_arm.Subscription}/resourceGroups/highflame-prod-dr-rg/providers/Microsoft.Network/publicIPAddresses/highflame-prod-dr-aks-appgw-ip";
        await _arm.SendAsync("DELETE", $"{_arm.Profile}/ExternalEndpoints/global-endpoint", null, V);
        var made = await _arm.SendAsync("PUT", $"{_arm.Profile}/AzureEndpoints/r2", $$$"""{"properties":{"targetResourceId":"{{{ip}}}"}}""", V);
        Assert.Equal((201, "Microsoft.Network/trafficManagerProfiles/azureEndpoints"), (made.Status, made.Body.Text("type")));
        Assert.Equal("highflame-prod-dr-westus.westus.cloudapp.azure.com", _arm.Traffic.Profiles[_arm.Profile].Endpoints.Single().Target);
        var nameless = await _arm.SendAsync("PUT", $"{_arm.Profile}/AzureEndpoints/nat", $$$"""{"properties":{"targetResourceId":"{{{ip.Replace("aks-appgw-ip", "vnet-nat-ip-1", StringComparison.Ordinal)}}}"}}""", V);
        Assert.Equal((400, "BadRequest"), (nameless.Status, nameless.Code));
    }

    [Fact]
    public async Task PatchEndpoint_WithAScale_ReachesDnsAfterThePropagation()
    {
        await using var arm = await RunningSandbox.StartAsync(timeScale: 10);
        await arm.SendAsync("PATCH", $"{arm.Profile}/ExternalEndpoints/global-endpoint", """{"properties":{"target":"127.77.2.1"}}""", V);
        Assert.Equal("127.77.1.1", arm.Traffic.Profiles[arm.Profile].Endpoints.Single().Target);
        arm.Time.Advance(TimeSpan.FromSeconds(1));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (arm.Traffic.Profiles[arm.Profile].Endpoints.Single().Target != "127.77.2.1")
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [Theory]
    [InlineData("/providers/Microsoft.Network/checkTrafficManagerNameAvailability", "highflame-prod-global", false)]
    [InlineData("{s}/providers/Microsoft.Network/checkTrafficManagerNameAvailabilityV2", "free", true)]
    public async Task CheckName_OfProfile_SaysWhetherItIsFree(string path, string name, bool free)
    {
        var answer = await _arm.SendAsync("POST", path.Replace("{s}", _arm.Subscription, StringComparison.Ordinal), $$$"""{"name":"{{{name}}}","type":"microsoft.network/trafficmanagerprofiles"}""", V);
        Assert.Equal((200, free, free ? null : "AlreadyExists"), (answer.Status, (bool)answer.Body!["nameAvailable"]!, answer.Body.Text("reason")));
    }

    private Task<Answer> PatchAsync(string body) => _arm.SendAsync("PATCH", $"{_arm.Profile}/ExternalEndpoints/global-endpoint", body, V);
}
