using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Tests.Arm;

/// <summary>The settings of DIR/behaviour.json that stand for what differs in Azure: each with the observed behaviour as default, and the other one.</summary>
public sealed class BehaviourTests : IAsyncLifetime
{
    private const string Switchover = """{"properties":{"replica":{"promoteMode":"Switchover","promoteOption":"Planned"}}}""";
    private const string Older = "2024-08-01";
    private const string Oldest = "2022-12-01";
    private RunningSandbox _arm = null!;

    public async Task InitializeAsync() => _arm = await RunningSandbox.StartAsync();

    public Task DisposeAsync() => _arm.DisposeAsync().AsTask();

    [Fact]
    public void Defaults_OfTheFile_AreWhatWasObserved()
    {
        var written = JsonNode.Parse(File.ReadAllText(Path.Combine(_arm.Root, "behaviour.json")));
        Assert.Equal("None", written.Text("roleAfterPromotion"));
        Assert.Equal("Optional", written.Text("switchoverSource"));
        Assert.Null(written.At("operationRetryAfterSeconds"));
        Assert.Equal((true, true, false, false), (Flag("signedOperationUrls"), Flag("displayNameLocations"), Flag("replicationStateOnServer"), Flag("olderVersionsAnswerWhenDone")));
        bool Flag(string name) => (bool)written.At(name)!;
    }

    [Fact]
    public async Task OperationUrls_ByDefault_AreLongSignedAndNameTheLocationForPeople()
    {
        var accepted = await _arm.SendAsync("POST", _arm.Replica + "/restart");
        foreach (var header in (string[])["Azure-AsyncOperation", "Location"])
        {
            var url = accepted.Header(header);
            Assert.InRange(url.Length, 3000, 8000);
            Assert.Contains("/locations/West%20US/", url, StringComparison.Ordinal);
            Assert.Equal(401, (await _arm.SendAsync("GET", url.Replace("&s=", "&s=x", StringComparison.Ordinal))).Status);
        }
    }

    [Fact]
    public async Task OperationUrls_Unsigned_AreShortAndWork()
    {
        await SetAsync("""{"signedOperationUrls":false}""");
        var accepted = await _arm.SendAsync("POST", _arm.Replica + "/restart");
        Assert.InRange(accepted.Header("Azure-AsyncOperation").Length, 50, 400);
        Assert.Equal("Succeeded", (await _arm.EndAsync(accepted)).Text("status"));
        Assert.Equal(204, (await _arm.SendAsync("GET", accepted.Header("Location"))).Status);
    }

    [Fact]
    public async Task OperationUrls_SignedBeforeTheSettingChanged_StayRefusedWhenTampered()
    {
        var accepted = await _arm.SendAsync("POST", _arm.Replica + "/restart");
        await SetAsync("""{"signedOperationUrls":false}""");
        Assert.Equal(401, (await _arm.SendAsync("GET", accepted.Header("Azure-AsyncOperation").Split('&')[0])).Status);
    }

