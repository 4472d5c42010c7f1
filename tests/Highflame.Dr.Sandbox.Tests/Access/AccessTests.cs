using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Access;
using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Tests.Arm;

namespace Highflame.Dr.Sandbox.Tests.Access;

/// <summary>Roles: what an action is called, who may do it where, and how they are given and taken in ARM.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private const string V = "2022-04-01";
    private RunningSandbox _arm = null!;

    private string Groups => $"{_arm.Subscription}/resourceGroups";

    public async Task InitializeAsync() => _arm = await RunningSandbox.StartAsync();

    public async Task DisposeAsync() => await _arm.DisposeAsync();

    [Theory]
    [InlineData("GET", "/subscriptions", null)]
    [InlineData("GET", "/subscriptions/s", "Microsoft.Resources/subscriptions/read")]
    [InlineData("GET", "/subscriptions/s/resources", "Microsoft.Resources/subscriptions/resources/read")]
    [InlineData("GET", "/subscriptions/s/resourcegroups/g/resources", "Microsoft.Resources/subscriptions/resourceGroups/resources/read")]
    [InlineData("PUT", "/subscriptions/s/resourcegroups/g", "Microsoft.Resources/subscriptions/resourceGroups/write")]
    [InlineData("PATCH", "/subscriptions/s/resourceGroups/g/providers/microsoft.dbforpostgresql/flexibleservers/x", "Microsoft.DBforPostgreSQL/flexibleServers/write")]
    [InlineData("POST", "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/x/stop", "Microsoft.DBforPostgreSQL/flexibleServers/stop/action")]
    [InlineData("GET", "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/x/replicas", "Microsoft.DBforPostgreSQL/flexibleServers/replicas/read")]
    [InlineData("POST", "/subscriptions/s/providers/Microsoft.DBforPostgreSQL/checkNameAvailability", "Microsoft.DBforPostgreSQL/checkNameAvailability/action")]
    [InlineData("GET", "/subscriptions/s/providers/Microsoft.DBforPostgreSQL/locations/eastus/azureAsyncOperation/o", "Microsoft.DBforPostgreSQL/locations/azureAsyncOperation/read")]
    [InlineData("PATCH", "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/trafficmanagerprofiles/p/ExternalEndpoints/e", "Microsoft.Network/trafficManagerProfiles/externalEndpoints/write")]
    [InlineData("GET", "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/x/providers/Microsoft.Insights/metrics", "Microsoft.Insights/metrics/read")]
    [InlineData("DELETE", "/subscriptions/s/providers/Microsoft.Authorization/locks/l", "Microsoft.Authorization/locks/delete")]
    [InlineData("GET", "/subscriptions/s/providers/Microsoft.Authorization/permissions", null)]
    public void Action_OfACall_IsNamedAsRolesNameIt(string method, string path, string? action) => Assert.Equal(action, ArmActions.Of(method, ArmPath.Parse(path)));

    [Fact]
    public async Task ReaderOnOneGroup_SeesItAloneAndChangesNothing()
    {
        OnlyRole(BuiltInRoles.Reader, $"{Groups}/highflame-prod-rg");

        Assert.Equal(200, (await _arm.GetAsync(_arm.Primary)).Status);
        AssertRefused("Microsoft.DBforPostgreSQL/flexibleServers/read", await _arm.GetAsync(_arm.Replica));
        AssertRefused("Microsoft.DBforPostgreSQL/flexibleServers/write", await _arm.SendAsync("PATCH", _arm.Primary, """{"tags":{}}"""));
        AssertRefused("Microsoft.DBforPostgreSQL/flexibleServers/stop/action", await _arm.SendAsync("POST", _arm.Primary + "/stop"));
        AssertRefused("Microsoft.DBforPostgreSQL/flexibleServers/delete", await _arm.SendAsync("DELETE", _arm.Primary));
        AssertRefused("Microsoft.Resources/subscriptions/read", await _arm.GetAsync(_arm.Subscription, "2022-12-01"));
        AssertRefused("Microsoft.Authorization/locks/read", await _arm.GetAsync($"{_arm.Subscription}/providers/Microsoft.Authorization/locks", "2020-05-01"));
        Assert.Single((await _arm.GetAsync("/subscriptions", "2022-12-01")).Body!["value"]!.AsArray());
        Assert.Equal([_arm.Primary], Ids(await _arm.GetAsync($"{_arm.Subscription}/providers/Microsoft.DBforPostgreSQL/flexibleServers")));
        Assert.All(Ids(await _arm.GetAsync($"{_arm.Subscription}/resources", "2022-09-01")), id => Assert.Contains("/highflame-prod-rg/", id, StringComparison.Ordinal));
        Assert.Equal(["highflame-prod-rg"], (await _arm.GetAsync(Groups, "2022-09-01")).Body!["value"]!.AsArray().Select(g => g.Text("name")));
    }

    [Fact]
    public async Task NoRole_SeesNothing()
    {
        Clear();
        Assert.Empty((await _arm.GetAsync("/subscriptions", "2022-12-01")).Body!["value"]!.AsArray());
        AssertRefused("Microsoft.DBforPostgreSQL/flexibleServers/read", await _arm.GetAsync(_arm.Primary));
    }

    [Fact]
    public async Task Operator_FollowsTheOperationItStarted()
    {
        OnlyRole(ShippedRoles.Read("operator", _arm.Sandbox.Identity.SubscriptionId), $"{Groups}/highflame-prod-rg");
        var stopped = await _arm.SendAsync("POST", _arm.Primary + "/stop");
        Assert.Equal(202, stopped.Status);
        Assert.Equal("Succeeded", (await _arm.EndAsync(stopped)).Text("status"));
        AssertRefused("Microsoft.DBforPostgreSQL/checkNameAvailability/action", await _arm.SendAsync("POST", $"{_arm.Subscription}/providers/Microsoft.DBforPostgreSQL/checkNameAvailability", """{"name":"x-y-z","type":"Microsoft.DBforPostgreSQL/flexibleServers"}"""));
    }

    [Fact]
    public async Task CustomRole_PutAssignedUsedAndTakenBack()
    {
        var (role, principal) = (Guid.NewGuid().ToString(), _arm.Sandbox.Identity.Runbooks);
        var definition = $"{_arm.Subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}";
        var assignment = $"{Groups}/highflame-prod-rg/providers/Microsoft.Authorization/roleAssignments/{Guid.NewGuid()}";
        foreach (var given in _arm.Sandbox.Roles.Assignments.Where(a => a.PrincipalId == principal.ObjectId)) _arm.Sandbox.Roles.Remove(given.Scope, given.Name);
        var token = await RunbookTokenAsync();
        AssertRefused("Microsoft.DBforPostgreSQL/flexibleServers/read", await _arm.SendAsync("GET", _arm.Primary, token: token));

        var body = $$"""{"properties":{"roleName":"Reads servers","type":"CustomRole","permissions":[{"actions":["Microsoft.DBforPostgreSQL/*/read"],"notActions":["Microsoft.DBforPostgreSQL/flexibleServers/configurations/read"]}],"assignableScopes":["{{_arm.Subscription}}"]} }""";
        Assert.Equal(201, (await _arm.SendAsync("PUT", definition, body, V)).Status);
        var assign = $$"""{"properties":{"roleDefinitionId":"{{definition}}","principalId":"{{principal.ObjectId}}","principalType":"ServicePrincipal"} }""";
        Assert.Equal(201, (await _arm.SendAsync("PUT", assignment, assign, V)).Status);
        // Azure takes the very same assignment again, and refuses a second one that says the same.
        Assert.Equal(200, (await _arm.SendAsync("PUT", assignment, assign, V)).Status);
        Assert.Equal((409, "RoleAssignmentExists"), Of(await _arm.SendAsync("PUT", $"{assignment[..assignment.LastIndexOf('/')]}/{Guid.NewGuid()}", assign, V)));

        Assert.Equal(200, (await _arm.SendAsync("GET", _arm.Primary, token: token)).Status);
        AssertRefused("Microsoft.DBforPostgreSQL/flexibleServers/configurations/read", await _arm.SendAsync("GET", _arm.Primary + "/configurations", token: token));
        AssertRefused("Microsoft.Authorization/roleAssignments/write", await _arm.SendAsync("PUT", $"{Groups}/highflame-prod-rg/providers/Microsoft.Authorization/roleAssignments/{Guid.NewGuid()}", assign, V, token));
        var permissions = await _arm.SendAsync("GET", $"{Groups}/highflame-prod-rg/providers/Microsoft.Authorization/permissions", null, V, token);
        Assert.Equal("Microsoft.DBforPostgreSQL/*/read", (string?)permissions.Body!["value"]![0]!["actions"]![0]);
        Assert.Single((await _arm.GetAsync($"{Groups}/highflame-prod-rg/providers/Microsoft.Authorization/roleAssignments?$filter=principalId eq '{principal.ObjectId}'", V)).Body!["value"]!.AsArray());

        Assert.Equal((400, "RoleDefinitionHasAssignments"), Of(await _arm.SendAsync("DELETE", definition, null, V)));
        Assert.Equal(200, (await _arm.SendAsync("DELETE", assignment, null, V)).Status);
        AssertRefused("Microsoft.DBforPostgreSQL/flexibleServers/read", await _arm.SendAsync("GET", _arm.Primary, token: token));
        Assert.Equal(200, (await _arm.SendAsync("DELETE", definition, null, V)).Status);
    }

    [Theory]
    [InlineData("roleAssignments", """{"properties":{"roleDefinitionId":"/x/11111111-1111-1111-1111-111111111111","principalId":"p"}}""", 400, "RoleDefinitionDoesNotExist")]
    [InlineData("roleAssignments", """{"properties":{"roleDefinitionId":"acdd72a7-3385-48ef-bd42-f606fba81ae7","principalId":"11111111-1111-1111-1111-111111111111"}}""", 400, "PrincipalNotFound")]
    [InlineData("roleDefinitions", """{"properties":{"roleName":"r","permissions":[{"actions":["*"]}],"assignableScopes":[]}}""", 400, "MissingAssignableScopes")]
    [InlineData("roleDefinitions", """{"properties":{"roleName":"r","permissions":[{"actions":["*"]}],"assignableScopes":["/subscriptions/other"]}}""", 400, "InvalidAssignableScope")]
    public async Task RoleRequest_Wrong_IsRefused(string type, string body, int status, string code) =>
        Assert.Equal((status, code), Of(await _arm.SendAsync("PUT", $"{_arm.Subscription}/providers/Microsoft.Authorization/{type}/{Guid.NewGuid()}", body, V)));

    [Fact]
    public async Task RoleDefinitions_List_HasBuiltInsAndTheModulesOwn()
    {
        var list = await _arm.GetAsync($"{_arm.Subscription}/providers/Microsoft.Authorization/roleDefinitions?$filter=roleName eq 'Highflame.Dr Operator'", V);
        Assert.Equal("CustomRole", Assert.Single(list.Body!["value"]!.AsArray()).Text("properties.type"));
        Assert.True((await _arm.GetAsync($"{_arm.Subscription}/providers/Microsoft.Authorization/roleDefinitions?$filter=type eq 'BuiltInRole'", V)).Body!["value"]!.AsArray().Count >= 5);
    }

    private async Task<string> RunbookTokenAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_arm.Sandbox.ManagedIdentity.OriginalString}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/&client_id={_arm.Sandbox.Identity.Runbooks.ClientId}");
        request.Headers.Add("Metadata", "true");
        using var response = await _arm.Http.SendAsync(request);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync()).Text("access_token")!;
    }

    private void Clear()
    {
        foreach (var given in _arm.Sandbox.Roles.Assignments) _arm.Sandbox.Roles.Remove(given.Scope, given.Name);
    }

    private void OnlyRole(Role role, string scope)
    {
        Clear();
        _arm.Sandbox.Roles.Assign(new RoleAssignment(Guid.NewGuid().ToString(), scope, role.Id, _arm.Sandbox.Identity.ObjectId, "ServicePrincipal", _arm.Time.GetUtcNow()));
    }

    private static IEnumerable<string?> Ids(Answer answer) => answer.Body!["value"]!.AsArray().Select(i => i.Text("id"));

    private static (int Status, string? Code) Of(Answer answer) => (answer.Status, answer.Code);

    private void AssertRefused(string action, Answer answer)
    {
        Assert.Equal((403, "AuthorizationFailed"), (answer.Status, answer.Code));
        Assert.Contains($"'{action}'", answer.Body.Text("error.message"), StringComparison.Ordinal);
    }
}
