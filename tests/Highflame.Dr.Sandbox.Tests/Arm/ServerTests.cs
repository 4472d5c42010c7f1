using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Tests.Arm;

/// <summary>Create, change, start, stop, delete, parameters, databases and firewall rules.</summary>
public sealed class ServerTests : IAsyncLifetime
{
    private RunningSandbox _arm = null!;

    public async Task InitializeAsync() => _arm = await RunningSandbox.StartAsync();

    public Task DisposeAsync() => _arm.DisposeAsync().AsTask();

    [Fact]
    public async Task Put_GeoReplica_IsProvisioningThenReadyWithAddress()
    {
        _arm.Fleet.Gate = new TaskCompletionSource();
        var id = _arm.Server("highflame-prod-dr-rg", "replica-two");
        var accepted = await _arm.SendAsync("PUT", id, Replica("westus"));
        Assert.Equal(202, accepted.Status);
        Assert.Equal("Provisioning", (await _arm.GetAsync(id)).Body.Text("properties.state"));
        Assert.Equal("Updating", (await _arm.GetAsync(id, "2022-12-01")).Body.Text("properties.state"));
        Assert.Equal("Updating", (await _arm.GetAsync(_arm.Primary)).Body.Text("properties.state"));
        _arm.Fleet.Gate.SetResult();
        Assert.Equal("Succeeded", (await _arm.EndAsync(accepted)).Text("status"));
        var made = (await _arm.GetAsync(id)).Body;
        Assert.Equal(("Ready", "GeoAsyncReplica", _arm.Primary), (made.Text("properties.state"), made.Text("properties.replica.role"), made.Text("properties.sourceServerResourceId")));
        Assert.Equal(("Standard_D4ads_v5", 64L), (made.Text("sku.name"), made.Whole("properties.storage.storageSizeGB")));
        Assert.True(_arm.Traffic.Names.ContainsKey("replica-two.postgres.database.azure.com"));
        Assert.True(_arm.Traffic.Names.ContainsKey("replica-two.privatelink.postgres.database.azure.com"));
        Assert.Equal(2, (await _arm.GetAsync(_arm.Primary + "/replicas")).Body!["value"]!.AsArray().Count);
    }

    [Fact]
    public async Task Put_ReplicaInTheSameRegion_IsAsyncReplica()
    {
        var id = _arm.Server("highflame-prod-rg", "near");
        await _arm.EndAsync(await _arm.SendAsync("PUT", id, Replica("East US")));
        Assert.Equal("AsyncReplica", (await _arm.GetAsync(id)).Body.Text("properties.replicationRole"));
    }

    [Fact]
    public async Task Put_SixthReplica_IsRefused()
    {
        for (var i = 2; i <= 5; i++) await _arm.EndAsync(await _arm.SendAsync("PUT", _arm.Server("highflame-prod-dr-rg", $"replica-{i}"), Replica("westus")));
        var sixth = await _arm.SendAsync("PUT", _arm.Server("highflame-prod-dr-rg", "replica-6"), Replica("westus"));
        Assert.Equal((400, "ReadReplicaLimitExceeded"), (sixth.Status, sixth.Code));
        Assert.Equal("Ready", (await _arm.GetAsync(_arm.Primary)).Body.Text("properties.state"));
    }

