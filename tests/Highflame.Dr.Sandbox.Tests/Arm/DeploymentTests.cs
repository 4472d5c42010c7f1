using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Arm.Deployments;

namespace Highflame.Dr.Sandbox.Tests.Arm;

/// <summary>Deployments in an empty subscription, evaluated by the real bicep program.</summary>
public sealed class DeploymentTests : IAsyncLifetime
{
    private const string V = "2024-03-01";

    // An identity, a vault that its role lies on, a server with a secret of its address, and a lock.
    private const string Template = """
        {
          "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0", "languageVersion": "2.0",
          "parameters": { "prefix": { "type": "string" }, "password": { "type": "securestring" }, "count": { "type": "int", "defaultValue": 1 } },
          "resources": {
            "secret": { "type": "Microsoft.KeyVault/vaults/secrets", "apiVersion": "2024-11-01", "name": "[format('{0}-kv/password', parameters('prefix'))]", "properties": { "value": "[parameters('password')]" }, "dependsOn": ["vault"] },
            "vault": { "type": "Microsoft.KeyVault/vaults", "apiVersion": "2024-11-01", "name": "[format('{0}-kv', parameters('prefix'))]", "location": "[resourceGroup().location]", "properties": { "tenantId": "[tenant().tenantId]", "sku": { "family": "A", "name": "standard" }, "enableRbacAuthorization": true } },
            "addresses": { "copy": { "name": "addresses", "count": "[parameters('count')]" }, "type": "Microsoft.Network/publicIPAddresses", "apiVersion": "2024-05-01", "name": "[format('{0}-ip-{1}', parameters('prefix'), copyIndex())]", "location": "[resourceGroup().location]", "sku": { "name": "Standard" }, "properties": { "publicIPAllocationMethod": "Static" } },
            "server": { "type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "2024-08-01", "name": "[format('{0}-postgres', parameters('prefix'))]", "location": "[resourceGroup().location]", "sku": { "name": "Standard_D4ads_v5", "tier": "GeneralPurpose" }, "properties": { "version": "15", "administratorLogin": "hfadmin", "administratorLoginPassword": "[parameters('password')]", "storage": { "storageSizeGB": 64 } } },
            "lock": { "type": "Microsoft.Authorization/locks", "apiVersion": "2020-05-01", "scope": "[resourceId('Microsoft.DBforPostgreSQL/flexibleServers', format('{0}-postgres', parameters('prefix')))]", "name": "keep", "properties": { "level": "CanNotDelete" }, "dependsOn": ["server"] },
            "identity": { "type": "Microsoft.ManagedIdentity/userAssignedIdentities", "apiVersion": "2024-11-30", "name": "[format('{0}-id', parameters('prefix'))]", "location": "[resourceGroup().location]" },
            "role": { "type": "Microsoft.Authorization/roleAssignments", "apiVersion": "2022-04-01", "scope": "[resourceId('Microsoft.KeyVault/vaults', format('{0}-kv', parameters('prefix')))]", "name": "[guid(parameters('prefix'))]", "properties": { "roleDefinitionId": "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')]", "principalId": "[reference('identity').principalId]", "principalType": "ServicePrincipal" }, "dependsOn": ["identity", "vault"] }
          },
          "outputs": { "address": { "type": "string", "value": "[reference('addresses[0]').ipAddress]" } }
        }
        """;

    private RunningSandbox _arm = null!;

    private string Group => $"{_arm.Subscription}/resourceGroups/rg-one";

    private string Deployment => $"{Group}/providers/Microsoft.Resources/deployments/first";

    public async Task InitializeAsync()
    {
        _arm = await RunningSandbox.StartAsync(empty: true);
        Assert.Equal(201, (await _arm.SendAsync("PUT", Group, """{"location":"eastus"}""", V)).Status);
    }

    public async Task DisposeAsync() => await _arm.DisposeAsync();

    [Fact]
    public async Task Empty_Resources_NoneAndNoGroup()
    {
        Assert.Single(((JsonArray)(await _arm.GetAsync($"{_arm.Subscription}/resourceGroups", V)).Body!["value"]!));
        Assert.Empty((JsonArray)(await _arm.GetAsync($"{_arm.Subscription}/resources", V)).Body!["value"]!);
    }

