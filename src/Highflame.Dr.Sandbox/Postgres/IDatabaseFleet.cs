namespace Highflame.Dr.Sandbox.Postgres;

/// <summary>How one real postgres cluster is doing.</summary>
internal sealed record DatabaseState(bool Running, bool InRecovery, string Address, int Port);

/// <summary>Replication of one replica, as the two clusters say. Null where a side could not be asked.</summary>
internal sealed record ReplicationLag(long? Bytes, double? Seconds, string? State);

/// <summary>
/// The real PostgreSQL clusters behind the flexible servers: one cluster a server, at an address of its own, all on one port.
/// The ARM side decides what Azure would allow; this side makes it so and knows nothing of Azure. Times are what the real parts take.
/// </summary>
internal interface IDatabaseFleet
{
    /// <summary>The one TCP port that every cluster listens on, each at its own loopback address.</summary>
    int Port { get; }

    /// <summary>initdb, scram, TLS, the administrator role with what Azure's azure_pg_admin may do, the database named, the parameters; then start.</summary>
    Task CreatePrimaryAsync(string server, string location, string administrator, string password, IReadOnlyDictionary<string, string> parameters, CancellationToken cancellationToken);

    /// <summary>pg_basebackup from the source across the inter-region link (or directly within a region), a replication slot, then start as a streaming standby.</summary>
    Task CreateReplicaAsync(string server, string location, string source, CancellationToken cancellationToken);

    /// <summary>Waits until the standby has replayed all that its (reachable, running) source has written, when asked to; then pg_promote. Its slot at the source is dropped.</summary>
    Task PromoteAsync(string server, bool waitForReplay, CancellationToken cancellationToken);

    /// <summary>Turns a stopped or running old primary into a standby of another (Azure's switchover); rebuilds it when it cannot follow.</summary>
    Task FollowAsync(string server, string source, CancellationToken cancellationToken);

    Task StartAsync(string server, CancellationToken cancellationToken);

    Task StopAsync(string server, CancellationToken cancellationToken);

    Task RestartAsync(string server, CancellationToken cancellationToken);

    /// <summary>SIGKILL of the cluster's processes.</summary>
    Task CrashAsync(string server, CancellationToken cancellationToken);

    Task DeleteAsync(string server, CancellationToken cancellationToken);

    /// <summary>ALTER SYSTEM and reload; true when the parameter needs a restart to take effect. Throws <see cref="ArgumentException"/> when PostgreSQL refuses the value.</summary>
    Task<bool> SetParameterAsync(string server, string name, string value, CancellationToken cancellationToken);

    /// <summary>Every parameter as pg_settings shows it; throws when the server does not run.</summary>
    Task<IReadOnlyList<ServerParameter>> GetParametersAsync(string server, CancellationToken cancellationToken);

    Task CreateDatabaseAsync(string server, string database, string? charset, string? collation, CancellationToken cancellationToken);

    Task DropDatabaseAsync(string server, string database, CancellationToken cancellationToken);

    Task<IReadOnlyList<string>> ListDatabasesAsync(string server, CancellationToken cancellationToken);

    Task SetPasswordAsync(string server, string administrator, string password, CancellationToken cancellationToken);

    /// <summary>pg_wal_replay_pause or pg_wal_replay_resume at a standby.</summary>
    Task SetReplayPausedAsync(string replica, bool paused, CancellationToken cancellationToken);

    /// <summary>Takes a standby's way to its source away (its receiver ends and does not come back), or gives it back.</summary>
    Task SetStreamingAsync(string replica, bool streaming, CancellationToken cancellationToken);

    Task<DatabaseState> GetStateAsync(string server, CancellationToken cancellationToken);

    Task<ReplicationLag> GetLagAsync(string replica, CancellationToken cancellationToken);

    /// <summary>Bytes that the server's files take.</summary>
    Task<long> GetSizeAsync(string server, CancellationToken cancellationToken);

    /// <summary>The address that <c>{server}.postgres.database.azure.com</c> resolves to.</summary>
    string AddressOf(string server);
}

/// <summary>One row of pg_settings.</summary>
internal sealed record ServerParameter(string Name, string Value, string DefaultValue, string Unit, string DataType, string Context, string[] AllowedValues, string Description, bool PendingRestart);
