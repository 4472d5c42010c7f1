using Highflame.Dr.Sandbox.Postgres;

namespace Highflame.Dr.Sandbox.Arm.FlexibleServers;

/// <summary>
/// Promotion of a replica. Standalone: the replica becomes an independent server and the old primary stays one. Switchover: the roles swap.
/// Planned needs both servers ready and the primary reachable; Forced takes what the replica has.
/// </summary>
internal sealed class Promotion(ServerTable servers, ServerView view, VirtualEndpoints endpoints, Operations operations, Settings settings)
{
    /// <summary>Parameters in shared memory that both servers of a switchover must have alike.</summary>
    private static readonly string[] s_symmetric = ["max_connections", "max_prepared_transactions", "max_locks_per_transaction", "max_wal_senders", "max_worker_processes"];

    public async Task<ArmAnswer> StartAsync(ArmCall call, Server replica, PromotionRequest request)
    {
        var source = servers.Find(replica.SourceId);
        var outage = source is null || servers.IsLost(source);
        servers.RequireReady(replica, "Promoting a read replica");
        if (!request.Forced && source is not null && !outage) servers.RequireReady(source, "A planned promotion");
        if (request.Switchover) await CheckSwitchoverAsync(replica, source, checkSymmetry: !(request.Forced && outage), call.Aborted);

        // A forced promotion depends on nothing of the old primary: not even on its being free.
        var together = source is not null && !outage && !(request.Forced && servers.IsBusy(source)) ? new[] { replica, source } : [replica];
        servers.Enter(together);
        var sourceState = source is null ? "Ready" : servers.StateNow(source);
        foreach (var server in together) servers.SetState(server, "Updating");
        return operations.Start(call, new OperationPlan
        {
            Name = request.Switchover ? "ReadReplicaSiteSwapManagementOperation" : "PromoteReadReplicaManagementOperation",
            Namespace = ProviderCatalog.Postgres,
            Location = replica.Location,
            Duration = settings.Duration(d => d.Promotion),
            Work = token => WorkAsync(replica, source, request, token),
            Ended = error =>
            {
                foreach (var server in together) servers.SetState(server, server.Id == source?.Id ? sourceState : "Ready");
                servers.Leave(together);
            },
            Result = () => servers.Find(replica.Id) is { } promoted ? view.Show(promoted, call.ApiVersion) : null,
        });
    }

    private async Task WorkAsync(Server replica, Server? source, PromotionRequest request, CancellationToken cancellationToken)
    {
        if (!request.Forced) await RequireReachableAsync(source, cancellationToken);
        await servers.Fleet.PromoteAsync(replica.Name, waitForReplay: !request.Forced, cancellationToken);
        if (!request.Switchover)
        {
            var role = settings.Behaviour.RoleAfterPromotion;
            servers.SetRole(replica, role, role == "Primary" ? ServerCreation.MostReplicas : 0, null);
            if (source is not null) endpoints.ReaderBackToPrimary(source, replica.Name);
            return;
        }

        servers.SetRole(replica, "Primary", ServerCreation.MostReplicas, null);
        if (source is null) return;
        servers.SetRole(source, replica.Location == source.Location ? "AsyncReplica" : "GeoAsyncReplica", 0, replica.Id);
        endpoints.Swap(source, replica);
        // A lost old primary joins when its region is back; here nobody would tell us, so only a running one follows.
        if ((await servers.Fleet.GetStateAsync(source.Name, cancellationToken)).Running) await servers.Fleet.FollowAsync(source.Name, replica.Name, cancellationToken);
    }

    private async Task RequireReachableAsync(Server? source, CancellationToken cancellationToken)
    {
        DatabaseState? state = source is null || servers.IsLost(source) ? null : await servers.Fleet.GetStateAsync(source.Name, cancellationToken);
        if (state is not { Running: true })
            throw new ArmError(409, "PrimaryServerUnreachable", $"A planned promotion needs the primary server, and '{source?.Name}' cannot be reached. Use the promote option Forced to promote with what the replica has received.");
    }

    private async Task CheckSwitchoverAsync(Server replica, Server? source, bool checkSymmetry, CancellationToken cancellationToken)
    {
        if (source is null) throw ArmError.BadRequest("OperationNotAllowed", $"The primary server of '{replica.Name}' could not be found.");
        if (!endpoints.ReaderIs(source, replica.Name))
            throw ArmError.BadRequest("OperationNotAllowed", $"A switchover needs a virtual endpoint of the primary server '{source.Name}' whose reader is '{replica.Name}'. Use the promote mode Standalone, or create the virtual endpoint.", "properties.replica.promoteMode");
        if (!checkSymmetry) return;
        if (replica.Document.Text("sku.name") != source.Document.Text("sku.name") || replica.Document.Text("sku.tier") != source.Document.Text("sku.tier") || replica.StorageGb != source.StorageGb)
            throw ArmError.BadRequest("OperationNotAllowed", $"A switchover needs the same tier, compute and storage size on '{source.Name}' and '{replica.Name}'.", "properties.replica.promoteMode");
        var (one, other) = (await ValuesAsync(source, cancellationToken), await ValuesAsync(replica, cancellationToken));
        if (Array.Find(s_symmetric, p => one.GetValueOrDefault(p) != other.GetValueOrDefault(p)) is { } different)
            throw ArmError.BadRequest("OperationNotAllowed", $"A switchover needs the same value of the server parameter '{different}' on '{source.Name}' and '{replica.Name}'.", "properties.replica.promoteMode");
    }

    private async Task<Dictionary<string, string>> ValuesAsync(Server server, CancellationToken cancellationToken)
    {
        try
        {
            return (await servers.Fleet.GetParametersAsync(server.Name, cancellationToken)).ToDictionary(p => p.Name, p => p.Value);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new ArmError(409, "ServerIsNotReady", $"The server '{server.Name}' does not answer.");
        }
    }
}