    [Fact]
    public async Task Put_ReplicaOfBurstableSource_IsRefused()
    {
        var small = _arm.Server("highflame-prod-rg", "small");
        await _arm.EndAsync(await _arm.SendAsync("PUT", small, """{"location":"eastus","sku":{"name":"Standard_B2s","tier":"Burstable"},"properties":{"administratorLogin":"me","administratorLoginPassword":"Abcdefg1!"}}"""));
        var answer = await _arm.SendAsync("PUT", _arm.Server("highflame-prod-rg", "small-replica"), $$$"""{"location":"eastus","properties":{"createMode":"Replica","sourceServerResourceId":"{{{small}}}"}}""");
        Assert.Equal((400, "OperationNotAllowed"), (answer.Status, answer.Code));
        Assert.Contains("Burstable", answer.Body.Text("error.message"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("highflame-prod-postgres", 409, "ServerNameAlreadyExists")]
    [InlineData("no", 400, "InvalidServerName")]
    [InlineData("-leading", 400, "InvalidServerName")]
    [InlineData("two--hyphens", 400, "InvalidServerName")]
    public async Task Put_BadOrTakenName_IsRefused(string name, int status, string code)
    {
        var answer = await _arm.SendAsync("PUT", _arm.Server("highflame-prod-dr-rg", name), Replica("westus"));
        Assert.Equal((status, code), (answer.Status, answer.Code));
    }

    [Theory]
    [InlineData("""{"properties":{"createMode":"Replica","sourceServerResourceId":"SOURCE"}}""", 400, "LocationRequired")]
    [InlineData("""{"location":"mars","properties":{"createMode":"Replica","sourceServerResourceId":"SOURCE"}}""", 400, "LocationNotAvailableForResourceType")]
    [InlineData("""{"location":"westus","properties":{"createMode":"Replica"}}""", 400, "MissingRequiredParameter")]
    [InlineData("""{"location":"westus","properties":{"createMode":"Copy"}}""", 400, "InvalidParameterValue")]
    [InlineData("""{"location":"westus","properties":{"createMode":"Replica","sourceServerResourceId":"/subscriptions/x/resourceGroups/y/providers/Microsoft.DBforPostgreSQL/flexibleServers/z"}}""", 404, "SourceServerNotFound")]
    [InlineData("""{"location":"westus","properties":{"createMode":"Replica","sourceServerResourceId":"REPLICA"}}""", 400, "OperationNotAllowed")]
    [InlineData("""{"location":"westus","sku":{"name":"Standard_D2ads_v5","tier":"GeneralPurpose"},"properties":{"createMode":"Replica","sourceServerResourceId":"SOURCE"}}""", 400, "InvalidParameterValue")]
    [InlineData("""{"location":"westus","sku":{"name":"Standard_D4ads_v5"},"properties":{"createMode":"Replica","sourceServerResourceId":"SOURCE"}}""", 400, "InvalidRequestContent")]
    [InlineData("""{"location":"westus","properties":{"createMode":"Replica","sourceServerResourceId":"SOURCE","storage":{"storageSizeGB":32}}}""", 400, "InvalidParameterValue")]
    [InlineData("""{"location":"westus","properties":{"createMode":"Replica","sourceServerResourceId":"SOURCE","storage":{"autoGrow":"Disabled"}}}""", 400, "InvalidParameterValue")]
    [InlineData("""{"location":"westus","properties":{"createMode":"Replica","sourceServerResourceId":"SOURCE","administratorLogin":"me"}}""", 400, "InvalidParameterValue")]
    [InlineData("""{"location":"westus","properties":{"createMode":"Default"}}""", 400, "MissingRequiredParameter")]
    [InlineData("""{"location":"westus","properties":{"administratorLogin":"azure_superuser","administratorLoginPassword":"Abcdefg1!"}}""", 400, "InvalidParameterValue")]
    [InlineData("""{"location":"westus","properties":{"administratorLogin":"me","administratorLoginPassword":"short"}}""", 400, "PasswordNotComplex")]
    public async Task Put_WhatAzureRefuses_IsRefusedAndMakesNothing(string body, int status, string code)
    {
        var id = _arm.Server("highflame-prod-dr-rg", "fresh");
        var answer = await _arm.SendAsync("PUT", id, body.Replace("SOURCE", _arm.Primary, StringComparison.Ordinal).Replace("REPLICA", _arm.Replica, StringComparison.Ordinal));
        Assert.Equal((status, code), (answer.Status, answer.Code));
        Assert.Equal(404, (await _arm.GetAsync(id)).Status);
        Assert.Empty(_arm.Fleet.Calls);
    }

    [Fact]
    public async Task Put_ReplicaWhoseCopyFails_LeavesNoServerAndAReadySource()
    {
        _arm.Fleet.Gate = new TaskCompletionSource();
        _arm.Fleet.Gate.SetException(new InvalidOperationException("pg_basebackup: the link is cut"));
        var id = _arm.Server("highflame-prod-dr-rg", "fresh");
        var end = await _arm.EndAsync(await _arm.SendAsync("PUT", id, Replica("westus")));
        Assert.Equal("Failed", end.Text("status"));
        Assert.Contains("the link is cut", end.Text("error.message"), StringComparison.Ordinal);
        Assert.Equal(404, (await _arm.GetAsync(id)).Status);
        Assert.Equal("Ready", (await _arm.GetAsync(_arm.Primary)).Body.Text("properties.state"));
    }

    [Fact]
    public async Task Put_ExistingServerAsReplica_IsRefused()
    {
        var answer = await _arm.SendAsync("PUT", _arm.Primary, $$$"""{"location":"eastus","properties":{"createMode":"Replica","sourceServerResourceId":"{{{_arm.Replica}}}"}}""");
        Assert.Equal((409, "ServerAlreadyExists"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Delete_LockedServer_IsRefusedUntilTheLockIsGone()
    {
        await _arm.EndAsync(await _arm.SendAsync("PATCH", _arm.Replica, """{"properties":{"replica":{"promoteMode":"Standalone","promoteOption":"Planned"}}}"""));
        var refused = await _arm.SendAsync("DELETE", _arm.Primary);
        Assert.Equal((409, "ScopeLocked"), (refused.Status, refused.Code));
        Assert.Equal(200, (await _arm.SendAsync("DELETE", _arm.Primary + "/providers/Microsoft.Authorization/locks/postgres-lock", null, "2020-05-01")).Status);
        Assert.Equal("Succeeded", (await _arm.EndAsync(await _arm.SendAsync("DELETE", _arm.Primary))).Text("status"));
        Assert.Equal(404, (await _arm.GetAsync(_arm.Primary)).Status);
        Assert.False(_arm.Fleet.Exists("highflame-prod-postgres"));
        Assert.Equal(204, (await _arm.SendAsync("DELETE", _arm.Primary)).Status);
    }

    [Fact]
    public async Task Delete_PrimaryWithReplicas_IsRefused()
    {
        await _arm.SendAsync("DELETE", _arm.Primary + "/providers/Microsoft.Authorization/locks/postgres-lock", null, "2020-05-01");
        var answer = await _arm.SendAsync("DELETE", _arm.Primary);
        Assert.Equal((400, "OperationNotAllowed"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task StopAndStart_Server_ShowTheStatesAndRefuseTheWrongOnes()
    {
        Assert.Equal((409, "ServerIsNotStopped"), (await _arm.SendAsync("POST", _arm.Primary + "/start")) is { } early ? (early.Status, early.Code) : default);
        await _arm.EndAsync(await _arm.SendAsync("POST", _arm.Primary + "/stop"));
        Assert.Equal("Stopped", (await _arm.GetAsync(_arm.Primary)).Body.Text("properties.state"));
        Assert.False(_arm.Fleet["highflame-prod-postgres"].Running);
        foreach (var (method, path, body) in ((string, string, string?)[])[("POST", "/stop", null), ("POST", "/restart", null), ("PATCH", "", """{"properties":{"backup":{"backupRetentionDays":9}}}""")])
        {
            var refused = await _arm.SendAsync(method, _arm.Primary + path, body);
            Assert.Equal((409, "ServerIsNotReady"), (refused.Status, refused.Code));
        }

        await _arm.EndAsync(await _arm.SendAsync("POST", _arm.Primary + "/start"));
        Assert.Equal("Ready", (await _arm.GetAsync(_arm.Primary)).Body.Text("properties.state"));
        Assert.Equal(["stop highflame-prod-postgres", "start highflame-prod-postgres"], _arm.Fleet.Calls);
    }

    [Fact]
    public async Task Patch_TagsPasswordAndSku_AreApplied()
    {
        await _arm.EndAsync(await _arm.SendAsync("PATCH", _arm.Primary, """{"tags":{"role":"old"}}"""));
        await _arm.EndAsync(await _arm.SendAsync("PATCH", _arm.Primary, """{"properties":{"administratorLoginPassword":"Another1!pass","backup":{"backupRetentionDays":20}}}"""));
        await _arm.EndAsync(await _arm.SendAsync("PATCH", _arm.Replica, """{"sku":{"name":"Standard_D8ads_v5","tier":"GeneralPurpose"}}"""));
        var primary = (await _arm.GetAsync(_arm.Primary)).Body;
        Assert.Equal(("old", 20L), (primary.Text("tags.role"), primary.Whole("properties.backup.backupRetentionDays")));
        Assert.Equal("Another1!pass", _arm.Fleet["highflame-prod-postgres"].Password);
        Assert.DoesNotContain("Another1!pass", primary!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("Standard_D8ads_v5", (await _arm.GetAsync(_arm.Replica)).Body.Text("sku.name"));
        Assert.Contains("restart highflame-prod-dr-postgres", _arm.Fleet.Calls);
    }

    [Theory]
    [InlineData("""{"properties":{"storage":{"storageSizeGB":32}}}""")]
    [InlineData("""{"properties":{"storage":{"storageSizeGB":128}}}""")]
    [InlineData("""{"properties":{"storage":{"storageSizeGB":100}}}""")]
    [InlineData("""{"properties":{"administratorLogin":"other"}}""")]
    [InlineData("""{"sku":{"name":"GP_Standard_D4ads_v5"}}""")]
    public async Task Patch_PrimaryBeyondTheRules_IsRefused(string body)
    {
        var answer = await _arm.SendAsync("PATCH", _arm.Primary, body);
        Assert.Equal((400, "InvalidParameterValue"), (answer.Status, answer.Code));
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    public async Task Configuration_Change_ReallyApplies(string method)
    {
        var path = _arm.Primary + "/configurations/default_transaction_read_only";
        var accepted = await _arm.SendAsync(method, path, """{"properties":{"value":"on","source":"user-override"}}""");
        Assert.Equal(202, accepted.Status);
        await _arm.EndAsync(accepted);
        Assert.Equal("on", _arm.Fleet["highflame-prod-postgres"].Parameters["default_transaction_read_only"]);
        var read = (await _arm.GetAsync(path)).Body;
        Assert.Equal(("on", "user-override", "Boolean"), (read.Text("properties.value"), read.Text("properties.source"), read.Text("properties.dataType")));
    }

    [Theory]
    [InlineData("default_transaction_read_only", "maybe", 400, "InvalidParameterValue")]
    [InlineData("work_mem", "12", 400, "InvalidParameterValue")]
    [InlineData("work_mem", "lots", 400, "InvalidParameterValue")]
    [InlineData("wal_level", "all", 400, "InvalidParameterValue")]
    [InlineData("server_version", "16", 400, "ReadOnlyServerParameter")]
    [InlineData("port", "5433", 400, "ReadOnlyServerParameter")]
    [InlineData("no_such", "1", 404, "ResourceNotFound")]
    public async Task Configuration_BadChange_IsRefused(string name, string value, int status, string code)
    {
        var answer = await _arm.SendAsync("PUT", $"{_arm.Primary}/configurations/{name}", $$$"""{"properties":{"value":"{{{value}}}"}}""");
        Assert.Equal((status, code), (answer.Status, answer.Code));
        Assert.Empty(_arm.Fleet.Calls);
    }

    [Fact]
    public async Task Configurations_List_PagesWithTop()
    {
        var first = await _arm.GetAsync(_arm.Primary + "/configurations?$top=4");
        Assert.Equal(4, first.Body!["value"]!.AsArray().Count);
        var second = await _arm.SendAsync("GET", first.Body.Text("nextLink")!);
        Assert.Equal(2, second.Body!["value"]!.AsArray().Count);
        Assert.Null(second.Body["nextLink"]);
    }

    [Fact]
    public async Task Databases_CreateListDelete_AreReal()
    {
        await _arm.SendAsync("DELETE", _arm.Primary + "/providers/Microsoft.Authorization/locks/postgres-lock", null, "2020-05-01");
        var path = _arm.Primary + "/databases/orders";
        await _arm.EndAsync(await _arm.SendAsync("PUT", path, """{"properties":{"charset":"utf8","collation":"en_US.utf8"}}"""));
        Assert.True(_arm.Fleet["highflame-prod-postgres"].Databases.ContainsKey("orders"));
        Assert.Equal("utf8", (await _arm.GetAsync(path)).Body.Text("properties.charset"));
        Assert.Equal((400, "OperationNotAllowed"), (await _arm.SendAsync("DELETE", _arm.Primary + "/databases/postgres")) is { } system ? (system.Status, system.Code) : default);
        Assert.Equal((400, "OperationNotAllowed"), (await _arm.SendAsync("PUT", _arm.Replica + "/databases/orders", "{}")) is { } replica ? (replica.Status, replica.Code) : default);
        await _arm.EndAsync(await _arm.SendAsync("DELETE", path));
        Assert.Equal(404, (await _arm.GetAsync(path)).Status);
    }

    [Fact]
    public async Task FirewallRules_NeedPublicAccessAndIPv4()
    {
        const string Rule = """{"properties":{"startIpAddress":"127.0.0.1","endIpAddress":"127.0.0.9"}}""";
        Assert.Equal("FirewallRuleNotAllowed", (await _arm.SendAsync("PUT", _arm.Primary + "/firewallRules/office", Rule)).Code);
        Assert.Equal("InvalidParameterValue", (await _arm.SendAsync("PUT", _arm.Replica + "/firewallRules/office", """{"properties":{"startIpAddress":"::1","endIpAddress":"::1"}}""")).Code);
        Assert.Equal("InvalidRequestContent", (await _arm.SendAsync("PUT", _arm.Replica + "/firewallRules/office", """{"properties":{"startIpAddress":"127.0.0.1"}}""")).Code);
        await _arm.EndAsync(await _arm.SendAsync("PUT", _arm.Replica + "/firewallRules/office", Rule));
        Assert.Equal("127.0.0.9", (await _arm.GetAsync(_arm.Replica + "/firewallRules")).Body!["value"]![0].Text("properties.endIpAddress"));
        Assert.Equal("ScopeLocked", (await _arm.SendAsync("DELETE", _arm.Replica + "/firewallRules/office")).Code);
        await _arm.SendAsync("DELETE", _arm.Replica + "/providers/Microsoft.Authorization/locks/postgres-lock", null, "2020-05-01");
        await _arm.EndAsync(await _arm.SendAsync("DELETE", _arm.Replica + "/firewallRules/office"));
        Assert.Equal(404, (await _arm.GetAsync(_arm.Replica + "/firewallRules/office")).Status);
    }

    [Theory]
    [InlineData("highflame-prod-postgres", false, "AlreadyExists")]
    [InlineData("no", false, "Invalid")]
    [InlineData("free-name", true, null)]
    public async Task CheckNameAvailability_Name_SaysWhatAzureSays(string name, bool available, string? reason)
    {
        var answer = await _arm.SendAsync("POST", $"{_arm.Subscription}/providers/Microsoft.DBforPostgreSQL/checkNameAvailability", $$$"""{"name":"{{{name}}}","type":"Microsoft.DBforPostgreSQL/flexibleServers"}""");
        Assert.Equal((available, reason), ((bool)answer.Body!["nameAvailable"]!, answer.Body.Text("reason")));
    }

    [Fact]
    public async Task Capabilities_OfLocationAndServer_ListEditionsAndVersions()
    {
        foreach (var path in (string[])[$"{_arm.Subscription}/providers/Microsoft.DBforPostgreSQL/locations/westus/capabilities", _arm.Primary + "/capabilities"])
        {
            var value = (await _arm.GetAsync(path)).Body!["value"]![0];
            Assert.Equal(["Burstable", "GeneralPurpose", "MemoryOptimized"], value!["supportedServerEditions"]!.AsArray().Select(e => e.Text("name")));
            Assert.Contains("15", value["supportedServerVersions"]!.AsArray().Select(e => e.Text("name")));
        }
    }

    [Fact]
    public async Task Metrics_OfReplicaAndPrimary_AreWhatTheDatabasesSay()
    {
        var replica = (await _arm.GetAsync(_arm.Replica + "/providers/Microsoft.Insights/metrics?metricnames=physical_replication_delay_in_seconds,is_db_alive&aggregation=Maximum&interval=PT1M", "2024-02-01")).Body;
        Assert.Equal(["physical_replication_delay_in_seconds", "is_db_alive"], replica!["value"]!.AsArray().Select(v => v.Text("name.value")));
        Assert.Equal(1.5, (double)replica["value"]![0]!["timeseries"]![0]!["data"]![0]!["maximum"]!);
        Assert.Equal(1, (double)replica["value"]![1]!["timeseries"]![0]!["data"]![0]!["maximum"]!);
        var primary = (await _arm.GetAsync(_arm.Primary + "/providers/Microsoft.Insights/metrics?metricnames=physical_replication_delay_in_bytes&aggregation=Average,Maximum", "2024-02-01")).Body;
        Assert.Equal(4096, (double)primary!["value"]![0]!["timeseries"]![0]!["data"]![0]!["maximum"]!);
        var wrong = await _arm.GetAsync(_arm.Primary + "/providers/Microsoft.Insights/metrics?metricnames=nonsense", "2024-02-01");
        Assert.Equal((400, "BadRequest"), (wrong.Status, wrong.Body.Text("code")));
    }

    private string Replica(string location) => $$$"""{"location":"{{{location}}}","properties":{"createMode":"Replica","sourceServerResourceId":"{{{_arm.Primary}}}"}}""";
}
