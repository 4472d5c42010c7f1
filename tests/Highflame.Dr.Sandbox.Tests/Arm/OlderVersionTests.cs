using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Tests.Arm;

/// <summary>PostgreSQL at 2024-08-01 and 2022-12-01, which clients in the field still send.</summary>
public sealed class OlderVersionTests : IAsyncLifetime
{
    private RunningSandbox _arm = null!;

    public async Task InitializeAsync() => _arm = await RunningSandbox.StartAsync();

    public Task DisposeAsync() => _arm.DisposeAsync().AsTask();

    [Fact]
    public async Task Patch_ReplicaObjectIn2022_IsAnUnknownMember()
    {
        var answer = await _arm.SendAsync("PATCH", _arm.Replica, """{"properties":{"replica":{"promoteMode":"Standalone","promoteOption":"Planned"}}}""", "2022-12-01");
        Assert.Equal((400, "InvalidRequestContent"), (answer.Status, answer.Code));
        Assert.Empty(_arm.Fleet.Calls);
    }

    [Fact]
    public async Task Capabilities_In2022_HaveTheOldShape()
    {
        var old = (await _arm.GetAsync($"{_arm.Subscription}/providers/Microsoft.DBforPostgreSQL/locations/eastus/capabilities", "2022-12-01")).Body!["value"]![0];
        Assert.True((bool)old.At("geoBackupSupported")!);
        Assert.NotEmpty(old.At("supportedFlexibleServerEditions")!.AsArray());
        Assert.Null(old.At("supportedServerEditions"));
        var later = (await _arm.GetAsync($"{_arm.Subscription}/providers/Microsoft.DBforPostgreSQL/locations/eastus/capabilities", "2024-08-01")).Body!["value"]![0];
        Assert.Equal("Enabled", later.Text("geoBackupSupported"));
        Assert.Null(later.At("supportedFlexibleServerEditions"));
    }

    [Fact]
    public async Task OperationResult_OfAnOldClient_IsInItsVersion()
    {
        var accepted = await _arm.SendAsync("PATCH", _arm.Replica, """{"properties":{"replicationRole":"None"}}""", "2022-12-01");
        await _arm.EndAsync(accepted);
        var result = await _arm.SendAsync("GET", accepted.Header("Location"));
        Assert.Equal((200, "None", "West US"), (result.Status, result.Body.Text("properties.replicationRole"), result.Body.Text("location")));
        Assert.Null(result.Body.At("properties.replica"));
    }

    [Fact]
    public async Task VirtualEndpoints_In2022_AreNoType()
    {
        var answer = await _arm.GetAsync(_arm.Primary + "/virtualEndpoints", "2022-12-01");
        Assert.Equal((400, "NoRegisteredProviderFound"), (answer.Status, answer.Code));
    }

    [Theory]
    [InlineData("2022-12-01")]
    [InlineData("2024-08-01")]
    [InlineData("2025-08-01")]
    public async Task PrivateZoneSuffixAndOperations_InEveryVersion_AreTold(string version)
    {
        Assert.Equal("postgres.database.azure.com", (string?)(await _arm.SendAsync("POST", "/providers/Microsoft.DBforPostgreSQL/getPrivateDnsZoneSuffix", null, version)).Body);
        var operations = (await _arm.GetAsync("/providers/Microsoft.DBforPostgreSQL/operations", version)).Body!["value"]!.AsArray();
        Assert.Contains(operations, o => o.Text("name") == "Microsoft.DBforPostgreSQL/flexibleServers/write");
    }

    [Fact]
    public async Task Lock_WithAnEscapedScope_IsTheScopesLock()
    {
        var escaped = "/" + Uri.EscapeDataString(_arm.Primary);
        var answer = await _arm.GetAsync($"{escaped}/providers/Microsoft.Authorization/locks/postgres-lock", "2020-05-01");
        Assert.Equal((200, "CanNotDelete"), (answer.Status, answer.Body.Text("properties.level")));
    }
}
