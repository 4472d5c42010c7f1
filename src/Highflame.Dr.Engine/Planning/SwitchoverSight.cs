using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Planning;

/// <summary>What a switchover needs besides a healthy replica: the primary's virtual endpoints, and parameters that both servers must have alike.</summary>
/// <param name="Endpoints">Those of the primary; null when they could not be read.</param>
/// <param name="Problem">Why they could not.</param>
/// <param name="Parameters">By name: the primary's value and the replica's; one that could not be read is left out.</param>
internal sealed record SwitchoverSight(IReadOnlyList<VirtualEndpoint>? Endpoints, string? Problem, IReadOnlyDictionary<string, (string Primary, string Replica)> Parameters)
{
    /// <summary>Shared-memory parameters that Azure compares before a switchover.</summary>
    public static readonly string[] Symmetric = ["max_connections", "max_prepared_transactions", "max_locks_per_transaction", "max_wal_senders", "max_worker_processes"];

    public static async Task<SwitchoverSight> LookAsync(IArm arm, IInventory inventory, string primaryId, string replicaId, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var endpoints = Glimpse.OfAsync<IReadOnlyList<VirtualEndpoint>>(async token => await VirtualEndpoints.OfAsync(arm, primaryId, token).ConfigureAwait(false), patience, time, cancellationToken);
        var values = await Task.WhenAll(Symmetric.Select(async name =>
        {
            var primary = Glimpse.OfAsync<string>(token => inventory.GetParameterAsync(primaryId, name, token), patience, time, cancellationToken);
            var replica = Glimpse.OfAsync<string>(token => inventory.GetParameterAsync(replicaId, name, token), patience, time, cancellationToken);
            return (Name: name, Primary: (await primary.ConfigureAwait(false)).Value, Replica: (await replica.ConfigureAwait(false)).Value);
        })).ConfigureAwait(false);
        var seen = await endpoints.ConfigureAwait(false);
        return new(seen.Value, seen.Problem, values.Where(v => v is { Primary: not null, Replica: not null }).ToDictionary(v => v.Name, v => (v.Primary!, v.Replica!), StringComparer.Ordinal));
    }
}
