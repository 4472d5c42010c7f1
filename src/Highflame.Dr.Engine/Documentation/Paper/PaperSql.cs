namespace Highflame.Dr.Engine.Documentation.Paper;

/// <summary>The statements of the paper: PostgreSQL 11 to 18, as an administrator of Azure's flexible server may run them.</summary>
internal static class PaperSql
{
    public const string InRecovery = "SELECT pg_is_in_recovery();";

    public const string Senders = """
        SELECT application_name, state, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) AS behind
        FROM pg_stat_replication;
        """;

    public const string ReadOnly = "SHOW default_transaction_read_only;";

    /// <summary>Sessions that began before the fence could hold a transaction open that still writes. Those of the platform's superusers stay.</summary>
    public const string EndSessions = """
        SELECT count(pg_terminate_backend(a.pid)) AS ended
        FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
        WHERE a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
          AND NOT r.rolsuper AND a.backend_start <= pg_conf_load_time();
        """;

    /// <summary>The marker is committed and flushed last, so its position is past everything that was ever acknowledged.</summary>
    public const string LastPosition = """
        BEGIN READ WRITE;
        SET LOCAL synchronous_commit = local;
        SELECT pg_logical_emit_message(true, 'highflame-dr', 'fence');
        COMMIT;
        SELECT pg_current_wal_flush_lsn() AS last_position;
        """;

    public const string Replayed = $"SELECT pg_last_wal_replay_lsn() >= '{PaperCommands.Position}'::pg_lsn AS replayed;";

    /// <summary>What the replica has, right before it is promoted: with the snapshot somebody can tell later exactly what is missing.</summary>
    public const string Loss = """
        SELECT now() - pg_last_xact_replay_timestamp() AS last_commit_age,
               pg_last_wal_receive_lsn() AS received, pg_last_wal_replay_lsn() AS replayed,
               txid_current_snapshot() AS snapshot;
        """;
}
