using Highflame.Dr.Engine.Azure.Wire;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Inventory;

public sealed class ServerMappingTests
{
    [Theory]
    [InlineData("AsyncReplica", "AsyncReplica", DbRole.Replica)]
    [InlineData("geoasyncreplica", null, DbRole.Replica)]
    [InlineData(null, "GeoAsyncReplica", DbRole.Replica)]
    [InlineData("Primary", "Primary", DbRole.Primary)]
    [InlineData("None", "None", DbRole.Primary)]
    [InlineData("None", "Primary", DbRole.Primary)]
    [InlineData(null, null, DbRole.Primary)]
    [InlineData("Primary", "AsyncReplica", DbRole.Unknown)]
    [InlineData("Witness", null, DbRole.Unknown)]
    public void RoleOf_AzuresRoleFields_GiveTheRole(string? replicaRole, string? replicationRole, DbRole expected) =>
        Assert.Equal(expected, ServerMapping.RoleOf(Properties("Ready", replicaRole, replicationRole)));

    [Fact]
    public void RoleOf_NoState_IsUnknown() => Assert.Equal(DbRole.Unknown, ServerMapping.RoleOf(Properties(null, "Primary", "Primary")));

    [Fact]
    public void From_DisplayNameLocation_IsNormalised()
    {
        var wire = new ServerWire("/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg", "pg", "Canada Central", new("Standard_D4ads_v5", "GeneralPurpose"),
            new("Ready", "pg.postgres.database.azure.com", "16", new(64), "", "AsyncReplica", new("AsyncReplica", null)));
        var server = ServerMapping.From(wire, "");
        Assert.Equal(("canadacentral", "g", 64, DbRole.Replica), (server.Location, server.ResourceGroup, server.StorageGB, server.Role));
        Assert.Null(server.SourceServerResourceId);
        Assert.Null(server.ReplicationState);
    }

    private static ServerPropertiesWire Properties(string? state, string? replicaRole, string? replicationRole) =>
        new(state, null, null, null, null, replicationRole, replicaRole is null ? null : new(replicaRole, null));
}
