using System.Net.Sockets;
using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Tests.Support;

namespace Highflame.Dr.Engine.Tests.Azure;

public sealed class ArmGatewayTests
{
    private const string Server = "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg";
    private const string Busy = """{"error":{"code":"ServerIsBusy","message":"Cannot complete operation while server 'pg' is busy processing another operation. Try again later."}}""";
    private readonly GatewayFixture _fixture = new();

    private ScriptedHandler Http => _fixture.Http;

    private Task<ArmAccepted> PatchAsync(ArmTimings? timings = null) =>
        _fixture.Time.DriveAsync(_fixture.Create(timings).WriteAsync(HttpMethod.Patch, Server, "2025-08-01", new { properties = new { x = 1 } }, CancellationToken.None));

    [Fact]
    public async Task WriteAsync_ThrottledThenAccepted_WaitsRetryAfterAndSendsTwice()
    {
        Http.Answer(429, """{"error":{"code":"TooManyRequests","message":"slow down"}}""", ("Retry-After", "7"))
            .Answer(202, null, ("Azure-AsyncOperation", "https://arm.test/op/1?t=a"), ("Location", "https://arm.test/result/1"));
        var started = _fixture.Time.GetUtcNow();

        var accepted = await PatchAsync();

        Assert.Equal(2, Http.Sent.Count);
        Assert.True(_fixture.Time.GetUtcNow() - started >= TimeSpan.FromSeconds(7));
        Assert.Equal("https://arm.test/op/1?t=a", accepted.OperationUrl);
        Assert.Equal(202, accepted.Status);
    }

    [Fact]
    public async Task Requests_Throttled_TellTheWaitVerbosely()
    {
        Http.Answer(429, """{"error":{"code":"SubscriptionRequestsThrottled","message":"slow down"}}""", ("Retry-After", "7")).Answer(202, null, ("Location", "https://arm.test/result/1"))
            .Answer(429, null).Answer(200, "{}");
        var observer = new RecordingObserver();
        var gateway = _fixture.Create();

        await _fixture.Time.DriveAsync(DrWork.RunAsync(observer, async () =>
        {
            await gateway.WriteAsync(HttpMethod.Patch, Server, "2025-08-01", new { }, CancellationToken.None);
            await gateway.GetAsync(Server, "2025-08-01", CancellationToken.None);
        }));

        Assert.Equal(
            [$"Azure answered HTTP 429 (SubscriptionRequestsThrottled) to PATCH {Server}: trying again in 7 s, as it asked.", $"Azure answered HTTP 429 (Http429) to GET {Server}: trying again in 0.2 s."],
            observer.Details);
        Assert.Null(DrWork.Observer);
    }

    [Fact]
    public async Task WriteAsync_ServerBusyThenAccepted_SendsTwice()
    {
        Http.Answer(409, Busy).Answer(202, null, ("Location", "https://arm.test/result/1"));
        var accepted = await PatchAsync();
        Assert.Equal(2, Http.Sent.Count);
        Assert.Equal("https://arm.test/result/1", accepted.OperationUrl);
    }

