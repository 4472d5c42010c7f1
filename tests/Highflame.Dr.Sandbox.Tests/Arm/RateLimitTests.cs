using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Tests.Arm;

public sealed class RateLimitTests : IAsyncLifetime
{
    private RunningSandbox _arm = null!;

    public async Task InitializeAsync() => _arm = await RunningSandbox.StartAsync();

    public async Task DisposeAsync() => await _arm.DisposeAsync();

    [Fact]
    public async Task Reads_BeyondTheBucket_Get429UntilItRefills()
    {
        await ThrottleAsync();
        Assert.Equal("249", (await ReadAsync()).Header("x-ms-ratelimit-remaining-subscription-reads"));
        await ReadAsync(249);
        var refused = await ReadAsync();
        Assert.Equal((429, "SubscriptionRequestsThrottled", "1"), (refused.Status, refused.Code, refused.Header("Retry-After")));
        Assert.Equal("0", refused.Header("x-ms-ratelimit-remaining-subscription-reads"));

        _arm.Time.Advance(TimeSpan.FromSeconds(1));
        var served = await ReadAsync();
        Assert.Equal((200, "24"), (served.Status, served.Header("x-ms-ratelimit-remaining-subscription-reads")));
        _arm.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("249", (await ReadAsync()).Header("x-ms-ratelimit-remaining-subscription-reads"));
    }

    [Fact]
    public async Task Writes_BeyondTheBucket_DoNotTouchReadsAndDeletes()
    {
        await ThrottleAsync();
        for (var i = 0; i < 200; i++) Assert.Equal(200, (await WriteAsync()).Status);
        Assert.Equal(429, (await WriteAsync()).Status);
        Assert.Equal(200, (await ReadAsync()).Status);
        Assert.Equal("199", (await _arm.SendAsync("DELETE", $"{_arm.Subscription}/resourceGroups/highflame-prod-rg/providers/Microsoft.KeyVault/vaults/none", null, "2026-02-01")).Header("x-ms-ratelimit-remaining-subscription-deletes"));
        _arm.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("9", (await WriteAsync()).Header("x-ms-ratelimit-remaining-subscription-writes"));
    }

    [Fact]
    public async Task RetryAfter_Ignored_GrowsAndEndsWhenItIsKept()
    {
        await ThrottleAsync();
        await ReadAsync(251);
        var waits = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            _arm.Time.Advance(TimeSpan.FromSeconds(0.5));
            waits.Add((await ReadAsync()).Header("Retry-After"));
        }

        Assert.Equal(["2", "4", "8", "16", "32", "60", "60"], waits);
        _arm.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(200, (await ReadAsync()).Status);
    }

    [Fact]
    public async Task RetryAfter_RequestsUnderWayTogether_AreNoImpatience()
    {
        await ThrottleAsync();
        await ReadAsync(251);
        Assert.Equal("1", (await ReadAsync(5)).Header("Retry-After"));
    }

    [Fact]
    public async Task Throttling_Off_CountsButNeverRefuses()
    {
        await ReadAsync(300);
        var answer = await ReadAsync();
        Assert.Equal((200, "0"), (answer.Status, answer.Header("x-ms-ratelimit-remaining-subscription-reads")));
    }

    [Fact]
    public async Task Tenant_Requests_HaveABucketOfTheirOwn()
    {
        var answer = await _arm.GetAsync("/subscriptions", "2022-12-01");
        Assert.Equal(("249", "3749"), (answer.Header("x-ms-ratelimit-remaining-tenant-reads"), answer.Header("x-ms-ratelimit-remaining-tenant-global-reads")));
    }

    private Task ThrottleAsync() => File.WriteAllTextAsync(Path.Combine(_arm.Root, "behaviour.json"), """{"throttling":true}""");

    private async Task<Answer> ReadAsync(int times = 1)
    {
        for (var i = 1; i < times; i++) await _arm.GetAsync(_arm.Subscription, "2022-12-01");
        return await _arm.GetAsync(_arm.Subscription, "2022-12-01");
    }

    private Task<Answer> WriteAsync() => _arm.SendAsync("POST", $"{_arm.Subscription}/providers/Microsoft.Network/register", null, "2022-09-01");
}
