using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Execution;

/// <summary>
/// The old primary after a switchover: seen to be a replica by Azure and, where its database can be asked, in recovery. Only then its fence debt is struck out, and the fence's parameter put off: a
/// replica takes no write, and when it takes over again it must not refuse them.
/// </summary>
internal sealed class Following(AzureConnection connection, IInventory inventory, RunStore store, IJournal journal, TimeProvider time, IDrObserver observer)
{
    /// <summary>After Azure's operation has ended it follows at once; what shows it lags.</summary>
    public static readonly TimeSpan Longest = Pace.Seconds(300);
    private static readonly TimeSpan Patience = Pace.Seconds(5);

    /// <summary>Errors: HfNotFollowing; those of Azure.</summary>
    public async Task<StepResult> AwaitAsync(PlanStep step, TimeSpan limit, CancellationToken cancellationToken)
    {
        var open = journal.BeginStep(step);
        try
        {
            var (server, database) = (default(DbServer), default(DatabaseObservation));
            var follows = await Pace.UntilAsync(
                async token =>
                {
                    (server, database) = await LookAsync(step.Target, token).ConfigureAwait(false);
                    return Follows(server, database);
                },
                Pace.Milliseconds(50), Pace.Seconds(5), limit, time, cancellationToken).ConfigureAwait(false);
            if (!follows)
                throw new DrException("HfNotFollowing", DrErrorKind.TimedOut, $"{AzureId.NameOf(step.Target)} is not seen to follow: Azure shows it as {server?.ReplicationRole ?? "nothing"}, {server?.State ?? "not there"}; its database {(database is null ? "does not answer" : database.InRecovery ? "is in recovery" : "is not in recovery")}.", step.Target,
                    "Wait until Get-HfDbServer shows it as a replica, then run Complete-HfFence for it.");
            store.PayDebt(step.Target);
            return journal.EndStep(open, StepOutcome.Succeeded, $"it is a replica and takes no write{await ClearAsync(step.Target, database, cancellationToken).ConfigureAwait(false)}");
        }
        catch (DrException e)
        {
            journal.EndStep(open, e.ErrorId == "HfNotFollowing" ? StepOutcome.Unknown : StepOutcome.Failed, $"{e.ErrorId}: {e.Message}");
            throw;
        }
    }

    private bool Follows(DbServer? server, DatabaseObservation? database) =>
        server is { Role: DbRole.Replica, State: "Ready" } && (!connection.Databases.Asks(server.HostName) || database is { InRecovery: true });

    private async Task<(DbServer? Server, DatabaseObservation? Database)> LookAsync(string id, CancellationToken cancellationToken)
    {
        var server = (await Glimpse.OfAsync<DbServer>(token => inventory.TryGetServerAsync(id, token), Patience, time, cancellationToken).ConfigureAwait(false)).Value;
        if (server is null || !connection.Databases.Asks(server.HostName)) return (server, null);
        return (server, (await Glimpse.OfDatabaseAsync(connection.Databases, server.HostName, Patience, time, cancellationToken).ConfigureAwait(false)).Value);
    }

    // It follows already: a parameter that stays on does no harm until it takes over again, and the plan of that clears it.
    private async Task<string> ClearAsync(string id, DatabaseObservation? database, CancellationToken cancellationToken)
    {
        try
        {
            var isOn = database?.ReadOnly ?? WriteFence.IsOn(await inventory.GetParameterAsync(id, ServerCalls.ReadOnlyParameter, cancellationToken).ConfigureAwait(false));
            if (!isOn) return "";
            await new ServerCalls(connection.Arm, journal, time).SetParameterAsync(id, ServerCalls.ReadOnlyParameter, "off", cancellationToken).ConfigureAwait(false);
            return $"; {ServerCalls.ReadOnlyParameter} is set to off";
        }
        catch (DrException e) when (!JournalTrouble.Is(e))
        {
            observer.Warning($"{AzureId.NameOf(id)} follows, and {ServerCalls.ReadOnlyParameter} is on there still: {e.Message}");
            return $"; {ServerCalls.ReadOnlyParameter} stays on";
        }
    }
}
