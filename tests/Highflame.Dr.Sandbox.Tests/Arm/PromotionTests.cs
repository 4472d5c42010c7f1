using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Tests.Arm;

public sealed class PromotionTests : IAsyncLifetime
{
    private const string Planned = """{"properties":{"replica":{"promoteMode":"Standalone","promoteOption":"Planned"}}}""";
    private const string Forced = """{"properties":{"replica":{"promoteMode":"standalone","promoteOption":"FORCED"}}}""";
    private const string Switchover = """{"properties":{"replica":{"role":"Primary","promoteMode":"switchover","promoteOption":"planned"},"sourceServerResourceId":"SOURCE"}}""";
    private RunningSandbox _arm = null!;

    public async Task InitializeAsync() => _arm = await RunningSandbox.StartAsync();

    public Task DisposeAsync() => _arm.DisposeAsync().AsTask();

    [Theory]
    [InlineData(Planned, "promote highflame-prod-dr-postgres planned")]
    [InlineData(Forced, "promote highflame-prod-dr-postgres forced")]
    [InlineData("""{"properties":{"replica":{"role":"None","promoteMode":"Standalone","promoteOption":"Planned"}}}""", "promote highflame-prod-dr-postgres planned")]
    [InlineData("""{"properties":{"replicationRole":"None"}}""", "promote highflame-prod-dr-postgres planned")]
    public async Task Patch_StandaloneInAnyForm_PromotesTheRealServer(string body, string call)
    {
        var accepted = await _arm.SendAsync("PATCH", _arm.Replica, body);
        Assert.Equal(202, accepted.Status);
        Assert.Equal("Succeeded", (await _arm.EndAsync(accepted)).Text("status"));
        Assert.Equal([call], _arm.Fleet.Calls);
        var promoted = (await _arm.GetAsync(_arm.Replica)).Body;
        Assert.Equal(("None", "None", "Ready"), (promoted.Text("properties.replica.role"), promoted.Text("properties.replicationRole"), promoted.Text("properties.state")));
        Assert.Null(promoted.At("properties.sourceServerResourceId"));
        var old = (await _arm.GetAsync(_arm.Primary)).Body;
        Assert.Equal(("Primary", "Ready"), (old.Text("properties.replica.role"), old.Text("properties.state")));
        Assert.True(_arm.Fleet["highflame-prod-postgres"].Running);
        Assert.Empty((await _arm.GetAsync(_arm.Primary + "/replicas")).Body!["value"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"properties":{"replica":{"promoteMode":"Sideways","promoteOption":"Planned"}}}""", 400, "InvalidParameterValue")]
    [InlineData("""{"properties":{"replica":{"promoteMode":"Standalone","promoteOption":"Gently"}}}""", 400, "InvalidParameterValue")]
    [InlineData("""{"properties":{"replica":{"promoteMode":"Standalone"}}}""", 400, "MissingRequiredParameter")]
    [InlineData("""{"properties":{"replica":{"promoteOption":"Forced"}}}""", 400, "MissingRequiredParameter")]
    [InlineData("""{"properties":{"replica":{"promoteMode":"Switchover","promoteOption":"Planned"}}}""", 400, "OperationNotAllowed")]
    [InlineData("""{"properties":{"replica":{"promoteMode":"Standalone","promoteOption":"Planned"},"administratorLoginPassword":"Abcdefg1!"}}""", 400, "OperationNotAllowed")]
    public async Task Patch_BadPromotion_IsRefusedAndChangesNothing(string body, int status, string code)
    {
        var answer = await _arm.SendAsync("PATCH", _arm.Replica, body);
        Assert.Equal((status, code), (answer.Status, answer.Code));
        Assert.Empty(_arm.Fleet.Calls);
        Assert.Equal("GeoAsyncReplica", (await _arm.GetAsync(_arm.Replica)).Body.Text("properties.replicationRole"));
    }

    [Fact]
    public async Task Patch_PromotionOfPrimary_IsRefused()
    {
        var answer = await _arm.SendAsync("PATCH", _arm.Primary, Planned);
        Assert.Equal((400, "OperationNotAllowed"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Patch_AlreadyPromoted_IsRefused()
    {
        await _arm.EndAsync(await _arm.SendAsync("PATCH", _arm.Replica, Planned));
        var answer = await _arm.SendAsync("PATCH", _arm.Replica, Forced);
        Assert.Equal((400, "OperationNotAllowed"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Patch_DuringPromotion_BothServersAreUpdatingAndBusy()
    {
        _arm.Fleet.Gate = new TaskCompletionSource();
        var accepted = await _arm.SendAsync("PATCH", _arm.Replica, Planned);
        foreach (var server in (string[])[_arm.Primary, _arm.Replica])
        {
            Assert.Equal("Updating", (await _arm.GetAsync(server)).Body.Text("properties.state"));
            foreach (var (method, path, body) in ((string, string, string?)[])
            [
                ("POST", server + "/restart", null), ("POST", server + "/stop", null), ("DELETE", server + "/databases/highflame", null), ("PATCH", server, """{"properties":{"backup":{"backupRetentionDays":9}}}"""),
                ("PATCH", _arm.Replica, Planned), ("PUT", server + "/configurations/work_mem", """{"properties":{"value":"8192"}}"""),
                ("PUT", _arm.Server("highflame-prod-rg", "fresh"), $$$"""{"location":"eastus","properties":{"createMode":"Replica","sourceServerResourceId":"{{{_arm.Primary}}}"}}"""),
            ])
            {
                var second = await _arm.SendAsync(method, path, body);
                Assert.Equal((409, method == "DELETE" ? "ScopeLocked" : "ServerIsBusy"), (second.Status, second.Code));
            }
        }

        Assert.Equal("Reconfiguring", (await _arm.GetAsync(_arm.Primary + "/replicas")).Body!["value"]![0].Text("properties.replica.replicationState"));
        _arm.Fleet.Gate.SetResult();
        Assert.Equal("Succeeded", (await _arm.EndAsync(accepted)).Text("status"));
        Assert.Equal("Ready", (await _arm.GetAsync(_arm.Primary)).Body.Text("properties.state"));
    }

    [Fact]
    public async Task Patch_PlannedWhileThePrimaryChangesAParameter_IsBusyAndForcedIsNot()
    {
        _arm.Fleet.Gate = new TaskCompletionSource();
        var change = await _arm.SendAsync("PUT", _arm.Primary + "/configurations/default_transaction_read_only", """{"properties":{"value":"on"}}""");
        var planned = await _arm.SendAsync("PATCH", _arm.Replica, Planned);
        Assert.Equal((409, "ServerIsBusy"), (planned.Status, planned.Code));
        var forced = await _arm.SendAsync("PATCH", _arm.Replica, Forced);
        Assert.Equal(202, forced.Status);
        _arm.Fleet.Gate.SetResult();
        await _arm.EndAsync(change);
        await _arm.EndAsync(forced);
    }

    [Fact]
    public async Task Patch_PlannedWithCrashedPrimary_FailsAndLeavesTheReplica()
    {
        _arm.Fleet["highflame-prod-postgres"].Running = false;
        var end = await _arm.EndAsync(await _arm.SendAsync("PATCH", _arm.Replica, Planned));
        Assert.Equal(("Failed", "PrimaryServerUnreachable"), (end.Text("status"), end.Text("error.code")));
        Assert.Empty(_arm.Fleet.Calls);
        var replica = (await _arm.GetAsync(_arm.Replica)).Body;
        Assert.Equal(("GeoAsyncReplica", "Ready"), (replica.Text("properties.replicationRole"), replica.Text("properties.state")));
    }

    [Fact]
    public async Task Patch_ForcedWithLostRegion_Promotes()
    {
        Assert.Equal(200, (await _arm.ControlAsync("POST", "/faults", """{"fault":"RegionLost","region":"eastus"}""")).Status);
        Assert.Equal((503, "ServiceUnavailable"), (await _arm.GetAsync(_arm.Primary)) is { } lost ? (lost.Status, lost.Code) : default);
        Assert.Equal("Succeeded", (await _arm.EndAsync(await _arm.SendAsync("PATCH", _arm.Replica, Forced))).Text("status"));
        Assert.Contains("promote highflame-prod-dr-postgres forced", _arm.Fleet.Calls);
        Assert.Equal("None", (await _arm.GetAsync(_arm.Replica)).Body.Text("properties.replicationRole"));
    }

    [Fact]
    public async Task Patch_PlannedWithStoppedPrimary_IsRefused()
    {
        await _arm.EndAsync(await _arm.SendAsync("POST", _arm.Primary + "/stop"));
        var answer = await _arm.SendAsync("PATCH", _arm.Replica, Planned);
        Assert.Equal((409, "ServerIsNotReady"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Patch_RoleAfterPromotionSetToPrimary_ShowsPrimary()
    {
        await File.WriteAllTextAsync(Path.Combine(_arm.Root, "behaviour.json"), """{"roleAfterPromotion":"Primary"}""");
        await _arm.EndAsync(await _arm.SendAsync("PATCH", _arm.Replica, Planned));
        Assert.Equal("Primary", (await _arm.GetAsync(_arm.Replica)).Body.Text("properties.replica.role"));
    }

    [Fact]
    public async Task Patch_SwitchoverWithoutVirtualEndpoint_IsRefused()
    {
        var answer = await _arm.SendAsync("PATCH", _arm.Replica, Switchover.Replace("SOURCE", _arm.Primary, StringComparison.Ordinal));
        Assert.Equal((400, "OperationNotAllowed"), (answer.Status, answer.Code));
        Assert.Contains("virtual endpoint", answer.Body.Text("error.message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Patch_SwitchoverWithReaderAtReplica_SwapsTheRoles()
    {
        var endpoint = _arm.Primary + "/virtualendpoints/highflame-ve";
        await _arm.EndAsync(await _arm.SendAsync("PUT", endpoint, """{"properties":{"endpointType":"ReadWrite","members":["highflame-prod-dr-postgres"]}}"""));
        var accepted = await _arm.SendAsync("PATCH", _arm.Replica, Switchover.Replace("SOURCE", _arm.Primary, StringComparison.Ordinal));
        Assert.Equal("ReadReplicaSiteSwapManagementOperation", accepted.Body.Text("operation"));
        Assert.Equal("Succeeded", (await _arm.EndAsync(accepted)).Text("status"));
        Assert.Equal("Primary", (await _arm.GetAsync(_arm.Replica)).Body.Text("properties.replica.role"));
        var old = (await _arm.GetAsync(_arm.Primary)).Body;
        Assert.Equal(("GeoAsyncReplica", _arm.Replica), (old.Text("properties.replica.role"), old.Text("properties.sourceServerResourceId")));
        Assert.Contains("follow highflame-prod-postgres highflame-prod-dr-postgres", _arm.Fleet.Calls);
        Assert.Equal(_arm.Traffic.Names["highflame-prod-dr-postgres.postgres.database.azure.com"], _arm.Traffic.Names["highflame-ve.writer.postgres.database.azure.com"]);
    }

    [Fact]
    public async Task Get_ReplicaAlone_HasNoReplicationState()
    {
        Assert.Null((await _arm.GetAsync(_arm.Replica)).Body.At("properties.replica.replicationState"));
        var listed = (await _arm.GetAsync(_arm.Primary + "/replicas")).Body!["value"]![0];
        Assert.Equal("Active", listed.Text("properties.replica.replicationState"));
        Assert.Equal("West US", listed.Text("location"));
    }

    [Fact]
    public async Task Get_OldVersion_HasNoReplicaObject()
    {
        var old = (await _arm.GetAsync(_arm.Replica, "2022-12-01")).Body;
        Assert.Null(old.At("properties.replica"));
        Assert.Equal("GeoAsyncReplica", old.Text("properties.replicationRole"));
        Assert.IsType<JsonObject>((await _arm.GetAsync(_arm.Replica, "2024-08-01")).Body.At("properties.replica"));
    }
}
