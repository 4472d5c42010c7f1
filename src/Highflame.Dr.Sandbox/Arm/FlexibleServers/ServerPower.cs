namespace Highflame.Dr.Sandbox.Arm.FlexibleServers;

/// <summary>Start, stop, restart and delete of a server.</summary>
internal sealed class ServerPower(ServerTable servers, ServerAddresses addresses, Operations operations, Settings settings)
{
    public ArmAnswer Start(ArmCall call)
    {
        var server = servers.Get(call.Path);
        if (server.State is not "Stopped" && !servers.IsBusy(server))
            throw new ArmError(409, "ServerIsNotStopped", $"Start Server can only be performed on Stopped servers. Server Name = {server.Name}, Current Server State = {server.State}");
        return Begin(call, server, "StartServerManagementOperation", "Starting", "Ready", settings.Duration(d => d.ServerStart), false, token => servers.Fleet.StartAsync(server.Name, token));
    }

    public ArmAnswer Stop(ArmCall call)
    {
        var server = servers.Get(call.Path);
        RequireStarted(server);
        return Begin(call, server, "StopServerManagementOperation", "Stopping", "Stopped", settings.Duration(d => d.ServerStop), true, token => servers.Fleet.StopAsync(server.Name, token));
    }

    public ArmAnswer Restart(ArmCall call)
    {
        var server = servers.Get(call.Path);
        if (call.OptionalBody() is { } given)
        {
            var body = BodyRules.Check(given, "postgresql.RestartParameter");
            if (body["restartWithFailover"] is { } failover && (bool)failover)
                throw ArmError.BadRequest("OperationNotAllowed", $"Restart with failover needs high availability, which is not enabled on server '{server.Name}'.", "restartWithFailover");
        }

        RequireStarted(server);
        return Begin(call, server, "RestartServerManagementOperation", "Restarting", "Ready", settings.Duration(d => d.ServerRestart), true, token => servers.Fleet.RestartAsync(server.Name, token));
    }

    public ArmAnswer Delete(ArmCall call)
    {
        if (servers.Find(call.Path.Text) is not { } server) return new ArmAnswer(204);
        if (servers.ReplicasOf(server) is { Count: > 0 } replicas)
            throw ArmError.BadRequest("OperationNotAllowed", $"The server '{server.Name}' has read replicas ({string.Join(", ", replicas.Select(r => r.Name))}). Delete or promote them first.");
        servers.Enter(server);
        var former = servers.StateNow(server);
        servers.SetState(server, "Dropping");
        return operations.Start(call, new OperationPlan
        {
            Name = "DropServerManagementOperation",
            Namespace = ProviderCatalog.Postgres,
            Location = server.Location,
            Work = token => RemoveAsync(server.Name, token),
            Ended = error =>
            {
                if (error is null) servers.Store.Remove(server.Id);
                else servers.SetState(server, former);
                servers.Leave(server);
            },
        });
    }

    /// <summary>Takes the cluster and its names away; the document stays.</summary>
    public async Task RemoveAsync(string server, CancellationToken cancellationToken)
    {
        await servers.Fleet.DeleteAsync(server, cancellationToken);
        addresses.Remove(server);
    }

    private void RequireStarted(Server server)
    {
        if (server.State != "Ready" && !servers.IsBusy(server))
            throw new ArmError(409, "ServerIsNotReady", $"Restart or Stop Server can only be performed on Started servers. Sever Name = {server.Name}, Current Server State = {server.State}");
    }

    private ArmAnswer Begin(ArmCall call, Server server, string operation, string meanwhile, string afterwards, TimeSpan duration, bool workFirst, Func<CancellationToken, Task> work)
    {
        servers.Enter(server);
        var former = servers.StateNow(server);
        servers.SetState(server, meanwhile);
        return operations.Start(call, new OperationPlan
        {
            Name = operation,
            Namespace = ProviderCatalog.Postgres,
            Location = server.Location,
            Duration = duration,
            WorkFirst = workFirst,
            Work = work,
            Ended = error =>
            {
                servers.SetState(server, error is null ? afterwards : former);
                servers.Leave(server);
            },
        });
    }
}
