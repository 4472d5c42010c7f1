using System.Net;
using System.Text.Json;
using Highflame.Dr.Engine.Http;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Health;
using Highflame.Dr.Topology;
using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Engine.Tests.Http;

public sealed class HealthTestTests
{
    private const string Healthy = """{"region":"westus","server":"r","role":"Primary"}""";
    private readonly FakeTimeProvider _time = new(Seen.At);
    private readonly Application _application = new();
    private readonly RecordingObserver _observer = new();

    private async Task<HealthVerdict> RunAsync(double wait = 0, bool function = false)
    {
        using var client = new ApplicationClient(new Uri("https://app.test"), _application, TimeSpan.FromSeconds(5), _time);
        var health = new PairHealth { FunctionPath = "/v1/entries", Consecutive = 3 };
        return await _time.DriveAsync(new HealthTest(client, health, _time, _observer)
            .RunAsync(HealthPath.Gateway, "https://app.test/healthz", new(200, "westus", DbRole.Primary), function, TimeSpan.FromSeconds(wait), CancellationToken.None));
    }

    [Fact]
    public async Task RunAsync_HealthyThreeTimes_IsHealthyAfterExactlyThree()
    {
        var verdict = await RunAsync();

        Assert.True(verdict.Healthy);
        Assert.Equal((3, "westus", "r", DbRole.Primary, 200), (verdict.Probes.Length, verdict.Region, verdict.Server, verdict.Role, verdict.StatusCode));
        Assert.Null(verdict.FunctionIntact);
    }

    [Fact]
    public async Task RunAsync_UnhealthyThreeTimes_SaysWhyWithoutWaiting()
    {
        _application.Health = _ => (503, """{"reason":"no database"}""");

        var verdict = await RunAsync();

        Assert.False(verdict.Healthy);
        Assert.Equal(("status 503 instead of 200: no database", 3), (verdict.Reason, verdict.Probes.Length));
    }

    [Fact]
    public async Task RunAsync_OneBadProbe_StartsTheCountAgain()
    {
        _application.Health = n => n == 2 ? (503, "") : (200, Healthy);

        var verdict = await RunAsync();

        Assert.True(verdict.Healthy);
        Assert.Equal(5, verdict.Probes.Length);
    }

    [Fact]
    public async Task RunAsync_NeverAgrees_IsNotHealthyAfterThreeTimesTheProbes()
    {
        _application.Health = n => n % 2 == 0 ? (503, "") : (200, Healthy);

        var verdict = await RunAsync();

        Assert.False(verdict.Healthy);
        Assert.Equal(9, verdict.Probes.Length);
        Assert.NotNull(verdict.Reason);
    }

    [Fact]
    public async Task RunAsync_Waiting_GoesOnUntilTheOtherRegionServes()
    {
        _application.Health = n => n < 30 ? (200, """{"region":"eastus","server":"p","role":"Primary"}""") : (200, Healthy);

        var verdict = await RunAsync(wait: 300);

        Assert.True(verdict.Healthy);
        Assert.Equal(20, verdict.Probes.Length);
        Assert.Contains(_observer.Reports, r => r.Status == "served by eastus instead of westus");
    }

    [Fact]
    public async Task RunAsync_WaitedLongEnough_IsNotHealthy()
    {
        _application.Health = _ => (503, "");
        var started = _time.GetUtcNow();

        Assert.False((await RunAsync(wait: 20)).Healthy);
        Assert.True(_time.GetUtcNow() - started >= TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task RunAsync_NoConnection_IsAFailedProbeNotAnError()
    {
        _application.Health = _ => throw new HttpRequestException("Connection refused");

        var verdict = await RunAsync();

        Assert.Equal((false, "Connection refused", null), (verdict.Healthy, verdict.Reason, verdict.StatusCode));
    }

    [Fact]
    public async Task RunAsync_Function_WritesAnEntryAndReadsTheSameBack()
    {
        var verdict = await RunAsync(function: true);

        Assert.True(verdict.Healthy);
        Assert.True(verdict.FunctionIntact);
        Assert.Single(_application.Entries);
    }

    [Theory]
    [InlineData("POST", 503, "", "could not write: status 503")]
    [InlineData("GET", 404, "", "could not read its entry back: status 404")]
    [InlineData("GET", 200, """{"id":"other","value":"other"}""", "read back something else")]
    [InlineData("GET", 200, "<html>", "read back something else")]
    [InlineData("GET", 200, "{}", "read back something else")]
    public async Task RunAsync_FunctionBroken_IsNotHealthyThoughTheHealthPageIs(string method, int status, string body, string reason)
    {
        _application.Function = asked => asked == method ? (status, body) : null;

        var verdict = await RunAsync(function: true);

        Assert.Equal((false, false), (verdict.Healthy, verdict.FunctionIntact!.Value));
        Assert.Contains(reason, verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_FunctionBrokenForAWhile_IsTriedAgainWhileThereIsTime()
    {
        var tries = 0;
        _application.Function = method => method == "POST" && tries++ < 3 ? (503, "") : null;

        Assert.True((await RunAsync(wait: 60, function: true)).FunctionIntact);
        Assert.Equal(4, tries);
    }

    /// <summary>An application whose health and whose entries a test may spoil.</summary>
    private sealed class Application : HttpMessageHandler
    {
        private int _probes;

        public Func<int, (int Status, string Body)> Health { get; set; } = _ => (200, Healthy);

        public Func<string, (int Status, string Body)?> Function { get; set; } = _ => null;

        public Dictionary<string, string> Entries { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var (status, body) = request.RequestUri!.AbsolutePath == "/healthz" ? Health(++_probes) : Function(request.Method.Method) ?? await EntryAsync(request);
            return new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body) };
        }

        private async Task<(int, string)> EntryAsync(HttpRequestMessage request)
        {
            if (request.Method == HttpMethod.Get) return (200, Entries[request.RequestUri!.Segments[^1]]);
            var entry = await request.Content!.ReadAsStringAsync();
            Entries[JsonDocument.Parse(entry).RootElement.GetProperty("id").GetString()!] = entry;
            return (200, "{}");
        }
    }
}
