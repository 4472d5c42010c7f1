using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Execution;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Operations;

/// <summary>
/// What a finished operation must have left behind. Azure's "Succeeded" alone is not the end of a promotion or a replica: the server's state and role, and
/// where it can be reached the database itself, have to agree (a role field can read wrong right after a promotion, azure-rest-api-specs #22499).
/// </summary>
internal sealed class ServerCrossCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly IInventory _inventory;
    private readonly IDatabases _databases;

    public ServerCrossCheck(IInventory inventory, IDatabases databases)
    {
        _inventory = inventory;
        _databases = databases;
    }

    /// <summary>Null when all agree (or the operation is not one on a server), else what does not yet.</summary>
    public async Task<string?> MissingAsync(DrOperation operation, CancellationToken cancellationToken)
    {
        if (!CanTell(operation) || Expectation(operation.Name) is not { } expected) return null;
        var server = await _inventory.TryGetServerAsync(operation.Target, cancellationToken).ConfigureAwait(false);
        if (server is null) return "Azure does not show the server yet";
        if (!server.State.Equals(expected.State, StringComparison.OrdinalIgnoreCase)) return $"the server is {server.State}, not yet {expected.State}";
        if (expected.Role is not { } role) return null;
        // The database is the last word on its own role; the role field counts where the database cannot be asked.
        var recovering = await TryInRecoveryAsync(server.HostName, cancellationToken).ConfigureAwait(false);
        if (recovering is { } inRecovery)
            return inRecovery == (role == DbRole.Replica) ? null : $"the database is {(inRecovery ? "still" : "not yet")} in recovery";
        return server.Role == role ? null : $"the server's role reads {server.ReplicationRole ?? "nothing"}, not yet {role}";
    }

    /// <summary>True when the operation leaves something behind that shows that it has ended.</summary>
    public static bool CanTell(DrOperation operation) =>
        AzureId.TryParse(operation.Target) is { } id && AzureId.IsOfType(id, AzureId.FlexibleServer) && Expectation(operation.Name) is not null;

    private static (string State, DbRole? Role)? Expectation(string operation) => operation switch
    {
        "Promote" => ("Ready", DbRole.Primary),
        "CreateReplica" => ("Ready", DbRole.Replica),
        "Start" => ("Ready", null),
        "Stop" => ("Stopped", null),
        _ => null,
    };

    private async Task<bool?> TryInRecoveryAsync(string hostName, CancellationToken cancellationToken)
    {
        if (!_databases.Asks(hostName)) return null;
        try
        {
            var database = await _databases.OpenAsync(hostName, Patience, cancellationToken).ConfigureAwait(false);
            await using (database.ConfigureAwait(false))
                return (await database.ObserveAsync(cancellationToken).ConfigureAwait(false)).InRecovery;
        }
        catch (DrException)
        {
            return null;
        }
    }
}
