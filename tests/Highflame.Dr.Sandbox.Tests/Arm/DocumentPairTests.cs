using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Tests.Arm;

/// <summary>Pairs whose databases are documents: Azure's whole state machine, an application that answers for each region, and nothing of one pair in another.</summary>
public sealed class DocumentPairTests : IAsyncLifetime
{
    private RunningSandbox _sandbox = null!;
    private HttpClient _http = null!;

    private string Primary => _sandbox.Server("highflame-02-rg", "highflame-02-postgres");

    private string Replica => _sandbox.Server("highflame-02-dr-rg", "highflame-02-dr-postgres");

    public async Task InitializeAsync()
    {
        _sandbox = await RunningSandbox.StartAsync(pairs: 3);
        _http = new HttpClient(RunningSandbox.Trusting(_sandbox.Certificates.Authority)) { Timeout = TimeSpan.FromSeconds(10) };
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _sandbox.DisposeAsync();
    }

    [Fact]
    public async Task Pairs_EachHasGroupsServersProfileAndNamesOfItsOwn()
    {
        foreach (var pair in (string[])["highflame-02", "highflame-03"])
        {
            var replicas = await _sandbox.GetAsync(_sandbox.Server($"{pair}-rg", $"{pair}-postgres") + "/replicas");
            var replica = Assert.Single(replicas.Body!["value"]!.AsArray());
            Assert.Equal(($"{pair}-dr-postgres", "GeoAsyncReplica", "Active"), (replica.Text("name"), replica.Text("properties.replica.role"), replica.Text("properties.replica.replicationState")));
            var profile = await _sandbox.GetAsync($"{_sandbox.Subscription}/resourceGroups/{pair}-rg/providers/Microsoft.Network/trafficManagerProfiles/{pair}-global", "2022-04-01");
            Assert.Equal($"127.77.11.{int.Parse(pair[^2..], System.Globalization.CultureInfo.InvariantCulture)}", (string?)profile.Body!["properties"]!["endpoints"]![0]!["properties"]!["target"]);
            Assert.Contains($"{pair}-postgres.postgres.database.azure.com", _sandbox.Traffic.Names.Keys);
        }

        var groups = await _sandbox.GetAsync($"{_sandbox.Subscription}/resourcegroups", "2024-03-01");
        Assert.Equal(6, groups.Body!["value"]!.AsArray().Count);
        var vaults = (await _sandbox.GetAsync($"{_sandbox.Subscription}/resources?$filter=resourceType eq 'Microsoft.KeyVault/vaults'", "2024-03-01")).Body!["value"]!.AsArray().Select(v => v.Text("name")!).ToList();
        Assert.Equal(vaults.Count, vaults.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public async Task PairFiles_EachNamesItsOwnRegions()
    {
        SandboxFile.Write(_sandbox.Sandbox);

        var file = JsonNode.Parse(await File.ReadAllTextAsync(_sandbox.Sandbox.Layout.SandboxFile))!;
        Assert.Equal(["highflame-prod-postgres*", "highflame-prod-dr-postgres*"], file["databaseServers"]!.AsArray().Select(s => (string?)s));
        var pairs = file["furtherPairs"]!.AsArray().Select(p => JsonNode.Parse(File.ReadAllText((string)p!))!).ToList();
        Assert.Equal(["highflame-02", "highflame-03"], pairs.Select(p => p.Text("name")));
        Assert.Equal("127.77.12.3", (string?)pairs[1]["regions"]![1]!["gatewayTarget"]);
        Assert.EndsWith("/highflame-03-global", pairs[1].Text("traffic.profileId"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promotion_OfADocument_ChangesItsPairAlone()
    {
        await PromoteAsync("Planned");

        Assert.Equal("None", (await _sandbox.GetAsync(Replica)).Body.Text("properties.replica.role"));
        Assert.Equal("GeoAsyncReplica", (await _sandbox.GetAsync(_sandbox.Server("highflame-03-dr-rg", "highflame-03-dr-postgres"))).Body.Text("properties.replica.role"));
        Assert.Equal("GeoAsyncReplica", (await _sandbox.GetAsync(_sandbox.Replica)).Body.Text("properties.replica.role"));
        Assert.Empty(_sandbox.Fleet.Calls);
    }

    [Fact]
    public async Task Application_WritesWhereTheDatabaseTakesThem_AndReadsThemAfterThePromotion()
    {
        Assert.Equal((200, "eastus", "Primary"), await HealthAsync(11));
        Assert.Equal((200, "westus", "Replica"), await HealthAsync(12));
        Assert.Equal(503, await WriteAsync(12, "one"));
        Assert.Equal(200, await WriteAsync(11, "one"));

        await PromoteAsync("Planned");

        Assert.Equal((200, "westus", "Primary"), await HealthAsync(12));
        Assert.Equal(200, await WriteAsync(12, "two"));
        using var read = await _http.GetAsync(Url(12, "/v1/entries/one"));
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        using var elsewhere = await _http.GetAsync(Url(12, "/v1/entries/one", pair: 3));
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
    }

    [Fact]
    public async Task Fence_ByTheParameter_RefusesWritesAndStaysOutOfANewReplica()
    {
        await _sandbox.EndAsync(await _sandbox.SendAsync("PATCH", Primary + "/configurations/default_transaction_read_only", """{"properties":{"value":"on","source":"user-override"}}"""));
        Assert.Equal(503, await WriteAsync(11, "late"));
        await PromoteAsync("Planned");
        Assert.Equal(200, await WriteAsync(12, "late"));

        await _sandbox.EndAsync(await _sandbox.SendAsync("POST", Primary + "/stop"));
        Assert.Equal(503, (await HealthAsync(11)).Status);
        var built = _sandbox.Server("highflame-02-rg", "highflame-02-postgres-2");
        await _sandbox.EndAsync(await _sandbox.SendAsync("PUT", built, $$"""{ "location": "eastus", "properties": { "createMode": "Replica", "sourceServerResourceId": "{{Replica}}" } }"""));

        Assert.Equal("GeoAsyncReplica", (await _sandbox.GetAsync(built)).Body.Text("properties.replica.role"));
        Assert.Equal("off", (await _sandbox.GetAsync(built + "/configurations/default_transaction_read_only")).Body.Text("properties.value"));
    }

    [Fact]
    public async Task LinkCut_PlannedFails_ForcedLosesWhatWasNotSent()
    {
        Assert.Equal(200, await WriteAsync(11, "sent"));
        await _sandbox.ControlAsync("POST", "/faults", """{"fault":"Link","cut":true}""");
        Assert.Equal(200, await WriteAsync(11, "unsent"));

        Assert.Equal("Failed", (await TryPromoteAsync("Planned")).Text("status"));
        await PromoteAsync("Forced");

        using var sent = await _http.GetAsync(Url(12, "/v1/entries/sent"));
        using var unsent = await _http.GetAsync(Url(12, "/v1/entries/unsent"));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (sent.StatusCode, unsent.StatusCode));
    }

    [Fact]
    public async Task Faults_OfOnePair_LeaveTheOthers()
    {
        await FaultAsync("""{"fault":"HealthFailing","region":"westus","pair":"highflame-02"}""");
        Assert.Equal(503, (await HealthAsync(12)).Status);
        Assert.Equal(200, (await HealthAsync(12, pair: 3)).Status);
        Assert.DoesNotContain(_sandbox.Regions.GetStates(), s => s.HealthFailing);

        await FaultAsync("""{"fault":"GatewayDown","region":"eastus","pair":"highflame-03"}""");
        await Assert.ThrowsAsync<HttpRequestException>(() => _http.GetAsync(Url(11, "/healthz", pair: 3)));
        Assert.Equal(200, (await HealthAsync(11)).Status);

        await FaultAsync("""{"fault":"GatewayUp","region":"eastus","pair":"highflame-03"}""");
        await FaultAsync("""{"fault":"Clear"}""");
        Assert.Equal((200, 200), ((await HealthAsync(12)).Status, (await HealthAsync(11, pair: 3)).Status));
        Assert.Equal(400, (await _sandbox.ControlAsync("POST", "/faults", """{"fault":"RegionLost","region":"westus","pair":"highflame-02"}""")).Status);
        Assert.Equal(400, (await _sandbox.ControlAsync("POST", "/faults", """{"fault":"HealthFailing","region":"westus","pair":"other"}""")).Status);
    }

    [Fact]
    public async Task RegionLost_TakesEveryPairsPartOfIt()
    {
        await FaultAsync("""{"fault":"RegionLost","region":"eastus"}""");
        await Assert.ThrowsAsync<HttpRequestException>(() => _http.GetAsync(Url(11, "/healthz")));
        Assert.Equal(503, (await _sandbox.GetAsync(Primary)).Status);
        Assert.Equal(200, (await HealthAsync(12)).Status);

        await FaultAsync("""{"fault":"RegionRestored","region":"eastus"}""");
        Assert.Equal((200, "eastus", "Primary"), await HealthAsync(11));
    }

    [Fact]
    public async Task Health_SecretsThatNameNoServer_IsNotHealthy()
    {
        _sandbox.Sandbox.Secrets.Set("highflame-02-db-kv", "host", "");

        Assert.Equal(503, (await HealthAsync(11)).Status);
    }

    private async Task<JsonNode> TryPromoteAsync(string option) =>
        await _sandbox.EndAsync(await _sandbox.SendAsync("PATCH", Replica, $$"""{ "properties": { "replica": { "promoteMode": "Standalone", "promoteOption": "{{option}}" } } }"""));

    private async Task PromoteAsync(string option) => Assert.Equal("Succeeded", (await TryPromoteAsync(option)).Text("status"));

    private async Task FaultAsync(string body)
    {
        var answer = await _sandbox.ControlAsync("POST", "/faults", body);
        Assert.True(answer.Status == 200, $"{answer.Status} {answer.Body}");
    }

    private Uri Url(int net, string path, int pair = 2) => new($"https://127.77.{net}.{pair}:{_sandbox.Sandbox.Layout.GatewayPort}{path}");

    private async Task<(int Status, string? Region, string? Role)> HealthAsync(int net, int pair = 2)
    {
        using var answer = await _http.GetAsync(Url(net, "/healthz", pair));
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync());
        return ((int)answer.StatusCode, body.Text("region"), body.Text("role"));
    }

    private async Task<int> WriteAsync(int net, string id)
    {
        using var answer = await _http.PostAsJsonAsync(Url(net, "/v1/entries"), new { id, value = "v" });
        return (int)answer.StatusCode;
    }
}
