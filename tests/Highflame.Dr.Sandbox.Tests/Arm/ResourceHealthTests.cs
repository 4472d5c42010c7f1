using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Tests.Arm;

/// <summary>Microsoft.ResourceHealth, and the place outside both regions.</summary>
public sealed class ResourceHealthTests : IAsyncLifetime
{
    private const string V = "2025-05-01";
    private const string Statuses = "/providers/Microsoft.ResourceHealth/availabilityStatuses";
    private RunningSandbox _arm = null!;

    public async Task InitializeAsync() => _arm = await RunningSandbox.StartAsync(timeScale: 1);

    public Task DisposeAsync() => _arm.DisposeAsync().AsTask();

    private string Group => $"{_arm.Subscription}/resourceGroups/highflame-prod-rg";

    [Fact]
    public async Task List_OfAGroup_HasTheShapeOfMicrosoftsExample()
    {
        var list = (await _arm.GetAsync(Group + Statuses, V)).Body!["value"]!.AsArray();

        Assert.Contains(list, s => s.Text("id") == $"{_arm.Primary}/providers/Microsoft.ResourceHealth/availabilityStatuses/current");
        Assert.All(list, s =>
        {
            Assert.StartsWith(Group, s.Text("id"), StringComparison.Ordinal);
            Assert.Equal(("current", "Microsoft.ResourceHealth/AvailabilityStatuses", "eastus"), (s.Text("name"), s.Text("type"), s.Text("location")));
            foreach (var member in new[] { "availabilityState", "title", "summary", "reasonChronicity", "occuredTime", "reportedTime" }) Assert.True(s.Text($"properties.{member}") is { Length: > 0 }, member);
            Assert.Equal("Available", s.Text("properties.availabilityState"));
        });
        Assert.Equal(2 * list.Count, (await _arm.GetAsync(_arm.Subscription + Statuses, V)).Body!["value"]!.AsArray().Count);
    }

    [Fact]
    public async Task Status_DatabaseCrashed_IsUnavailableByThePlatform()
    {
        await _arm.Sandbox.Parts.Databases.CrashAsync("highflame-prod-postgres", CancellationToken.None);

        var status = (await _arm.GetAsync($"{_arm.Primary}{Statuses}/current", V)).Body;

        Assert.Equal(("Unavailable", "Unplanned", "Platform Initiated"), (status.Text("properties.availabilityState"), status.Text("properties.reasonType"), status.Text("properties.context")));
    }

    [Fact]
    public async Task Status_ServerStopped_IsUnavailableByTheCustomer()
    {
        await using var arm = await RunningSandbox.StartAsync();
        await arm.EndAsync(await arm.SendAsync("POST", $"{arm.Primary}/stop"));

        Assert.Equal("Customer Initiated", (await arm.GetAsync($"{arm.Primary}{Statuses}/current", V)).Body.Text("properties.context"));
    }

    [Fact]
    public async Task Status_RegionLost_IsToldLateAndAnsweredAllTheSame()
    {
        _arm.Sandbox.Faults.SetLost("eastus", true, _arm.Time.GetUtcNow());
        Assert.Equal(503, (await _arm.GetAsync(_arm.Primary)).Status);
        Assert.Equal("Available", await StateAsync());

        _arm.Time.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal("Unavailable", await StateAsync());
        Assert.Equal("Available", (await _arm.GetAsync($"{_arm.Replica}{Statuses}/current", V)).Body.Text("properties.availabilityState"));

        async Task<string?> StateAsync() => (await _arm.GetAsync($"{_arm.Primary}{Statuses}/current", V)).Body.Text("properties.availabilityState");
    }

    [Theory]
    [InlineData("/virtualNetworks/highflame-prod-vnet", "Microsoft.Network", 400)]
    [InlineData("/flexibleServers/nobody", "Microsoft.DBforPostgreSQL", 404)]
    public async Task Status_OfWhatHasNone_IsRefused(string resource, string provider, int status) =>
        Assert.Equal(status, (await _arm.GetAsync($"{Group}/providers/{provider}{resource}{Statuses}/current", V)).Status);

    [Theory]
    [InlineData("""[{"name":"Microsoft.ApplicationInsights.Event","time":"2026-03-01T12:00:00Z","iKey":"00000000-0000-0000-0000-000000000001","data":{"baseType":"EventData","baseData":{"ver":2,"name":"x"}}}]""", 200, 1)]
    [InlineData("""{"name":"Microsoft.ApplicationInsights.Event","time":"2026-03-01T12:00:00Z","iKey":"no key","data":{"baseType":"EventData","baseData":{"ver":2,"name":"x"}}}""", 400, 0)]
    [InlineData("""{"name":"Microsoft.ApplicationInsights.Event"}""", 400, 0)]
    [InlineData("no JSON", 400, 0)]
    public async Task Track_Envelope_IsTakenOrRefusedAsApplicationInsightsDoes(string body, int status, int accepted)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var answer = await _arm.Http.PostAsync(new Uri($"{_arm.Sandbox.Elsewhere.OriginalString}/v2.1/track"), content);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(accepted, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["itemsAccepted"]!.GetValue<int>());
    }

    [Fact]
    public async Task Vantage_GatewayThatDoesNotAnswer_Is503AndAForeignAddressIsRefused()
    {
        using var dead = await _arm.Http.GetAsync(new Uri($"{_arm.Sandbox.Elsewhere.OriginalString}/vantage?target=127.77.1.1"));
        using var foreign = await _arm.Http.GetAsync(new Uri($"{_arm.Sandbox.Elsewhere.OriginalString}/vantage?target=10.0.0.1"));

        Assert.Equal((503, 400), ((int)dead.StatusCode, (int)foreign.StatusCode));
        Assert.False(JsonNode.Parse(await dead.Content.ReadAsStringAsync())!["healthy"]!.GetValue<bool>());
    }
}
