using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Application;

namespace Highflame.Dr.Sandbox.Tests.Arm;

/// <summary>Faults through the control endpoint, as ARM's callers see them.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private RunningSandbox _arm = null!;

    public async Task InitializeAsync() => _arm = await RunningSandbox.StartAsync();

    public Task DisposeAsync() => _arm.DisposeAsync().AsTask();

    [Fact]
    public async Task Throttle_NextCalls_Get429WithRetryAfterThenPass()
    {
        await _arm.ControlAsync("POST", "/faults", """{"fault":"ArmThrottle","count":2,"retryAfterSeconds":3,"method":"GET"}""");
        for (var i = 0; i < 2; i++)
        {
            var answer = await _arm.GetAsync(_arm.Primary);
            Assert.Equal((429, "TooManyRequests", "3"), (answer.Status, answer.Code, answer.Header("Retry-After")));
        }

        Assert.Equal(200, (await _arm.GetAsync(_arm.Primary)).Status);
    }

    [Fact]
    public async Task Error_MatchingPath_IsNotCarriedOut()
    {
        await _arm.ControlAsync("POST", "/faults", """{"fault":"ArmError","status":502,"pathContains":"/restart"}""");
        Assert.Equal(200, (await _arm.GetAsync(_arm.Primary)).Status);
        Assert.Equal(502, (await _arm.SendAsync("POST", _arm.Primary + "/restart")).Status);
        Assert.Empty(_arm.Fleet.Calls);
    }

    [Fact]
    public async Task ResponseLost_AcceptedCall_IsCarriedOutAndTheConnectionDrops()
    {
        await _arm.ControlAsync("POST", "/faults", """{"fault":"ResponseLost","method":"PATCH"}""");
        await Assert.ThrowsAsync<HttpRequestException>(() => _arm.SendAsync("PATCH", $"{_arm.Profile}/ExternalEndpoints/global-endpoint", """{"properties":{"target":"127.77.2.1"}}""", "2022-04-01"));
        Assert.Equal("127.77.2.1", _arm.Traffic.Profiles[_arm.Profile].Endpoints.Single().Target);
        var logged = (await _arm.ControlAsync("GET", "/requests")).Body!.AsArray();
        Assert.Equal(0, (int)logged[^1]!["status"]!);
    }

    [Fact]
    public async Task NetworkDown_WhoeverLooksFromHere_ReachesNothingUntilItIsUpAgain()
    {
        await _arm.ControlAsync("POST", "/faults", """{"fault":"NetworkDown"}""");
        await Assert.ThrowsAsync<HttpRequestException>(() => _arm.GetAsync(_arm.Primary));
        Assert.All(_arm.Regions.GetStates(), r => Assert.False(r.GatewayRunning));
        Assert.True(_arm.Fleet["highflame-prod-postgres"].Running);

        await _arm.ControlAsync("POST", "/faults", """{"fault":"NetworkUp"}""");

        Assert.Equal(200, (await _arm.GetAsync(_arm.Primary)).Status);
        Assert.All(_arm.Regions.GetStates(), r => Assert.True(r.GatewayRunning));
    }

    [Fact]
    public async Task RegionLost_ItsResources_AreDeadAndArmListsGoOn()
    {
        var lost = await _arm.ControlAsync("POST", "/faults", """{"fault":"regionlost","region":"East US"}""");
        Assert.Equal((200, "RegionLost", "eastus"), (lost.Status, lost.Body.Text("fault"), lost.Body.Text("target")));
        Assert.False(_arm.Fleet["highflame-prod-postgres"].Running);
        Assert.True(_arm.Fleet["highflame-prod-dr-postgres"].Running);
        Assert.Equal([new RegionState("eastus", false, false, false), new RegionState("westus", true, true, false)], _arm.Regions.GetStates());
        foreach (var path in (string[])
        [
            _arm.Primary, _arm.Primary + "/configurations", _arm.Primary + "/replicas", $"{_arm.Subscription}/resourceGroups/highflame-prod-rg/providers/Microsoft.DBforPostgreSQL/flexibleServers",
            $"{_arm.Subscription}/providers/Microsoft.DBforPostgreSQL/locations/East%20US/capabilities",
        ])
        {
            var answer = await _arm.GetAsync(path);
            Assert.Equal((503, "ServiceUnavailable"), (answer.Status, answer.Code));
        }

        Assert.Equal(503, (await _arm.SendAsync("PUT", _arm.Server("highflame-prod-rg", "fresh"), """{"location":"eastus"}""")).Status);
        Assert.Equal(200, (await _arm.GetAsync(_arm.Replica)).Status);
        Assert.Equal(200, (await _arm.GetAsync(_arm.Profile, "2022-04-01")).Status);
        Assert.Contains(_arm.Primary, (await _arm.GetAsync($"{_arm.Subscription}/resources", "2022-09-01")).Body!["value"]!.AsArray().Select(r => r.Text("id")));
        Assert.Equal(200, (await _arm.GetAsync(_arm.Primary + "/providers/Microsoft.Authorization/locks", "2020-05-01")).Status);

        Assert.Equal(200, (await _arm.ControlAsync("POST", "/faults", """{"fault":"RegionRestored","region":"eastus"}""")).Status);
        Assert.True(_arm.Fleet["highflame-prod-postgres"].Running);
        Assert.Equal(200, (await _arm.GetAsync(_arm.Primary)).Status);
    }

    [Fact]
    public async Task RegionRestored_ServerThatWasStoppedBefore_StaysStopped()
    {
        await _arm.EndAsync(await _arm.SendAsync("POST", _arm.Primary + "/stop"));
        await _arm.ControlAsync("POST", "/faults", """{"fault":"RegionLost","region":"eastus"}""");
        await _arm.ControlAsync("POST", "/faults", """{"fault":"RegionRestored","region":"eastus"}""");
        Assert.False(_arm.Fleet["highflame-prod-postgres"].Running);
        Assert.Equal("Stopped", (await _arm.GetAsync(_arm.Primary)).Body.Text("properties.state"));
    }

    [Fact]
    public async Task Link_OneWay_IsSetAndCleared()
    {
        await _arm.ControlAsync("POST", "/faults", """{"fault":"Link","region":"eastus","latencyMilliseconds":200,"bytesPerSecond":5000}""");
        Assert.Equal(new LinkSettings(200, 5000), _arm.Regions.Get("eastus", "westus"));
        Assert.Equal(new LinkSettings(), _arm.Regions.Get("westus", "eastus"));
        await _arm.ControlAsync("POST", "/faults", """{"fault":"Clear"}""");
        Assert.Equal(new LinkSettings(), _arm.Regions.Get("eastus", "westus"));
    }

    [Fact]
    public async Task Delayed_Fault_IsPutInWhenItsTimeHasCome()
    {
        var answer = await _arm.ControlAsync("POST", "/faults", """{"fault":"GatewayDown","region":"eastus","delaySeconds":5}""");
        Assert.Equal(200, answer.Status);
        Assert.True(_arm.Regions.GetStates()[0].GatewayRunning);
        _arm.Time.Advance(TimeSpan.FromSeconds(5));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (_arm.Regions.GetStates()[0].GatewayRunning)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [Theory]
    [InlineData("""{"fault":"Earthquake"}""", "RegionLost")]
    [InlineData("""{"fault":"RegionLost","region":"mars"}""", "eastus, westus")]
    [InlineData("""{"fault":"RegionLost"}""", "eastus, westus")]
    [InlineData("""{"fault":"DatabaseCrash","server":"nope"}""", "highflame-prod-postgres")]
    [InlineData("""{"fault":"Link","latencyMilliseconds":-1}""", "latencyMilliseconds")]
    [InlineData("""{"fault":"ArmError","status":200}""", "status")]
    [InlineData("""{"fault":"ArmThrottle","count":0}""", "count")]
    [InlineData("{", "")]
    public async Task Faults_BadRequest_SaysWhatIsValid(string body, string part)
    {
        var answer = await _arm.ControlAsync("POST", "/faults", body);
        Assert.Equal(400, answer.Status);
        Assert.Contains(part, answer.Body.Text("error.message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Control_WithoutTheKey_IsRefused()
    {
        foreach (var (method, path) in ((string, string)[])[("GET", "/status"), ("POST", "/faults"), ("POST", "/stop"), ("GET", "/requests")])
            Assert.Equal(401, (await _arm.ControlAsync(method, path, null, "wrong")).Status);
        Assert.False(_arm.Sandbox.StopAsked.Task.IsCompleted);
    }

    [Fact]
    public async Task Control_StatusLoadAndStop_Answer()
    {
        var status = (await _arm.ControlAsync("GET", "/status")).Body;
        Assert.Equal(["highflame-prod-dr-postgres", "highflame-prod-postgres"], status!["servers"]!.AsArray().Select(s => s.Text("name")).Order());
        Assert.Equal(8, (await _arm.ControlAsync("POST", "/load/start", """{"writers":8,"intervalMilliseconds":1}""")).Body.Whole("acknowledged"));
        Assert.True((bool)(await _arm.ControlAsync("GET", "/load")).Body!["running"]!);
        Assert.False((bool)(await _arm.ControlAsync("POST", "/load/stop")).Body!["running"]!);
        Assert.Equal(400, (await _arm.ControlAsync("POST", "/load/start", """{"writers":0}""")).Status);
        Assert.Equal(3, (await _arm.ControlAsync("POST", "/load/start", """{"writers":3}""", chunked: true)).Body.Whole("acknowledged"));
        Assert.Equal(4, (await _arm.ControlAsync("POST", "/load/start")).Body.Whole("acknowledged"));
        Assert.Equal(200, (await _arm.ControlAsync("POST", "/stop")).Status);
        await _arm.Sandbox.StopAsked.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