    [Fact]
    public async Task Create_TwiceWithWhatIf_MakesEverythingOnceAndHidesTheSecret()
    {
        var planned = await WhatIfAsync(Body());
        Assert.All(planned, c => Assert.Equal("Create", c.Text("changeType")));
        Assert.Empty(_arm.Sandbox.Store.Where(_ => true));

        var created = await _arm.SendAsync("PUT", Deployment, Body(), V);
        Assert.Equal(201, created.Status);
        Assert.Equal("Accepted", created.Body.Text("properties.provisioningState"));
        Assert.Equal("Succeeded", (await EndAsync(created)).Text("status"));

        Assert.True(_arm.Fleet.Exists("p-postgres"));
        Assert.Equal("Geheim123!", _arm.Fleet["p-postgres"].Password);
        Assert.Equal("Geheim123!", _arm.Sandbox.Secrets.Find("p-kv", "password")!.Latest.Value);
        var identity = _arm.Sandbox.Store.Find($"{Group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/p-id")!.Document.Text("properties.principalId")!;
        Assert.Contains(_arm.Sandbox.Roles.Assignments, a => a.PrincipalId == identity);
        Assert.Equal(409, (await _arm.SendAsync("DELETE", _arm.Server("rg-one", "p-postgres"), null, RunningSandbox.V)).Status);
        var done = await _arm.GetAsync(Deployment, V);
        Assert.Equal("Succeeded", done.Body.Text("properties.provisioningState"));
        Assert.StartsWith("127.77.1.", done.Body.Text("properties.outputs.address.value"), StringComparison.Ordinal);
        Assert.Equal(8, ((JsonArray)done.Body!["properties"]!["outputResources"]!).Count);
        var operations = (JsonArray)(await _arm.GetAsync($"{Group}/deployments/first/operations", V)).Body!["value"]!;
        Assert.Equal(8, operations.Count);
        Assert.All(operations, o => Assert.Equal("Succeeded", o.Text("properties.provisioningState")));
        Assert.Equal(200, (await _arm.GetAsync($"{Group}/deployments/first/operations/{operations[0].Text("operationId")}", V)).Status);
        Assert.DoesNotContain("Geheim", $"{done.Body}{operations}", StringComparison.Ordinal);

        var again = await WhatIfAsync(Body());
        Assert.All(again, c => Assert.Equal("NoChange", c.Text("changeType")));
        Assert.DoesNotContain("Geheim", again.ToJsonString(), StringComparison.Ordinal);
        var repeated = await _arm.SendAsync("PUT", Deployment, Body(), V);
        Assert.Equal(200, repeated.Status);
        Assert.Equal("Succeeded", (await EndAsync(repeated)).Text("status"));
    }

    [Fact]
    public async Task WhatIf_ChangedAndForeignResources_ModifyAndIgnore()
    {
        await EndAsync(await _arm.SendAsync("PUT", Deployment, Body(), V));
        await _arm.SendAsync("PUT", $"{Group}/providers/Microsoft.Network/networkSecurityGroups/other", """{"location":"eastus","properties":{}}""", "2024-05-01");

        var changes = await WhatIfAsync(Body().Replace("\"Standard_D4ads_v5\"", "\"Standard_D8ads_v5\"", StringComparison.Ordinal));

        var server = changes.Single(c => c.Text("resourceId")!.EndsWith("p-postgres", StringComparison.Ordinal));
        Assert.Equal("Modify", server.Text("changeType"));
        Assert.Equal("sku.name", server!["delta"]![0].Text("path"));
        Assert.Equal("Standard_D8ads_v5", server["delta"]![0].Text("after"));
        Assert.Equal("Ignore", changes.Single(c => c.Text("resourceId")!.EndsWith("/other", StringComparison.Ordinal)).Text("changeType"));
    }

    [Fact]
    public async Task Create_OneResourceRefused_OthersAreMadeAndTheNextRunCompletes()
    {
        // No such size: the server is refused, and so is nothing else but its lock.
        var failed = await EndAsync(await _arm.SendAsync("PUT", Deployment, Body().Replace("Standard_D4ads_v5", "Standard_None", StringComparison.Ordinal), V));

        Assert.Equal("Failed", failed.Text("status"));
        Assert.Equal("DeploymentFailed", failed.Text("error.code"));
        Assert.Equal("InvalidParameterValue", failed["error"]!["details"]![0].Text("code"));
        Assert.EndsWith("p-postgres", failed["error"]!["details"]![0].Text("target"), StringComparison.Ordinal);
        var operations = (JsonArray)(await _arm.GetAsync($"{Group}/deployments/first/operations", V)).Body!["value"]!;
        Assert.Equal("InvalidParameterValue", operations.Single(o => o.Text("properties.provisioningState") == "Failed").Text("properties.statusMessage.error.code"));
        Assert.True(operations.Count == 7, string.Join("\n", operations));
        Assert.NotNull(_arm.Sandbox.Secrets.Find("p-kv", "password"));

        Assert.Equal("Succeeded", (await EndAsync(await _arm.SendAsync("PUT", Deployment, Body(), V))).Text("status"));
        Assert.True(_arm.Fleet.Exists("p-postgres"));
    }

