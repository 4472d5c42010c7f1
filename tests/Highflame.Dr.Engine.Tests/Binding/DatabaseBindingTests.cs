using Highflame.Dr.Engine.Binding;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Binding;

public sealed class DatabaseBindingTests
{
    private const string Zone = ".privatelink.postgres.database.azure.com";
    private static readonly DbServer s_server = Pairs.Server("pg-2", "eastus", DbRole.Replica, "pg-dr");

    private static readonly Dictionary<string, string?> s_other = new()
    {
        ["host"] = "pg-dr" + Zone, ["port"] = "5432", ["id"] = Pairs.Id("pg-dr"), ["privateip"] = "10.0.0.4", ["engine"] = "postgres", ["dbname"] = "app", ["username"] = "app", ["password"] = "p4ss",
    };

    [Fact]
    public void ToWrite_AfterANewReplica_FollowsTheServerAndLeavesTheRest()
    {
        var own = new Dictionary<string, string?>(s_other) { ["host"] = "pg" + Zone, ["port"] = "6432", ["id"] = Pairs.Id("pg"), ["privateip"] = "10.0.1.4", ["password"] = "its own" };

        var write = DatabaseBinding.ToWrite(own, s_other, s_server, "10.0.1.5", copyCredential: false);

        Assert.Equal(new Dictionary<string, string> { ["host"] = "pg-2" + Zone, ["id"] = s_server.ResourceId, ["privateip"] = "10.0.1.5" }, write);
        Assert.Equal("p4ss", DatabaseBinding.ToWrite(own, s_other, s_server, null, copyCredential: true)["password"]);
    }

    [Fact]
    public void ToWrite_SecretsThatTerraformLeftEmpty_AreFilledFromTheOtherRegion()
    {
        var own = new Dictionary<string, string?> { ["engine"] = "postgres", ["host"] = "pg-2" + Zone, ["port"] = "5432", ["id"] = s_server.ResourceId.ToUpperInvariant(), ["dbname"] = "", ["username"] = "", ["password"] = null, ["privateip"] = "" };

        Assert.Equal(["dbname", "username", "password"], DatabaseBinding.ToWrite(own, s_other, s_server, null, copyCredential: false).Keys);
        Assert.Empty(DatabaseBinding.ToWrite(own, new Dictionary<string, string?>(), s_server, null, copyCredential: false));
    }

    [Theory]
    [InlineData("pg" + Zone, "x.example.com", "pg-2" + Zone)]
    [InlineData(null, "pg-dr.example.com", "pg-2.example.com")]
    [InlineData(null, null, "pg-2.postgres.database.azure.com")]
    public void ToWrite_Host_KeepsTheDomainThatIsUsed(string? own, string? other, string host) =>
        Assert.Equal(host, DatabaseBinding.ToWrite(new Dictionary<string, string?> { ["host"] = own }, new Dictionary<string, string?> { ["host"] = other }, s_server, null, false)["host"]);

    [Fact]
    public void Plan_ServerWithoutAnEndpoint_MakesOneBesideTheOldAndWritesItsAddress()
    {
        var plan = Plan(new() { At = default, Server = s_server, ResourceGroup = "rg1", VaultId = "/v/kv", Wrong = ["host", "id"], Endpoints = [new("/n/privateEndpoints/pg-pe", Pairs.Id("pg"), "Approved", null, null, "Succeeded")] });

        Assert.Equal(["CreatePrivateEndpoint", "BindSecrets"], plan.Steps.Select(s => s.Name));
        Assert.Equal("/n/privateEndpoints/pg-2-pe", plan.EndpointId);
        Assert.Contains("host, id, privateip", plan.Steps[1].Action, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_AllRight_ChangesNothing()
    {
        var plan = Plan(new() { At = default, Server = s_server, ResourceGroup = "rg1", VaultId = "/v/kv", Endpoints = [new("/n/privateEndpoints/x", s_server.ResourceId, "Approved", "10.0.1.5", null, "Succeeded")] });

        Assert.True(plan.NoChange);
        Assert.Empty(plan.Warnings);
    }

    [Fact]
    public void Plan_WhatNobodyKnows_IsAWarning()
    {
        var plan = Plan(new() { At = default, Server = s_server, ResourceGroup = "rg1", VaultId = "/v/kv", Empty = ["password"], OtherTrouble = "The vault did not answer.", Endpoints = [new("/n/privateEndpoints/x", s_server.ResourceId, "Pending", null, null, null)] });

        Assert.Equal(2, plan.Warnings.Length);
        Assert.Contains(plan.Warnings, w => w.Contains("password", StringComparison.Ordinal) && w.Contains("cannot log in", StringComparison.Ordinal));
        Assert.Contains("no vault", Plan(new() { At = default, Server = s_server, ResourceGroup = "rg1" }).Warnings.Single(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void EndpointBody_OfAModel_TakesItsSubnetGroupsAndTags()
    {
        var model = ScriptedArm.Json("""{"id":"/m","location":"eastus","tags":{"a":"b"},"properties":{"subnet":{"id":"/s"},"privateLinkServiceConnections":[{"name":"old","properties":{"privateLinkServiceId":"/old","groupIds":["postgresqlServer"]}}]}}""");

        Assert.Equal(
            """{"location":"eastus","properties":{"subnet":{"id":"/s"},"privateLinkServiceConnections":[{"name":"pg-2-pe","properties":{"privateLinkServiceId":"/new","groupIds":["postgresqlServer"]}}]},"tags":{"a":"b"}}""",
            BindingDocuments.EndpointBody(model, "pg-2-pe", "/new").ToJsonString());
        Assert.Equal(
            """{"properties":{"privateDnsZoneConfigs":[{"name":"z","properties":{"privateDnsZoneId":"/z"}}]}}""",
            BindingDocuments.ZoneGroupBody(ScriptedArm.Json("""{"name":"default","properties":{"provisioningState":"Succeeded","privateDnsZoneConfigs":[{"name":"z","id":"/x","properties":{"privateDnsZoneId":"/z","recordSets":[]}}]}}""")).ToJsonString());
    }

    private static BindingPlan Plan(BindingObservation seen) => BindingPlanner.Plan(seen, new() { Pair = Pairs.Create(), Location = "eastus" });
}
