using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Tests.Arm;

/// <summary>The contract of long-running operations.</summary>
public sealed class OperationTests : IAsyncLifetime
{
    private const string Promote = """{"properties":{"replica":{"promoteMode":"Standalone","promoteOption":"Planned"}}}""";
    private RunningSandbox _arm = null!;

    public async Task InitializeAsync() => _arm = await RunningSandbox.StartAsync();

    public Task DisposeAsync() => _arm.DisposeAsync().AsTask();

    [Fact]
    public async Task Accepted_Operation_HasBothSignedUrlsOfAzuresLengthAndNoRetryAfter()
    {
        var accepted = await _arm.SendAsync("POST", _arm.Primary + "/restart");
        Assert.Equal(202, accepted.Status);
        foreach (var (header, segment) in ((string, string)[])[("Azure-AsyncOperation", "azureAsyncOperation"), ("Location", "operationResults")])
        {
            var url = accepted.Header(header);
            Assert.InRange(url.Length, 3500, 8000);
            Assert.Contains($"/providers/Microsoft.DBforPostgreSQL/locations/East%20US/{segment}/", url, StringComparison.Ordinal);
            foreach (var parameter in (string[])["&t=", "&c=", "&s=", "&h="]) Assert.Contains(parameter, url, StringComparison.Ordinal);
        }

        Assert.False(accepted.Headers.Contains("Retry-After"));
        Assert.NotNull(accepted.Body.Text("startTime"));
        await _arm.EndAsync(accepted);
    }

    [Fact]
    public async Task Poll_WhileRunning_IsInProgressAndLocationIs202()
    {
        _arm.Fleet.Gate = new TaskCompletionSource();
        var accepted = await _arm.SendAsync("PATCH", _arm.Replica, Promote);
        var poll = await _arm.SendAsync("GET", accepted.Header("Azure-AsyncOperation"));
        Assert.Equal((200, "InProgress"), (poll.Status, poll.Body.Text("status")));
        Assert.EndsWith(poll.Body.Text("name")!, new Uri(accepted.Header("Azure-AsyncOperation")).AbsolutePath, StringComparison.Ordinal);
        Assert.Null(poll.Body.At("endTime"));
        Assert.Equal(202, (await _arm.SendAsync("GET", accepted.Header("Location"))).Status);

        _arm.Fleet.Gate.SetResult();
        Assert.NotNull((await _arm.EndAsync(accepted)).At("endTime"));
        var result = await _arm.SendAsync("GET", accepted.Header("Location"));
        Assert.Equal((200, _arm.Replica), (result.Status, result.Body.Text("id")));
    }

    [Fact]
    public async Task Poll_AnotherApiVersion_IsTaken()
    {
        var accepted = await _arm.SendAsync("POST", _arm.Primary + "/restart");
        var url = accepted.Header("Azure-AsyncOperation").Replace("api-version=2025-08-01", "api-version=2025-06-01-preview", StringComparison.Ordinal);
        Assert.Equal(200, (await _arm.SendAsync("GET", url)).Status);
        await _arm.EndAsync(accepted);
    }

    [Fact]
    public async Task Poll_QueryNotSentBackUnchanged_IsRefused()
    {
        var accepted = await _arm.SendAsync("POST", _arm.Primary + "/restart");
        var url = accepted.Header("Azure-AsyncOperation");
        Assert.Equal(401, (await _arm.SendAsync("GET", url[..url.IndexOf("&s=", StringComparison.Ordinal)])).Status);
        Assert.Equal(401, (await _arm.SendAsync("GET", url.Replace("&c=", "&c=x", StringComparison.Ordinal))).Status);
        await _arm.EndAsync(accepted);
    }

