using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Topology;
using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Engine.Tests.Inventory;

public sealed class AzureInventoryTests
{
    private const string Subscription = "/subscriptions/00000000-0000-0000-0000-000000000001";
    private readonly ScriptedArm _arm = new();
    private readonly List<string> _warnings = [];

    private AzureInventory Inventory => new(_arm, Subscription[15..], new FakeTimeProvider(), (_, words) => _warnings.Add(words));

    private static string Id(string group, string name) => $"{Subscription}/resourceGroups/{group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/{name}";

    private static string Server(string group, string name, string role = "Primary") =>
        $$"""{"id":"{{Id(group, name)}}","name":"{{name}}","location":"East US","properties":{"state":"Ready","replicationRole":"{{role}}","replica":{"role":"{{role}}"} } }""";

    private static string Resource(string group, string name, string location) => $$"""{"id":"{{Id(group, name)}}","name":"{{name}}","location":"{{location}}"}""";

    private void List(string scope, params string[] servers) =>
        _arm.Lists[$"{scope}/providers/Microsoft.DBforPostgreSQL/flexibleServers"] = () => [.. servers.Select(ScriptedArm.Json)];

    private void Resources(string scope, params string[] resources) => _arm.Lists[$"{scope}/resources"] = () => [.. resources.Select(ScriptedArm.Json)];

    [Fact]
    public async Task GetServerAsync_ByName_IgnoresCase()
    {
        List(Subscription, Server("g1", "pg-a"), Server("g2", "pg-b"));
        Assert.Equal("pg-b", (await Inventory.GetServerAsync("PG-B", null, CancellationToken.None)).Name);
    }

