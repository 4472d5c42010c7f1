using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Tests.Arm;

/// <summary>Groups, lists, tags, locks and the types that are documents only.</summary>
public sealed class ResourceTests : IAsyncLifetime
{
    private const string V = "2022-09-01";
    private RunningSandbox _arm = null!;

    public async Task InitializeAsync() => _arm = await RunningSandbox.StartAsync();

    public Task DisposeAsync() => _arm.DisposeAsync().AsTask();

    private string Group => $"{_arm.Subscription}/resourceGroups/highflame-prod-rg";

    [Fact]
    public async Task List_OfSubscription_PagesToTheWholeWithoutProperties()
    {
        var whole = (await _arm.GetAsync($"{_arm.Subscription}/resources", V)).Body!["value"]!.AsArray();
        Assert.All(whole, r => Assert.Null(r!["properties"]));
        List<string> paged = [];
        var url = $"{_arm.Subscription}/resources?$top=7";
        var pages = 0;
        while (url is not null)
        {
            var page = (await _arm.GetAsync(url, V)).Body!;
            paged.AddRange(page["value"]!.AsArray().Select(r => r.Text("id")!));
            url = page.Text("nextLink");
            pages++;
        }

        Assert.Equal(whole.Select(r => r.Text("id")), paged);
        Assert.Equal((whole.Count + 6) / 7, pages);
        Assert.True(whole.Count > 20, $"{whole.Count}");
    }

    [Theory]
    [InlineData("resourceType eq 'Microsoft.DBforPostgreSQL/flexibleServers'", 2)]
    [InlineData("resourceType eq 'microsoft.keyvault/vaults' and location eq 'East US'", 2)]
    [InlineData("name eq 'highflame-prod-aks'", 1)]
    [InlineData("substringof('postgres', name) and resourceGroup eq 'highflame-prod-dr-rg'", 3)]
    [InlineData("name eq 'highflame-prod-aks' or name eq 'highflame-prod-dr-aks'", 2)]
    [InlineData("resourceType eq 'Microsoft.Cache/redis' and name ne 'highflame-prod-redis'", 1)]
    public async Task List_WithFilter_GivesTheMatching(string filter, int count)
    {
        var list = (await _arm.GetAsync($"{_arm.Subscription}/resources?$filter={Uri.EscapeDataString(filter)}", V)).Body!["value"]!.AsArray();
        Assert.Equal(count, list.Count);
        Assert.All(list, r => Assert.NotNull(r!["tags"]));
    }

    [Fact]
    public async Task List_FilteredByTag_LeavesTagsOut()
    {
        await _arm.SendAsync("PATCH", $"{_arm.Primary}/providers/Microsoft.Resources/tags/default", """{"operation":"Merge","properties":{"tags":{"dr":"old primary"}}}""", V);
        var list = (await _arm.GetAsync($"{_arm.Subscription}/resources?$filter={Uri.EscapeDataString("tagName eq 'dr' and tagValue eq 'old primary'")}", V)).Body!["value"]!.AsArray();
        Assert.Equal(_arm.Primary, Assert.Single(list).Text("id"));
        Assert.Null(list[0]!["tags"]);
    }

