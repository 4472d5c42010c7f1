namespace Highflame.Dr.Sandbox.Postgres;

/// <summary>Real clusters and documents side by side: what was made as a document, and every replica of it, is one.</summary>
internal sealed class MixedFleet(IDatabaseFleet real, DocumentDatabases documents) : IDatabaseFleet
{
    public int Port => real.Port;

    public Task CreatePrimaryAsync(string server, string location, string administrator, string password, IReadOnlyDictionary<string, string> parameters, CancellationToken cancellationToken) =>
        real.CreatePrimaryAsync(server, location, administrator, password, parameters, cancellationToken);

    public Task CreateReplicaAsync(string server, string location, string source, CancellationToken cancellationToken) => Of(source).CreateReplicaAsync(server, location, source, cancellationToken);

    public Task PromoteAsync(string server, bool waitForReplay, CancellationToken cancellationToken) => Of(server).PromoteAsync(server, waitForReplay, cancellationToken);

    public Task FollowAsync(string server, string source, CancellationToken cancellationToken) => Of(server).FollowAsync(server, source, cancellationToken);

    public Task StartAsync(string server, CancellationToken cancellationToken) => Of(server).StartAsync(server, cancellationToken);

    public Task StopAsync(string server, CancellationToken cancellationToken) => Of(server).StopAsync(server, cancellationToken);

    public Task RestartAsync(string server, CancellationToken cancellationToken) => Of(server).RestartAsync(server, cancellationToken);

    public Task CrashAsync(string server, CancellationToken cancellationToken) => Of(server).CrashAsync(server, cancellationToken);

    public Task DeleteAsync(string server, CancellationToken cancellationToken) => Of(server).DeleteAsync(server, cancellationToken);

    public Task<bool> SetParameterAsync(string server, string name, string value, CancellationToken cancellationToken) => Of(server).SetParameterAsync(server, name, value, cancellationToken);

    public Task<IReadOnlyList<ServerParameter>> GetParametersAsync(string server, CancellationToken cancellationToken) => Of(server).GetParametersAsync(server, cancellationToken);

    public Task CreateDatabaseAsync(string server, string database, string? charset, string? collation, CancellationToken cancellationToken) => Of(server).CreateDatabaseAsync(server, database, charset, collation, cancellationToken);

    public Task DropDatabaseAsync(string server, string database, CancellationToken cancellationToken) => Of(server).DropDatabaseAsync(server, database, cancellationToken);

    public Task<IReadOnlyList<string>> ListDatabasesAsync(string server, CancellationToken cancellationToken) => Of(server).ListDatabasesAsync(server, cancellationToken);

    public Task SetPasswordAsync(string server, string administrator, string password, CancellationToken cancellationToken) => Of(server).SetPasswordAsync(server, administrator, password, cancellationToken);

    public Task SetReplayPausedAsync(string replica, bool paused, CancellationToken cancellationToken) => Of(replica).SetReplayPausedAsync(replica, paused, cancellationToken);

    public Task SetStreamingAsync(string replica, bool streaming, CancellationToken cancellationToken) => Of(replica).SetStreamingAsync(replica, streaming, cancellationToken);

    public Task<DatabaseState> GetStateAsync(string server, CancellationToken cancellationToken) => Of(server).GetStateAsync(server, cancellationToken);

    public Task<ReplicationLag> GetLagAsync(string replica, CancellationToken cancellationToken) => Of(replica).GetLagAsync(replica, cancellationToken);

    public Task<long> GetSizeAsync(string server, CancellationToken cancellationToken) => Of(server).GetSizeAsync(server, cancellationToken);

    public string AddressOf(string server) => Of(server).AddressOf(server);

    private IDatabaseFleet Of(string server) => documents.Has(server) ? documents : real;
}