    [Theory]
    [InlineData("{}", "East US", "/locations/East%20US/")]
    [InlineData("""{"displayNameLocations":false}""", "eastus", "/locations/eastus/")]
    public async Task Location_ByTheSetting_IsForPeopleOrForPrograms(string behaviour, string location, string inUrl)
    {
        await SetAsync(behaviour);
        Assert.Equal(location, (await _arm.GetAsync(_arm.Primary)).Body.Text("location"));
        var accepted = await _arm.SendAsync("POST", _arm.Primary + "/restart");
        Assert.Contains(inUrl, accepted.Header("Azure-AsyncOperation"), StringComparison.Ordinal);
        Assert.Equal("Succeeded", (await _arm.EndAsync(accepted)).Text("status"));
    }

    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"replicationStateOnServer":true}""", "Active")]
    public async Task ReplicationState_OfOneServer_IsShownByTheSettingAlone(string behaviour, string? state)
    {
        await SetAsync(behaviour);
        Assert.Equal(state, (await _arm.GetAsync(_arm.Replica)).Body.Text("properties.replica.replicationState"));
        Assert.Equal("Active", (await _arm.GetAsync(_arm.Primary + "/replicas")).Body!["value"]![0].Text("properties.replica.replicationState"));
    }

    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"operationRetryAfterSeconds":7}""", "7")]
    public async Task RetryAfter_OnAnswerAndPoll_IsSentByTheSettingAlone(string behaviour, string? seconds)
    {
        await SetAsync(behaviour);
        _arm.Fleet.Gate = new TaskCompletionSource();
        var accepted = await _arm.SendAsync("POST", _arm.Replica + "/restart");
        var poll = await _arm.SendAsync("GET", accepted.Header("Azure-AsyncOperation"));
        foreach (var answer in (Answer[])[accepted, poll]) Assert.Equal(seconds, answer.Headers.TryGetValues("Retry-After", out var values) ? values.Single() : null);
        _arm.Fleet.Gate.SetResult();
        await _arm.EndAsync(accepted);
    }

    [Theory]
    [InlineData("None", "2025-08-01", """{"properties":{"replica":{"promoteMode":"Standalone","promoteOption":"Planned"}}}""")]
    [InlineData("Primary", "2025-08-01", """{"properties":{"replica":{"promoteMode":"Standalone","promoteOption":"Forced"}}}""")]
    [InlineData("None", Older, """{"properties":{"replica":{"role":"None","promoteMode":"standalone","promoteOption":"planned"}}}""")]
    [InlineData("Primary", Oldest, """{"properties":{"replicationRole":"None"}}""")]
    [InlineData("None", Oldest, """{"properties":{"replicationRole":"None"}}""")]
    public async Task Role_AfterAStandalonePromotion_IsTheSettings(string role, string version, string body)
    {
        await SetAsync($$"""{"roleAfterPromotion":"{{role}}"}""");
        var accepted = await _arm.SendAsync("PATCH", _arm.Replica, body, version);
        Assert.Equal(202, accepted.Status);
        await _arm.EndAsync(accepted);
        Assert.Equal(role, (await _arm.GetAsync(_arm.Replica, version)).Body.Text("properties.replicationRole"));
    }

    [Theory]
    [InlineData("{}", false, 202, null)]
    [InlineData("{}", true, 202, null)]
    [InlineData("""{"switchoverSource":"Required"}""", false, 400, "MissingRequiredParameter")]
    [InlineData("""{"switchoverSource":"Required"}""", true, 202, null)]
    [InlineData("""{"switchoverSource":"Unknown"}""", false, 202, null)]
    [InlineData("""{"switchoverSource":"Unknown"}""", true, 400, "InvalidRequestContent")]
    public async Task Switchover_WithOrWithoutItsSource_IsTakenByTheSetting(string behaviour, bool withSource, int status, string? code)
    {
        await SetAsync(behaviour);
        await _arm.EndAsync(await _arm.SendAsync("PUT", _arm.Primary + "/virtualendpoints/highflame-ve", """{"properties":{"endpointType":"ReadWrite","members":["highflame-prod-dr-postgres"]}}"""));
        var body = withSource ? Switchover.Replace("{\"properties\":{", $$"""{"properties":{"sourceServerResourceId":"{{_arm.Primary}}",""", StringComparison.Ordinal) : Switchover;
        var answer = await _arm.SendAsync("PATCH", _arm.Replica, body);
        Assert.Equal((status, code), (answer.Status, answer.Code));
        if (status == 202) Assert.Equal("Succeeded", (await _arm.EndAsync(answer)).Text("status"));
    }

    [Theory]
    [InlineData(Older)]
    [InlineData(Oldest)]
    public async Task OlderVersions_ByDefault_Answer202(string version)
    {
        var accepted = await _arm.SendAsync("PATCH", _arm.Primary, """{"tags":{"a":"1"}}""", version);
        Assert.Equal(202, accepted.Status);
        await _arm.EndAsync(accepted);
    }

    [Theory]
    [InlineData(Older)]
    [InlineData(Oldest)]
    public async Task OlderVersions_AnsweringWhenDone_Give200And201WithTheResource(string version)
    {
        await SetAsync("""{"olderVersionsAnswerWhenDone":true}""");
        var changed = await _arm.SendAsync("PATCH", _arm.Replica, """{"tags":{"a":"1"}}""", version);
        Assert.Equal((200, "1", "West US"), (changed.Status, changed.Body.Text("tags.a"), changed.Body.Text("location")));
        Assert.False(changed.Headers.Contains("Azure-AsyncOperation"));
        var database = _arm.Primary + "/databases/shop";
        Assert.Equal((201, "shop"), (await _arm.SendAsync("PUT", database, """{"properties":{}}""", version)) is var made ? (made.Status, made.Body.Text("name")) : default);
        Assert.Equal(200, (await _arm.SendAsync("POST", _arm.Replica + "/restart", null, version)).Status);
        // The newest version goes on as ever.
        var newest = await _arm.SendAsync("PATCH", _arm.Replica, """{"tags":{"a":"2"}}""");
        Assert.Equal(202, newest.Status);
        await _arm.EndAsync(newest);
    }

    [Fact]
    public async Task OlderVersions_AnsweringWhenDoneAndFailing_GiveTheError()
    {
        await SetAsync("""{"olderVersionsAnswerWhenDone":true}""");
        _arm.Fleet["highflame-prod-postgres"].Running = false;
        var answer = await _arm.SendAsync("PATCH", _arm.Replica, """{"properties":{"replicationRole":"None"}}""", Oldest);
        Assert.Equal((409, "PrimaryServerUnreachable"), (answer.Status, answer.Code));
    }

    private async Task SetAsync(string behaviour) => await File.WriteAllTextAsync(Path.Combine(_arm.Root, "behaviour.json"), behaviour);
}
