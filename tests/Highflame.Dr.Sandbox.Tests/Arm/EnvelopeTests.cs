using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Tests.Arm;

/// <summary>What every ARM call shares: api-version, tokens, headers, ids, errors.</summary>
public sealed class EnvelopeTests : IAsyncLifetime
{
    private RunningSandbox _arm = null!;

    public async Task InitializeAsync() => _arm = await RunningSandbox.StartAsync();

    public Task DisposeAsync() => _arm.DisposeAsync().AsTask();

    [Theory]
    [InlineData("/subscriptions", null, 400, "MissingApiVersionParameter")]
    [InlineData("/subscriptions", "banana", 400, "InvalidApiVersionParameter")]
    [InlineData("/subscriptions", "1999-01-01", 400, "InvalidApiVersionParameter")]
    [InlineData("{primary}", "2020-01-01", 400, "NoRegisteredProviderFound")]
    [InlineData("{subscription}/providers/Microsoft.Nothing/things", "2022-01-01", 404, "InvalidResourceNamespace")]
    [InlineData("{subscription}/providers/Microsoft.Network/things", "2024-05-01", 404, "InvalidResourceType")]
    [InlineData("/subscriptions/00000000-0000-0000-0000-000000000000", "2022-12-01", 404, "SubscriptionNotFound")]
    [InlineData("{subscription}/resourceGroups/nope", "2022-09-01", 404, "ResourceGroupNotFound")]
    [InlineData("{subscription}/resourceGroups/nope/providers/Microsoft.Network/virtualNetworks/x", "2024-05-01", 404, "ResourceGroupNotFound")]
    [InlineData("{subscription}/resourceGroups/highflame-prod-rg/providers/Microsoft.DBforPostgreSQL/flexibleServers/nope", "2025-08-01", 404, "ResourceNotFound")]
    [InlineData("{primary}/configurations/nope", "2025-08-01", 404, "ResourceNotFound")]
    public async Task Get_WhatAzureRefuses_HasAzuresStatusAndCode(string path, string? version, int status, string code)
    {
        var answer = await _arm.GetAsync(Fill(path), version);
        Assert.Equal((status, code), (answer.Status, answer.Code));
        Assert.False(string.IsNullOrEmpty(answer.Body.Text("error.message")));
    }

    [Theory]
    [InlineData("2016-09-01")]
    [InlineData("2020-09-01x")]
    [InlineData("2022-09-01")]
    [InlineData("2025-04-01")]
    public async Task Get_GroupWithVersionsOfTheSdk_IsAnswered(string version)
    {
        var answer = await _arm.GetAsync($"{_arm.Subscription}/resourceGroups/highflame-prod-rg", version);
        Assert.Equal(version.EndsWith('x') ? 400 : 200, answer.Status);
    }

