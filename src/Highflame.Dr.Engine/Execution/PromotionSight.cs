using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Execution;

/// <summary>What a server that was to be promoted is seen to be.</summary>
internal enum Sighting
{
    Unclear,

    /// <summary>A replica that is ready, as it was.</summary>
    Untouched,

    UnderWay,

    Promoted,
}

/// <summary>Looks at a server that was to be promoted: at its database, which is the last word, and at Azure's state and role.</summary>
internal static class PromotionSight
{
    public static async Task<Sighting> LookAsync(IInventory inventory, IDatabases databases, string serverId, string hostName, TimeProvider time, CancellationToken cancellationToken)
    {
        var database = databases.Asks(hostName)
            ? await Glimpse.OfDatabaseAsync(databases, hostName, Pace.Seconds(3), time, cancellationToken).ConfigureAwait(false)
            : default;
        if (database.Value is { InRecovery: false }) return Sighting.Promoted;
        var server = (await Glimpse.OfAsync<DbServer>(token => inventory.TryGetServerAsync(serverId, token), Pace.Seconds(10), time, cancellationToken).ConfigureAwait(false)).Value;
        return (server, database.Value) switch
        {
            (null, _) => Sighting.Unclear,
            ({ Role: DbRole.Primary, State: "Ready" }, null) => Sighting.Promoted,
            ({ State: "Updating" or "Restarting" }, _) or ({ Role: DbRole.Primary }, _) => Sighting.UnderWay,
            ({ ReplicationState: "Reconfiguring" }, _) => Sighting.UnderWay,
            ({ Role: DbRole.Replica, State: "Ready" }, _) => Sighting.Untouched,
            _ => Sighting.Unclear,
        };
    }
}