    [Fact]
    public async Task Create_WhileOneRuns_IsRefusedAndCancelEndsIt()
    {
        _arm.Fleet.Gate = new TaskCompletionSource();
        await _arm.SendAsync("PUT", Deployment, Body(), V);

        Assert.Equal("DeploymentActive", (await _arm.SendAsync("PUT", Deployment, Body(), V)).Code);
        Assert.Equal(204, (await _arm.SendAsync("POST", $"{Deployment}/cancel", null, V)).Status);
        _arm.Fleet.Gate.SetResult();
        await WaitAsync(async () => (await _arm.GetAsync(Deployment, V)).Body.Text("properties.provisioningState") == "Canceled");
        Assert.Equal("DeploymentCannotBeCancelled", (await _arm.SendAsync("POST", $"{Deployment}/cancel", null, V)).Code);
        Assert.Equal(204, (await _arm.SendAsync("DELETE", Deployment, null, V)).Status);
        Assert.Equal("DeploymentNotFound", (await _arm.GetAsync(Deployment, V)).Code);
    }

    [Theory]
    [InlineData("""{"properties":{"mode":"Incremental","parameters":{},"template":{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[{"type":"Microsoft.Network/x","name":"[noSuchFunction()]","apiVersion":"2024-05-01"}]}}}""", "InvalidTemplate")]
    [InlineData("""{"properties":{"mode":"Incremental","template":{"this is":"no template"}}}""", "InvalidTemplate")]
    [InlineData("""{"properties":{"mode":"Sideways","template":{}}}""", "InvalidDeploymentMode")]
    [InlineData("""{"properties":{"mode":"Incremental"}}""", "InvalidDeployment")]
    [InlineData("""{}""", "InvalidRequestContent")]
    public async Task Validate_WrongDeployments_AreRefused(string body, string code)
    {
        var answer = await _arm.SendAsync("POST", $"{Deployment}/validate", body, V);

        Assert.Equal((400, code), (answer.Status, answer.Code));
        Assert.Equal((400, code), await _arm.SendAsync("PUT", Deployment, body, V) is var put ? (put.Status, put.Code) : default);
    }

    [Fact]
    public async Task Validate_ParametersMissingAndUnknown_AreNamed()
    {
        Assert.Equal(200, (await _arm.SendAsync("POST", $"{Deployment}/validate", Body(), V)).Status);
        var missing = await _arm.SendAsync("POST", $"{Deployment}/validate", Body("""{"password":{"value":"x"}}"""), V);
        Assert.Contains("'prefix'", missing.Body.Text("error.message"), StringComparison.Ordinal);
        var unknown = await _arm.SendAsync("POST", $"{Deployment}/validate", Body("""{"prefix":{"value":"p"},"password":{"value":"x"},"colour":{"value":"red"}}"""), V);
        Assert.Contains("'colour'", unknown.Body.Text("error.message"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[parameters('p')]", "it''s", "it''s")]
    [InlineData("[format('{0}/{1}', reference('/a', '1').list[1], 'x')]", "", "two/x")]
    [InlineData("[reference('/a', '1', 'full').name]", "", "n")]
    [InlineData("[concat('it''s ', toLower('ME'))]", "", "it's me")]
    [InlineData("[[not an expression]", "", "[not an expression]")]
    public void Resolve_Expressions_AsAzureDoes(string expression, string parameter, string expected)
    {
        var resource = new JsonObject { ["name"] = "n", ["properties"] = new JsonObject { ["list"] = new JsonArray("one", "two") } };

        var value = TemplateExpression.Resolve(JsonValue.Create(expression), id => id == "/a" ? resource : null, new JsonObject { ["p"] = new JsonObject { ["value"] = parameter } });

        Assert.Equal(expected, value!.GetValue<string>());
    }

    private static string Body(string parameters = """{"prefix":{"value":"p"},"password":{"value":"Geheim123!"},"count":{"value":2}}""") =>
        $$$"""{"properties":{"mode":"Incremental","parameters":{{{parameters}}},"template":{{{Template}}}}}""";

    private async Task<JsonArray> WhatIfAsync(string body)
    {
        var accepted = await _arm.SendAsync("POST", $"{Deployment}/whatIf", body, V);
        Assert.Equal(202, accepted.Status);
        Answer result = null!;
        await WaitAsync(async () => (result = await _arm.GetAsync(accepted.Header("Location"), V)).Status == 200);
        Assert.Equal("Succeeded", result.Body.Text("status"));
        return (JsonArray)result.Body!["properties"]!["changes"]!.DeepClone();
    }

    private async Task<JsonNode> EndAsync(Answer accepted)
    {
        JsonNode? status = null;
        await WaitAsync(async () => (status = (await _arm.GetAsync(accepted.Header("Azure-AsyncOperation"), V)).Body).Text("status") is not ("Accepted" or "Running"));
        return status!;
    }

    private static async Task WaitAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
