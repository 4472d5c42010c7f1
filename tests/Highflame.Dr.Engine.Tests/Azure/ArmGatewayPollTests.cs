using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Execution;

namespace Highflame.Dr.Engine.Tests.Azure;

public sealed class ArmGatewayPollTests
{
    private const string Operation = "https://arm.test/subscriptions/s/providers/p/locations/Canada%20Central/azureAsyncOperation/1?api-version=2025-06-01-preview";
    private readonly GatewayFixture _fixture = new();

    private Task<ArmPoll> PollAsync(string url = Operation) => _fixture.Time.DriveAsync(_fixture.Create().PollAsync(url, CancellationToken.None));

    [Fact]
    public async Task PollAsync_DocumentInProgress_IsPendingWithRetryAfter()
    {
        _fixture.Http.Answer(200, """{"name":"1","status":"InProgress"}""", ("Retry-After", "16"));
        Assert.Equal(new ArmPoll(StepOutcome.Pending, "InProgress", null, null, TimeSpan.FromSeconds(16)), await PollAsync());
    }

    [Theory]
    [InlineData("Succeeded")]
    [InlineData("succeeded")]
    public async Task PollAsync_DocumentSucceeded_IsSucceeded(string status)
    {
        _fixture.Http.Answer(200, $$"""{"status":"{{status}}"}""");
        Assert.Equal(StepOutcome.Succeeded, (await PollAsync()).Outcome);
    }

    [Fact]
    public async Task PollAsync_FailedWithHttp200_IsFailedWithAzuresWords()
    {
        _fixture.Http.Answer(200, """{"status":"Failed","error":{"code":"ServerIsNotReady","message":"Current Server State = Updating"}}""");
        Assert.Equal(new ArmPoll(StepOutcome.Failed, "Failed", "ServerIsNotReady", "Current Server State = Updating", null), await PollAsync());
    }

    [Fact]
    public async Task PollAsync_Canceled_IsFailedAsCanceled()
    {
        _fixture.Http.Answer(200, """{"status":"Canceled"}""");
        var poll = await PollAsync();
        Assert.Equal((StepOutcome.Failed, "Canceled", "OperationCanceled"), (poll.Outcome, poll.Status, poll.ErrorCode));
    }

    [Theory]
    [InlineData(202, null, StepOutcome.Pending)]
    [InlineData(204, null, StepOutcome.Succeeded)]
    [InlineData(200, """{"id":"/x","properties":{"state":"Ready"}}""", StepOutcome.Succeeded)]
    [InlineData(404, """{"error":{"code":"NotFound","message":"gone"}}""", StepOutcome.Unknown)]
    [InlineData(400, """{"error":{"code":"BadRequest","message":"no"}}""", StepOutcome.Failed)]
    public async Task PollAsync_LocationStyle_FollowsTheStatus(int status, string? body, StepOutcome expected)
    {
        _fixture.Http.Answer(status, body);
        Assert.Equal(expected, (await PollAsync()).Outcome);
    }

    [Fact]
    public async Task PollAsync_LongSignedUrl_IsSentToTheLetter()
    {
        var url = $"{Operation}&t=638&c=MII{new string('A', 4500)}&s=a%2Fb%2fc%7E~%41-_.!*'()&h=Zm9v%3d%3D";
        _fixture.Http.Answer(200, """{"status":"InProgress"}""");
        await PollAsync(url);
        Assert.Equal(url, Assert.Single(_fixture.Http.Sent).Url);
    }

    [Theory]
    [InlineData("https://evil.test/op")]
    [InlineData("http://arm.test/op")]
    [InlineData("https://arm.test:8443/op")]
    [InlineData("https://arm.test.evil.test/op")]
    [InlineData("/op")]
    public async Task PollAsync_UrlOfAnotherPlace_SendsNothing(string url)
    {
        var failure = await Assert.ThrowsAsync<DrException>(() => PollAsync(url));
        Assert.Equal("HfOperationUrlForeign", failure.ErrorId);
        Assert.Empty(_fixture.Http.Sent);
    }

    [Fact]
    public async Task PollAsync_RegionalHost_IsArmToo()
    {
        _fixture.Http.Answer(200, """{"status":"InProgress"}""");
        await PollAsync("https://eastus.arm.test/op");
        Assert.Equal("https://eastus.arm.test/op", Assert.Single(_fixture.Http.Sent).Url);
    }
}
