namespace Highflame.Dr.Engine.Postgres;

/// <summary>What a database server says of itself, in one round trip.</summary>
internal sealed record DatabaseObservation
{
    /// <summary>pg_is_in_recovery()</summary>
    public required bool InRecovery { get; init; }

    /// <summary>default_transaction_read_only as a new session gets it.</summary>
    public required bool ReadOnly { get; init; }

    /// <summary>system_identifier of pg_control_system(); null when the role may not read it.</summary>
    public string? SystemIdentifier { get; init; }

    public int? Timeline { get; init; }

    /// <summary>Primary: pg_current_wal_lsn(). Replica: pg_last_wal_replay_lsn().</summary>
    public string? Lsn { get; init; }

    /// <summary>Replica: pg_last_wal_receive_lsn().</summary>
    public string? ReceivedLsn { get; init; }

    /// <summary>Replica: seconds since the commit time of the last replayed transaction.</summary>
    public double? ReplayAgeSeconds { get; init; }

    /// <summary>Replica: pg_is_wal_replay_paused().</summary>
    public bool? ReplayPaused { get; init; }

    /// <summary>Next transaction id (xid8) on a primary.</summary>
    public string? NextTransactionId { get; init; }

    /// <summary>txid_current_snapshot(), on a replica too: what has ended there and what has not.</summary>
    public string? Snapshot { get; init; }

    /// <summary>The server's own clock when it answered.</summary>
    public DateTimeOffset ServerTime { get; init; }
}

/// <summary>A position on disk, and the transaction that marked it.</summary>
/// <param name="Lsn">pg_current_wal_flush_lsn() after the marker's commit.</param>
/// <param name="MarkerId">Transaction id of the marker; null where the role may not write one.</param>
internal sealed record FlushedPosition(string Lsn, string? MarkerId);

/// <summary>What came of ending the sessions of a server.</summary>
/// <param name="Ended">How many were told to end.</param>
/// <param name="Protected">How many belong to superusers (on Azure: the platform's own) and cannot be ended by this role.</param>
internal sealed record EndedSessions(int Ended, int Protected);

/// <summary>One row of pg_stat_replication.</summary>
internal sealed record WalSender(string? ApplicationName, string? State, string? SentLsn, string? ReplayLsn, long? LagBytes);

/// <summary>A replica's side of the WAL stream, from pg_stat_wal_receiver.</summary>
/// <param name="Status">streaming, starting, waiting, restarting, stopping.</param>
/// <param name="HeardSeconds">Seconds since the last message of the primary; null before the first.</param>
/// <param name="PrimaryEnd">How far the primary said it had written, in its last message.</param>
internal sealed record WalReceiver(string Status, double? HeardSeconds, string? PrimaryEnd);

/// <summary>One open session to one server. Not for two callers at once.</summary>
internal interface IDatabase : IAsyncDisposable
{
    Task<DatabaseObservation> ObserveAsync(CancellationToken cancellationToken);

    Task<IReadOnlyList<WalSender>> GetWalSendersAsync(CancellationToken cancellationToken);

    /// <summary>Null when no WAL receiver runs, as on a primary and on a replica that has lost its primary.</summary>
    Task<WalReceiver?> GetWalReceiverAsync(CancellationToken cancellationToken);

    /// <summary>CHECKPOINT, so that neither fence nor promotion waits for one; false when the role may not.</summary>
    Task<bool> TryCheckpointAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Tells client sessions other than this product's own to end (pg_terminate_backend): those that began up to a moment of the server's clock, or all (null).
    /// Call again until none is found. Errors: HfDatabaseRefused without pg_signal_backend.
    /// </summary>
    Task<EndedSessions> EndSessionsAsync(DateTimeOffset? startedUntil, CancellationToken cancellationToken);

    /// <summary>
    /// Position that holds all that was committed before the call, on disk. Commits a marker of its own first (a logical message, which no table and no standby
    /// sees), so that also what synchronous_commit = off has acknowledged is covered.
    /// </summary>
    Task<FlushedPosition> GetFlushedLsnAsync(CancellationToken cancellationToken);

    /// <summary>txid_status() of a transaction: committed, aborted, in progress; "in the future" for one that this server never had; null when it is too old to tell.</summary>
    Task<string?> GetTransactionStatusAsync(string transactionId, CancellationToken cancellationToken);

    /// <summary>pg_last_wal_replay_lsn() of a replica; null before the first.</summary>
    Task<string?> GetReplayLsnAsync(CancellationToken cancellationToken);
}

/// <summary>Opens sessions to servers with the connection's database credential.</summary>
internal interface IDatabases
{
    /// <summary>False when the connection has no database credential: servers are then seen through Azure alone.</summary>
    bool Available { get; }

    /// <summary>False for a server that is seen through Azure alone: by the connection's choice, or because it has no database credential.</summary>
    bool Asks(string hostName) => Available;

    /// <summary>Opens a session. Errors: HfDatabaseUnreachable, HfDatabaseSignInFailed, HfDatabaseTlsFailed.</summary>
    Task<IDatabase> OpenAsync(string hostName, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Opens a session that reads a server's past; in the connection's database, or in the one named. Errors: those of <see cref="OpenAsync"/>.</summary>
    Task<ITransactionHistory> OpenHistoryAsync(string hostName, string? database, TimeSpan timeout, CancellationToken cancellationToken);
}