    [Fact]
    public async Task GetServerAsync_TwoOfOneName_IsAmbiguous()
    {
        List(Subscription, Server("g1", "pg"), Server("g2", "pg"));
        var failure = await Assert.ThrowsAsync<DrException>(() => Inventory.GetServerAsync("pg", null, CancellationToken.None));
        Assert.Equal("HfServerAmbiguous", failure.ErrorId);
        Assert.Contains("g1/pg, g2/pg", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nobody", "HfServerNotFound")]
    [InlineData("/subscriptions/x", "HfServerIdInvalid")]
    [InlineData("/subscriptions/x/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v", "HfServerIdInvalid")]
    [InlineData("/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/none", "HfServerNotFound")]
    public async Task GetServerAsync_NotThere_TellsWhich(string name, string id)
    {
        var failure = await Assert.ThrowsAsync<DrException>(() => Inventory.GetServerAsync(name, null, CancellationToken.None));
        Assert.Equal((id, name), (failure.ErrorId, failure.Target));
    }

    [Fact]
    public async Task GetServersAsync_Wildcard_TakesOnlyMatches()
    {
        List(Subscription, Server("g1", "prod-1"), Server("g2", "prod-dr-1"), Server("g2", "test"));
        Assert.Equal(["prod-1", "prod-dr-1"], (await Inventory.GetServersAsync(new("prod*"), CancellationToken.None)).Select(s => s.Name));
    }

    [Fact]
    public async Task TryGetServerAsync_RegionInOutage_IsUnknownWithTheListsLocation()
    {
        var id = Id("g1", "pg");
        _arm.Documents[id] = () => throw ScriptedArm.Unavailable(id);
        Resources($"{Subscription}/resourceGroups/g1", Resource("g1", "pg", "eastus"));
        var server = await Inventory.TryGetServerAsync(id, CancellationToken.None);
        Assert.Equal(("Unknown", DbRole.Unknown, "eastus", "pg.postgres.database.azure.com"), (server!.State, server.Role, server.Location, server.HostName));
        Assert.Single(_warnings);
    }

    [Fact]
    public async Task GetServersAsync_OneGroupInOutage_StillShowsBoth()
    {
        var pair = Pairs.Create(Subscription[15..]);
        string one = $"{Subscription}/resourceGroups/rg1", two = $"{Subscription}/resourceGroups/rg2";
        _arm.Lists[$"{one}/providers/Microsoft.DBforPostgreSQL/flexibleServers"] = () => throw ScriptedArm.Unavailable(one);
        _arm.Documents[Id("rg1", "pg1")] = () => throw ScriptedArm.Unavailable(one);
        Resources(one, Resource("rg1", "pg1", "eastus"));
        List(two, Server("rg2", "pg2", "GeoAsyncReplica"));
        Resources(two, Resource("rg2", "pg2", "westus"));

        var servers = await Inventory.GetServersAsync(new(Pair: pair), CancellationToken.None);

        Assert.Equal([("pg1", DbRole.Unknown), ("pg2", DbRole.Replica)], servers.Select(s => (s.Name, s.Role)));
    }

    [Fact]
    public async Task GetServersAsync_ServerOnlyInGenericList_IsReadForItself()
    {
        Resources(Subscription, Resource("g1", "fresh", "eastus"), Resource("g1", "deleted", "eastus"));
        _arm.Put(Id("g1", "fresh"), Server("g1", "fresh"));
        Assert.Equal(["fresh"], (await Inventory.GetServersAsync(new(), CancellationToken.None)).Select(s => s.Name));
    }

    [Fact]
    public async Task GetLocksAsync_ListsOfAllScopes_GiveOwnAndInheritedOnce()
    {
        var id = Id("g1", "pg");
        const string Suffix = "/providers/Microsoft.Authorization/locks";
        string own = Lock(id, "own"), group = Lock($"{Subscription}/resourceGroups/g1", "group"), other = Lock(Id("g1", "pg2"), "other");
        _arm.Lists[id + Suffix] = () => [ScriptedArm.Json(own)];
        _arm.Lists[$"{Subscription}/resourceGroups/g1{Suffix}"] = () => [ScriptedArm.Json(own), ScriptedArm.Json(group), ScriptedArm.Json(other)];
        var locks = await Inventory.GetLocksAsync(id, CancellationToken.None);
        Assert.Equal(["group", "own"], locks.Select(l => l.Name).Order());
        Assert.All(locks, l => Assert.Equal("CanNotDelete", l.Level));

        static string Lock(string scope, string name) => $$"""{"id":"{{scope}}/providers/Microsoft.Authorization/locks/{{name}}","name":"{{name}}","properties":{"level":"CanNotDelete"} }""";
    }

    [Fact]
    public async Task GetProfileAsync_Document_IsInTheModelsWords()
    {
        var id = $"{Subscription}/resourceGroups/rg1/providers/Microsoft.Network/trafficManagerProfiles/global";
        _arm.Put(id, $$$"""
            {"id":"{{{id}}}","name":"global","properties":{"profileStatus":"Enabled","trafficRoutingMethod":"Weighted","dnsConfig":{"relativeName":"global","fqdn":"global.trafficmanager.net","ttl":30},
             "monitorConfig":{"profileMonitorStatus":"Online","protocol":"HTTPS","port":443,"path":"/healthz","intervalInSeconds":30,"timeoutInSeconds":5,"toleratedNumberOfFailures":3},
             "endpoints":[{"id":"{{{id}}}/externalEndpoints/e","name":"e","type":"Microsoft.Network/trafficManagerProfiles/externalEndpoints","properties":{"target":"20.1.1.1","endpointStatus":"enabled","alwaysServe":"enabled","weight":1,"priority":1} }] } }
            """);
        var profile = await Inventory.GetProfileAsync(id, CancellationToken.None);
        Assert.Equal(("global.trafficmanager.net", 30L, "HTTPS:443/healthz every 30 s, timeout 5 s, 3 tolerated"), (profile.Fqdn, profile.Ttl, profile.Monitor));
        var endpoint = Assert.Single(profile.Endpoints);
        Assert.Equal(("ExternalEndpoints", "Enabled", true, "20.1.1.1", id), (endpoint.Type, endpoint.Status, endpoint.AlwaysServe, endpoint.Target, endpoint.ProfileResourceId));
        Assert.Equal(id, AzureInventory.ProfileIdOf(endpoint.ResourceId));
    }

    [Fact]
    public async Task GetLagSecondsMetricAsync_SeveralPoints_TakesTheLatestThatHasAValue()
    {
        var id = Id("g1", "pg");
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var path = $"{id}/providers/Microsoft.Insights/metrics?metricnames=physical_replication_delay_in_seconds&timespan={Uri.EscapeDataString("2026-11-23T11:50:00Z/2026-11-23T12:00:00Z")}&interval=PT1M&aggregation=Maximum";
        _arm.Put(path, """{"value":[{"timeseries":[{"data":[{"timeStamp":"2026-11-23T11:57:00Z","maximum":9},{"timeStamp":"2026-11-23T11:58:00Z","maximum":3.5},{"timeStamp":"2026-11-23T11:59:00Z"}]}]}]}""");
        Assert.Equal(3.5, await new AzureInventory(_arm, "s", time).GetLagSecondsMetricAsync(id, CancellationToken.None));
    }

    [Fact]
    public async Task GetLocksAsync_SubscriptionRefused_ShowsThoseOfGroupAndServer()
    {
        const string Locks = "/providers/Microsoft.Authorization/locks";
        var group = $"{Subscription}/resourceGroups/g1";
        _arm.Lists[Subscription + Locks] = () => throw Denied(Subscription + Locks);
        _arm.Lists[group + Locks] = () => [ScriptedArm.Json($$"""{"id":"{{group}}{{Locks}}/keep","name":"keep","properties":{"level":"CanNotDelete"} }""")];

        Assert.Equal("keep", Assert.Single(await Inventory.GetLocksAsync(Id("g1", "pg"), CancellationToken.None)).Name);

        _arm.Lists[group + Locks] = () => throw Denied(group + Locks);
        Assert.Equal("HfPermissionDenied", (await Assert.ThrowsAsync<DrException>(() => Inventory.GetLocksAsync(Id("g1", "pg"), CancellationToken.None))).ErrorId);
    }

    [Fact]
    public async Task IsServerNameFreeAsync_QuestionRefused_LeavesItToTheCreation()
    {
        _arm.OnWrite = (_, path) => throw Denied(path);
        Assert.True(await Inventory.IsServerNameFreeAsync(Subscription[15..], "pg-2", CancellationToken.None));
        _arm.OnWrite = (_, path) => throw ScriptedArm.Unavailable(path);
        Assert.Equal("HfArmUnavailable", (await Assert.ThrowsAsync<DrException>(() => Inventory.IsServerNameFreeAsync(Subscription[15..], "pg-2", CancellationToken.None))).ErrorId);
    }

    private static DrException Denied(string target) => new("HfPermissionDenied", DrErrorKind.PermissionDenied, "Azure answered HTTP 403, AuthorizationFailed.", target);
}