    [Fact]
    public async Task Operation_OfAModelledDuration_LastsItAndNotLonger()
    {
        await using var arm = await RunningSandbox.StartAsync(timeScale: 10);
        var accepted = await arm.SendAsync("PATCH", arm.Replica, Promote);
        arm.Time.Advance(TimeSpan.FromSeconds(11.9));
        Assert.Equal("InProgress", (await arm.SendAsync("GET", accepted.Header("Azure-AsyncOperation"))).Body.Text("status"));
        Assert.Empty(arm.Fleet.Calls);
        // The operation may have begun to wait a little after the clock was first moved: move it until it is over.
        await AdvanceToEndAsync(arm, accepted, TimeSpan.FromSeconds(12));
        Assert.Equal(["promote highflame-prod-dr-postgres planned"], arm.Fleet.Calls);
    }

    [Fact]
    public async Task Operation_DurationsEdited_FollowTheFile()
    {
        await using var arm = await RunningSandbox.StartAsync(timeScale: 10);
        await File.WriteAllTextAsync(Path.Combine(arm.Root, "durations.json"), """{"promotion":0}""");
        Assert.Equal("Succeeded", (await arm.EndAsync(await arm.SendAsync("PATCH", arm.Replica, Promote))).Text("status"));
    }

    [Fact]
    public async Task Operation_RetryAfterConfigured_IsSentOnAcceptAndPoll()
    {
        await File.WriteAllTextAsync(Path.Combine(_arm.Root, "behaviour.json"), """{"operationRetryAfterSeconds":2}""");
        _arm.Fleet.Gate = new TaskCompletionSource();
        var accepted = await _arm.SendAsync("POST", _arm.Primary + "/restart");
        Assert.Equal("2", accepted.Header("Retry-After"));
        Assert.Equal("2", (await _arm.SendAsync("GET", accepted.Header("Azure-AsyncOperation"))).Header("Retry-After"));
        _arm.Fleet.Gate.SetResult();
        await _arm.EndAsync(accepted);
    }

    [Fact]
    public async Task Operation_Stuck_EndsOnlyAfterTheFaultIsCleared()
    {
        await _arm.ControlAsync("POST", "/faults", """{"fault":"OperationStuck","method":"PATCH"}""");
        var accepted = await _arm.SendAsync("PATCH", _arm.Replica, Promote);
        _arm.Time.Advance(TimeSpan.FromHours(0.5));
        Assert.Equal("InProgress", (await _arm.SendAsync("GET", accepted.Header("Azure-AsyncOperation"))).Body.Text("status"));
        Assert.Empty(_arm.Fleet.Calls);
        await _arm.ControlAsync("POST", "/faults", """{"fault":"Clear"}""");
        await AdvanceToEndAsync(_arm, accepted, TimeSpan.FromSeconds(1));
        Assert.Single(_arm.Fleet.Calls);
    }

    [Fact]
    public async Task Operation_ToldToFail_FailsWithoutDoingTheWork()
    {
        await _arm.ControlAsync("POST", "/faults", """{"fault":"OperationFails","pathContains":"highflame-prod-dr-postgres"}""");
        var accepted = await _arm.SendAsync("PATCH", _arm.Replica, Promote);
        var end = await _arm.EndAsync(accepted);
        Assert.Equal(("Failed", "InternalServerError"), (end.Text("status"), end.Text("error.code")));
        Assert.Equal(500, (await _arm.SendAsync("GET", accepted.Header("Location"))).Status);
        Assert.Empty(_arm.Fleet.Calls);
        var replica = (await _arm.GetAsync(_arm.Replica)).Body;
        Assert.Equal(("Ready", "GeoAsyncReplica"), (replica.Text("properties.state"), replica.Text("properties.replicationRole")));
    }

    private static async Task AdvanceToEndAsync(RunningSandbox arm, Answer accepted, TimeSpan step)
    {
        for (var i = 0; i < 2000; i++)
        {
            var status = (await arm.SendAsync("GET", accepted.Header("Azure-AsyncOperation"))).Body.Text("status");
            if (status != "InProgress")
            {
                Assert.Equal("Succeeded", status);
                return;
            }

            if (i < 20) arm.Time.Advance(step);
        }

        Assert.Fail("The operation did not end.");
    }
}