    [Fact]
    public async Task Get_AnyCall_CarriesRequestIdsAndEchoesTheClients()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_arm.Sandbox.Arm.OriginalString}{_arm.Subscription}?api-version=2022-12-01");
        request.Headers.Authorization = new("Bearer", await _arm.TokenAsync());
        request.Headers.Add("x-ms-client-request-id", "abc");
        request.Headers.Add("x-ms-return-client-request-id", "true");
        using var response = await _arm.Http.SendAsync(request);
        Assert.Equal("abc", response.Headers.GetValues("x-ms-client-request-id").Single());
        foreach (var name in (string[])["x-ms-request-id", "x-ms-correlation-request-id", "x-ms-routing-request-id", "x-ms-ratelimit-remaining-subscription-reads", "Strict-Transport-Security"])
            Assert.True(response.Headers.Contains(name), name);
    }

    [Fact]
    public async Task Get_PathInAnotherCase_FindsTheResource()
    {
        var answer = await _arm.GetAsync(_arm.Primary.ToUpperInvariant().Replace("/SUBSCRIPTIONS", "/subscriptions", StringComparison.Ordinal));
        Assert.Equal(200, answer.Status);
        Assert.Equal(_arm.Primary, answer.Body.Text("id"));
        Assert.Equal("Microsoft.DBforPostgreSQL/flexibleServers", answer.Body.Text("type"));
    }

    [Theory]
    [InlineData("", 401, "InvalidAuthenticationToken")]
    [InlineData("not-a-token", 401, "InvalidAuthenticationToken")]
    [InlineData("a.b.c", 401, "InvalidAuthenticationToken")]
    public async Task Get_MalformedToken_IsRefusedWithChallenge(string token, int status, string code)
    {
        var answer = await _arm.SendAsync("GET", "/subscriptions", null, "2022-12-01", token.Length == 0 ? "x" : token);
        Assert.Equal((status, code), (answer.Status, answer.Code));
        Assert.Contains("authorization_uri=", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_WithoutToken_IsRefusedWithChallenge()
    {
        using var response = await _arm.Http.GetAsync(new Uri($"{_arm.Sandbox.Arm.OriginalString}/subscriptions?api-version=2022-12-01"));
        Assert.Equal(401, (int)response.StatusCode);
        Assert.Equal("AuthenticationFailed", JsonNode.Parse(await response.Content.ReadAsStringAsync()).Text("error.code"));
        Assert.NotEmpty(response.Headers.WwwAuthenticate);
    }

    [Fact]
    public async Task Get_TokenOfAnotherAuthority_IsRefused()
    {
        await using var other = await RunningSandbox.StartAsync();
        var answer = await _arm.SendAsync("GET", "/subscriptions", null, "2022-12-01", await other.TokenAsync());
        Assert.Equal((401, "InvalidAuthenticationToken"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Get_TokenForAnotherAudience_IsRefused()
    {
        var answer = await _arm.SendAsync("GET", "/subscriptions", null, "2022-12-01", await _arm.TokenAsync("https://vault.azure.net/.default"));
        Assert.Equal((401, "InvalidAuthenticationTokenAudience"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Get_ExpiredToken_IsRefused()
    {
        var token = await _arm.TokenAsync();
        Assert.Equal(200, (await _arm.SendAsync("GET", "/subscriptions", null, "2022-12-01", token)).Status);
        _arm.Time.Advance(TimeSpan.FromMinutes(61));
        var answer = await _arm.SendAsync("GET", "/subscriptions", null, "2022-12-01", token);
        Assert.Equal((401, "ExpiredAuthenticationToken"), (answer.Status, answer.Code));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"properties\":{\"replica\":{\"promoteMode\":7}}}")]
    [InlineData("{\"properties\":{\"replica\":\"forced\"}}")]
    [InlineData("{\"properties\":{\"repilca\":{}}}")]
    [InlineData("{\"tags\":{\"a\":1}}")]
    [InlineData("{\"identity\":{}}")]
    public async Task Patch_BodyAgainstMicrosoftsSchema_IsRefusedAndChangesNothing(string body)
    {
        var answer = await _arm.SendAsync("PATCH", _arm.Replica, body);
        Assert.Equal((400, "InvalidRequestContent"), (answer.Status, answer.Code));
        Assert.Empty(_arm.Fleet.Calls);
    }

    [Fact]
    public async Task RequestLog_EveryCall_IsKeptWithoutQueryAndSecrets()
    {
        await _arm.GetAsync(_arm.Primary);
        await _arm.SendAsync("PATCH", _arm.Replica, "{", V);
        var log = (await _arm.ControlAsync("GET", "/requests")).Body!.AsArray();
        Assert.Equal(["GET", "PATCH"], log.Select(l => l.Text("method")));
        Assert.Equal([200, 400], log.Select(l => (int)l!["status"]!));
        Assert.Equal(_arm.Sandbox.Identity.ClientId, log[0].Text("principal"));
        Assert.Single((await _arm.ControlAsync("GET", "/requests?after=1")).Body!.AsArray());
        await using var stream = new FileStream(Path.Combine(_arm.Root, "logs", "arm-requests.jsonl"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        var text = await reader.ReadToEndAsync();
        Assert.Equal(2, text.Trim().Split('\n').Length);
        Assert.DoesNotContain("api-version", text, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", text, StringComparison.Ordinal);
    }

    private const string V = RunningSandbox.V;

    private string Fill(string path) => path.Replace("{subscription}", _arm.Subscription, StringComparison.Ordinal).Replace("{primary}", _arm.Primary, StringComparison.Ordinal);
}