    [Fact]
    public async Task WriteAsync_BusyBeyondBudget_IsServerBusy()
    {
        Http.Answer(409, Busy);
        var failure = await Assert.ThrowsAsync<DrException>(() => PatchAsync());
        Assert.Equal(("HfServerBusy", DrErrorKind.ResourceBusy), (failure.ErrorId, failure.Kind));
        Assert.True(Http.Sent.Count > 3);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    public async Task WriteAsync_ServerError_SendsOnceAndOutcomeIsUnknown(int status)
    {
        Http.Answer(status, """{"error":{"code":"InternalServerError","message":"boom"}}""").Answer(202);
        var failure = await Assert.ThrowsAsync<DrException>(() => PatchAsync());
        Assert.Equal(("HfOutcomeUnknown", DrErrorKind.OperationFailed), (failure.ErrorId, failure.Kind));
        Assert.Contains("InternalServerError", failure.Message, StringComparison.Ordinal);
        Assert.Single(Http.Sent);
    }

    [Fact]
    public async Task WriteAsync_ResponseLost_SendsOnceAndOutcomeIsUnknown()
    {
        Http.Fail(new HttpRequestException(HttpRequestError.ResponseEnded, "The response ended prematurely.")).Answer(202);
        var failure = await Assert.ThrowsAsync<DrException>(() => PatchAsync());
        Assert.Equal("HfOutcomeUnknown", failure.ErrorId);
        Assert.Single(Http.Sent);
    }

    /// <summary>HttpClient lets through unwrapped what befalls a connection right after it was made.</summary>
    [Fact]
    public async Task WriteAsync_ConnectionResetRightAfterItWasMade_SendsOnceAndOutcomeIsUnknown()
    {
        Http.Fail(new SocketException((int)SocketError.NotConnected)).Answer(202);
        var failure = await Assert.ThrowsAsync<DrException>(() => PatchAsync());
        Assert.Equal("HfOutcomeUnknown", failure.ErrorId);
        Assert.Single(Http.Sent);
    }

    [Fact]
    public async Task GetAsync_ConnectionResetRightAfterItWasMade_IsRepeated()
    {
        Http.Fail(new SocketException((int)SocketError.NotConnected)).Answer(200, """{"a":1}""");
        var document = await _fixture.Time.DriveAsync(_fixture.Create().GetAsync(Server, "v", CancellationToken.None));
        Assert.Equal(1, document.GetProperty("a").GetInt32());
        Assert.Equal(2, Http.Sent.Count);
    }

    [Fact]
    public async Task WriteAsync_ConnectionRefused_IsUnreachable()
    {
        Http.Fail(new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused")).Answer(202);
        var failure = await Assert.ThrowsAsync<DrException>(() => PatchAsync());
        Assert.Equal(("HfArmUnreachable", true), (failure.ErrorId, failure.EndsPipeline));
        Assert.Single(Http.Sent);
    }

    private const string ScopeLocked = """{"error":{"code":"ScopeLocked","message":"The scope cannot perform write operation because following scope(s) are locked."}}""";

    [Theory]
    [InlineData("/subscriptions/s/resourceGroups/g", 0)]
    [InlineData("/subscriptions/s", 280)]
    [InlineData(Server, 0)]
    public async Task WriteAsync_LockThatWasTakenAwayStillRefuses_IsTriedAgain(string scope, double secondsAgo)
    {
        Http.Answer(409, ScopeLocked).Answer(409, ScopeLocked).Answer(202, null, ("Location", "https://arm.test/result/1"));
        var gateway = _fixture.Create();
        gateway.Lifted(scope, _fixture.Time.GetUtcNow().AddSeconds(-secondsAgo));

        await _fixture.Time.DriveAsync(gateway.WriteAsync(HttpMethod.Patch, Server, "2025-08-01", new { }, CancellationToken.None));

        Assert.Equal(3, Http.Sent.Count);
    }

    [Fact]
    public async Task WriteAsync_LockThatWasTakenAwayGoesOnRefusing_EndsAfterAMinute()
    {
        Http.Answer(409, ScopeLocked);
        var gateway = _fixture.Create();
        gateway.Lifted(Server, _fixture.Time.GetUtcNow());
        var began = _fixture.Time.GetUtcNow();

        var failure = await Assert.ThrowsAsync<DrException>(() => _fixture.Time.DriveAsync(gateway.WriteAsync(HttpMethod.Patch, Server, "2025-08-01", new { }, CancellationToken.None)));

        Assert.Equal("HfAzureRefused", failure.ErrorId);
        Assert.Contains("Unlock-HfResource", failure.NextStep, StringComparison.Ordinal);
        Assert.InRange((_fixture.Time.GetUtcNow() - began).TotalSeconds, 20, 61);
    }

    [Theory]
    [InlineData("/subscriptions/s/resourceGroups/other", 0, false)]
    [InlineData("/subscriptions/s/resourceGroups/g", 301, false)]
    [InlineData("/subscriptions/s/resourceGroups/g", 0, true)]
    public async Task WriteAsync_LockThatStands_IsRefusedAtOnce(string scope, double secondsAgo, bool lockedAgain)
    {
        Http.Answer(409, ScopeLocked);
        var gateway = _fixture.Create();
        gateway.Lifted(scope, _fixture.Time.GetUtcNow().AddSeconds(-secondsAgo));
        if (lockedAgain) gateway.Locked(scope);

        await Assert.ThrowsAsync<DrException>(() => _fixture.Time.DriveAsync(gateway.WriteAsync(HttpMethod.Patch, Server, "2025-08-01", new { }, CancellationToken.None)));

        Assert.Single(Http.Sent);
    }

    [Theory]
    [InlineData(409, "ScopeLocked", "HfAzureRefused", DrErrorKind.OperationFailed)]
    [InlineData(400, "MissingRequiredParameter", "HfAzureRefused", DrErrorKind.OperationFailed)]
    [InlineData(403, "AuthorizationFailed", "HfPermissionDenied", DrErrorKind.PermissionDenied)]
    [InlineData(403, "RequestDisallowedByPolicy", "HfAzureRefused", DrErrorKind.OperationFailed)]
    [InlineData(404, "ResourceNotFound", "HfResourceNotFound", DrErrorKind.NotFound)]
    public async Task WriteAsync_Refused_SendsOnceAndTellsAzuresCode(int status, string code, string id, DrErrorKind kind)
    {
        Http.Answer(status, $$$"""{"error":{"code":"{{{code}}}","message":"why","details":[{"code":"D","message":"more"}]}}""").Answer(200);
        var failure = await Assert.ThrowsAsync<DrException>(() => PatchAsync());
        Assert.Equal((id, kind), (failure.ErrorId, failure.Kind));
        Assert.Contains(code, failure.Message, StringComparison.Ordinal);
        Assert.Contains("more", failure.Message, StringComparison.Ordinal);
        Assert.Equal(Server, failure.Target);
        Assert.NotNull(failure.NextStep);
        Assert.Single(Http.Sent);
    }

    [Fact]
    public async Task WriteAsync_Always_SendsBodyVersionAndTokenOfTheScope()
    {
        Http.Answer(200, """{"id":"x"}""", ("Location", "https://arm.test/not-an-operation"));
        var accepted = await PatchAsync();
        var sent = Assert.Single(Http.Sent);
        Assert.Equal(("PATCH", $"https://arm.test{Server}?api-version=2025-08-01", """{"properties":{"x":1}}""", "Bearer token-of-the-test"), (sent.Method, sent.Url, sent.Body, sent.Authorization));
        Assert.Equal(["https://management.azure.com/.default"], _fixture.Credential.Scopes.Distinct());
        Assert.Null(accepted.OperationUrl);
        Assert.Equal("x", accepted.Body!.Value.GetProperty("id").GetString());
    }

    [Fact]
    public async Task GetAsync_TwoServerErrors_IsRepeated()
    {
        Http.Answer(503).Answer(502).Answer(200, """{"a":1}""");
        var document = await _fixture.Time.DriveAsync(_fixture.Create().GetAsync(Server, "v", CancellationToken.None));
        Assert.Equal(1, document.GetProperty("a").GetInt32());
        Assert.Equal(3, Http.Sent.Count);
    }

    [Fact]
    public async Task GetAsync_RegionInOutage_GivesUpAfterThree()
    {
        Http.Answer(503, """{"error":{"code":"ServiceUnavailable","message":"down"}}""");
        var failure = await Assert.ThrowsAsync<DrException>(() => _fixture.Time.DriveAsync(_fixture.Create().GetAsync(Server, "v", CancellationToken.None)));
        Assert.Equal(("HfArmUnavailable", false), (failure.ErrorId, failure.EndsPipeline));
        Assert.Equal(3, Http.Sent.Count);
    }

    [Fact]
    public async Task GetAsync_OutageWithLongRetryAfter_DoesNotWaitForIt()
    {
        Http.Answer(503, null, ("Retry-After", "600"));
        var failure = await Assert.ThrowsAsync<DrException>(() => _fixture.Time.DriveAsync(_fixture.Create().GetAsync(Server, "v", CancellationToken.None)));
        Assert.Equal("HfArmUnavailable", failure.ErrorId);
        Assert.Single(Http.Sent);
    }

    [Fact]
    public async Task GetAsync_ThrottledBeyondBudget_IsThrottled()
    {
        Http.Answer(429, null, ("Retry-After", "50"));
        var failure = await Assert.ThrowsAsync<DrException>(() => _fixture.Time.DriveAsync(_fixture.Create().GetAsync(Server, "v", CancellationToken.None)));
        Assert.Equal("HfThrottled", failure.ErrorId);
        Assert.Equal(2, Http.Sent.Count);
    }

    [Fact]
    public async Task GetAsync_ProxyPage_IsMalformed()
    {
        Http.Answer(200, "<html>hello</html>");
        var failure = await Assert.ThrowsAsync<DrException>(() => _fixture.Create().GetAsync(Server, "v", CancellationToken.None));
        Assert.Equal("HfArmAnswerMalformed", failure.ErrorId);
    }

    [Fact]
    public async Task TryGetAsync_NotFound_IsNull()
    {
        Http.Answer(404, """{"error":{"code":"ResourceNotFound","message":"no"}}""");
        Assert.Null(await _fixture.Create().TryGetAsync(Server, "v", CancellationToken.None));
    }

    [Fact]
    public async Task GetAsync_Unauthorized_IsSignInFailed()
    {
        Http.Answer(401, """{"error":{"code":"ExpiredAuthenticationToken","message":"expired"}}""");
        var failure = await Assert.ThrowsAsync<DrException>(() => _fixture.Create().GetAsync(Server, "v", CancellationToken.None));
        Assert.Equal(("HfSignInFailed", DrErrorKind.AuthenticationFailed), (failure.ErrorId, failure.Kind));
    }

    [Fact]
    public async Task GetAsync_Canceled_IsCanceledNotUnreachable()
    {
        Http.Answer(200, "{}");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _fixture.Create().GetAsync(Server, "v", new CancellationToken(true)));
    }

    [Fact]
    public async Task ListAsync_NextLink_IsFollowedToTheLetter()
    {
        const string Next = "https://arm.test/subscriptions/s/resources?api-version=2020-01-01&$skiptoken=a%2Bb%7e%20c";
        Http.Answer(200, $$"""{"value":[{"n":1},{"n":2}],"nextLink":"{{Next}}"}""").Answer(200, """{"value":[{"n":3}]}""");
        var items = await _fixture.Create().ListAsync("/subscriptions/s/resources?$filter=a", "v", CancellationToken.None);
        Assert.Equal([1, 2, 3], items.Select(i => i.GetProperty("n").GetInt32()));
        Assert.Equal(["https://arm.test/subscriptions/s/resources?$filter=a&api-version=v", Next], Http.Sent.Select(s => s.Url));
    }

    [Fact]
    public async Task ListAsync_NextLinkOfAnotherHost_GetsNoToken()
    {
        Http.Answer(200, """{"value":[],"nextLink":"https://evil.test/x"}""");
        var failure = await Assert.ThrowsAsync<DrException>(() => _fixture.Create().ListAsync("/x", "v", CancellationToken.None));
        Assert.Equal("HfOperationUrlForeign", failure.ErrorId);
        Assert.Single(Http.Sent);
    }
}