    [Theory]
    [InlineData("$filter=colour%20eq%20'red'", "InvalidFilterInQueryString")]
    [InlineData("$filter=name%20is%20x", "InvalidFilterInQueryString")]
    [InlineData("$top=none", "InvalidTopInQueryString")]
    [InlineData("$skiptoken=zzz", "InvalidSkipToken")]
    public async Task List_BadQuery_IsRefused(string query, string code)
    {
        var answer = await _arm.GetAsync($"{_arm.Subscription}/resources?{query}", V);
        Assert.Equal((400, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Tags_MergeReplaceDelete_DoWhatTheySay()
    {
        var path = $"{_arm.Primary}/providers/Microsoft.Resources/tags/default";
        async Task<string> Patch(string operation, string tags) =>
            (await _arm.SendAsync("PATCH", path, $$$"""{"operation":"{{{operation}}}","properties":{"tags":{{{tags}}}}}""", V)).Body.At("properties.tags")!.ToJsonString();
        Assert.Equal("""{"Project":"highflame","Environment":"prod","ManagedBy":"hand","new":"1"}""", await Patch("Merge", """{"managedby":"hand","new":"1"}"""));
        Assert.Equal("""{"Project":"highflame","Environment":"prod","ManagedBy":"hand"}""", await Patch("Delete", """{"NEW":"1"}"""));
        Assert.Equal("""{"a":"b"}""", await Patch("Replace", """{"a":"b"}"""));
        Assert.Equal("""{"a":"b"}""", (await _arm.GetAsync(_arm.Primary)).Body!["tags"]!.ToJsonString());
        await _arm.SendAsync("DELETE", _arm.Primary + "/providers/Microsoft.Authorization/locks/postgres-lock", null, "2020-05-01");
        Assert.Equal(200, (await _arm.SendAsync("DELETE", path, null, V)).Status);
        Assert.Null((await _arm.GetAsync(_arm.Primary)).Body!["tags"]);
        Assert.Equal(400, (await _arm.SendAsync("PATCH", path, """{"operation":"Paint","properties":{"tags":{}}}""", V)).Status);
    }

    [Fact]
    public async Task Groups_CreateTagHeadDelete_FollowArm()
    {
        var path = $"{_arm.Subscription}/resourceGroups/spare";
        Assert.Equal(404, (await _arm.SendAsync("HEAD", path, null, V)).Status);
        Assert.Equal("LocationRequired", (await _arm.SendAsync("PUT", path, "{}", V)).Code);
        Assert.Equal(201, (await _arm.SendAsync("PUT", path, """{"location":"East US","tags":{"a":"b"}}""", V)).Status);
        Assert.Equal(204, (await _arm.SendAsync("HEAD", path, null, V)).Status);
        Assert.Equal((409, "InvalidResourceGroupLocation"), (await _arm.SendAsync("PUT", path, """{"location":"westus"}""", V)) is { } moved ? (moved.Status, moved.Code) : default);
        var listed = (await _arm.GetAsync($"{_arm.Subscription}/resourcegroups?$filter={Uri.EscapeDataString("tagName eq 'a' and tagValue eq 'b'")}", V)).Body!["value"]!.AsArray();
        Assert.Equal("spare", Assert.Single(listed).Text("name"));
        var deleted = await _arm.SendAsync("DELETE", path, null, V);
        Assert.Equal(202, deleted.Status);
        Assert.True(deleted.Headers.Location is not null);
        await _arm.EndAsync(deleted);
        Assert.Equal(404, (await _arm.GetAsync(path, V)).Status);
    }

    [Fact]
    public async Task Groups_DeleteWithLockedServerInside_IsRefused()
    {
        var answer = await _arm.SendAsync("DELETE", Group, null, V);
        Assert.Equal((409, "ScopeLocked"), (answer.Status, answer.Code));
        Assert.Equal(200, (await _arm.GetAsync(Group, V)).Status);
    }

    [Fact]
    public async Task Locks_ReadOnly_ForbidsEveryChangeButNotReads()
    {
        var made = await _arm.SendAsync("PUT", $"{Group}/providers/Microsoft.Authorization/locks/freeze", """{"properties":{"level":"ReadOnly","notes":"audit"}}""", "2020-05-01");
        Assert.Equal(201, made.Status);
        foreach (var (method, path, body, version) in ((string, string, string?, string)[])
        [
            ("POST", _arm.Primary + "/restart", null, "2025-08-01"),
            ("PATCH", _arm.Primary, """{"tags":{"a":"b"}}""", "2025-08-01"),
            ("PUT", _arm.Primary + "/databases/x", "{}", "2025-08-01"),
            ("PATCH", _arm.Profile + "/ExternalEndpoints/global-endpoint", """{"properties":{"weight":5}}""", "2022-04-01"),
        ])
        {
            var answer = await _arm.SendAsync(method, path, body, version);
            Assert.Equal((409, "ScopeLocked"), (answer.Status, answer.Code));
        }

        Assert.Equal(200, (await _arm.GetAsync(_arm.Primary)).Status);
        Assert.Equal(["freeze", "postgres-lock"], (await _arm.GetAsync($"{Group}/providers/Microsoft.Authorization/locks", "2020-05-01")).Body!["value"]!.AsArray().Select(l => l.Text("name")));
    }

    [Fact]
    public async Task Locks_CanNotDelete_LeavesPatchAlone()
    {
        var accepted = await _arm.SendAsync("PATCH", _arm.Replica, """{"properties":{"replica":{"promoteMode":"Standalone","promoteOption":"Forced"}}}""");
        Assert.Equal(202, accepted.Status);
        await _arm.EndAsync(accepted);
        Assert.Equal("LockLevelInvalid", (await _arm.SendAsync("PUT", $"{Group}/providers/Microsoft.Authorization/locks/x", """{"properties":{"level":"Sometimes"}}""", "2020-05-01")).Code);
    }

    [Fact]
    public async Task AgentPool_Scale_IsALongRunningPutThatShowsUpdating()
    {
        await using var arm = await RunningSandbox.StartAsync(timeScale: 10);
        var pool = $"{arm.Subscription}/resourceGroups/highflame-prod-dr-rg/providers/Microsoft.ContainerService/managedClusters/highflame-prod-dr-aks/agentPools/general";
        var read = (JsonObject)(await arm.GetAsync(pool, "2025-10-01")).Body!;
        read.Child("properties")["count"] = 5;
        var put = await arm.SendAsync("PUT", pool, read.ToJsonString(), "2025-10-01");
        Assert.Equal((200, 5L, "Updating"), (put.Status, put.Body.Whole("properties.count"), put.Body.Text("properties.provisioningState")));
        Assert.True(put.Headers.Contains("Azure-AsyncOperation"));
        Assert.Equal((409, "OperationNotAllowed"), (await arm.SendAsync("PUT", pool, read.ToJsonString(), "2025-10-01")) is { } busy ? (busy.Status, busy.Code) : default);
        arm.Time.Advance(TimeSpan.FromSeconds(19));
        await arm.EndAsync(put);
        Assert.Equal((5L, "Succeeded"), (await arm.GetAsync(pool, "2025-10-01")).Body is { } after ? (after.Whole("properties.count"), after.Text("properties.provisioningState")) : default);
        read.Child("properties")["count"] = 50;
        Assert.Equal("InvalidParameter", (await arm.SendAsync("PUT", pool, read.ToJsonString(), "2025-10-01")).Code);
    }

    [Fact]
    public async Task Gateway_BackendHealth_IsReadFromTheLocationPoll()
    {
        var gateway = $"{Group}/providers/Microsoft.Network/applicationGateways/highflame-prod-aks-appgw";
        async Task<string?> Health()
        {
            var accepted = await _arm.SendAsync("POST", gateway + "/backendhealth", null, "2024-05-01");
            Assert.Equal(202, accepted.Status);
            await _arm.EndAsync(accepted);
            var result = await _arm.SendAsync("GET", accepted.Header("Location"));
            return result.Body!["backendAddressPools"]![0]!["backendHttpSettingsCollection"]![0]!["servers"]![0].Text("health");
        }

        Assert.Equal("Up", await Health());
        await _arm.ControlAsync("POST", "/faults", """{"fault":"HealthFailing","region":"East US"}""");
        Assert.Equal("Down", await Health());
    }

    [Fact]
    public async Task Documents_BothRegions_HoldTheUsersEnvironment()
    {
        foreach (var (group, prefix) in ((string, string)[])[("highflame-prod-rg", "highflame-prod"), ("highflame-prod-dr-rg", "highflame-prod-dr")])
        {
            var root = $"{_arm.Subscription}/resourceGroups/{group}/providers";
            var aks = (await _arm.GetAsync($"{root}/Microsoft.ContainerService/managedClusters/{prefix}-aks", "2025-10-01")).Body;
            Assert.Equal(["default", "general"], aks.At("properties.agentPoolProfiles")!.AsArray().Select(p => p.Text("name")));
            var network = (await _arm.GetAsync($"{root}/Microsoft.Network/virtualNetworks/{prefix}-vnet/subnets", "2024-05-01")).Body!["value"]!.AsArray();
            Assert.Equal(3, network.Count);
            Assert.Equal(5, (await _arm.GetAsync($"{root}/Microsoft.Network/networkSecurityGroups/{prefix}-vnet-nsg", "2024-05-01")).Body.At("properties.securityRules")!.AsArray().Count);
            Assert.Equal(2, (await _arm.GetAsync($"{root}/Microsoft.KeyVault/vaults", "2026-02-01")).Body!["value"]!.AsArray().Count);
            Assert.Equal(200, (await _arm.GetAsync($"{root}/Microsoft.Cache/redis/{prefix}-redis", "2024-11-01")).Status);
            var text = (await _arm.GetAsync($"{_arm.Subscription}/resourceGroups/{group}/resources", V)).Body!.ToJsonString() + aks!.ToJsonString();
            Assert.DoesNotContain("{", text.Replace("{\"", "", StringComparison.Ordinal).Replace("{}", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Providers_OfANamespace_GiveLocationsAndVersions()
    {
        var provider = (await _arm.GetAsync($"{_arm.Subscription}/providers/Microsoft.DBforPostgreSQL", "2022-09-01")).Body;
        var type = provider!["resourceTypes"]!.AsArray().First(t => t.Text("resourceType") == "flexibleServers");
        Assert.Equal("2025-08-01", type!["apiVersions"]![0]!.GetValue<string>());
        Assert.Contains("West US", type["locations"]!.AsArray().Select(l => (string?)l));
        Assert.Equal(200, (await _arm.SendAsync("POST", $"{_arm.Subscription}/providers/Microsoft.Network/register", null, V)).Status);
    }
}
