using System.Data;
using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace Highflame.Dr.Engine.Postgres;

/// <summary>One session. Statements are those of PostgreSQL 11 to 18; each is one round trip.</summary>
internal sealed class NpgsqlDatabase : IDatabase
{
    private const string Observe = """
        SELECT r.recovering,
               current_setting('default_transaction_read_only') = 'on',
               CASE WHEN r.recovering THEN (SELECT received_tli FROM pg_stat_wal_receiver)
                    ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END,
               CASE WHEN r.recovering THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text,
               CASE WHEN r.recovering THEN pg_last_wal_receive_lsn() END::text,
               CASE WHEN r.recovering THEN extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END::float8,
               CASE WHEN r.recovering THEN pg_is_wal_replay_paused() END,
               CASE WHEN NOT r.recovering THEN txid_snapshot_xmax(txid_current_snapshot()) END::text,
               clock_timestamp(),
               txid_current_snapshot()::text
        FROM (SELECT pg_is_in_recovery() AS recovering) r
        """;

    private const string WalSenders = """
        SELECT application_name, state, sent_lsn::text, replay_lsn::text,
               CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) END::bigint
        FROM pg_stat_replication
        """;

    private const string Receiver = """
        SELECT status, extract(epoch FROM clock_timestamp() - last_msg_receipt_time)::float8, latest_end_lsn::text
        FROM pg_stat_wal_receiver WHERE status IS NOT NULL
        """;

    private const string EndSessions = """
        WITH s AS MATERIALIZED (
            SELECT a.pid, coalesce(r.rolsuper, true) AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS protected
            FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = a.usesysid
            WHERE a.backend_type = 'client backend' AND a.pid <> pg_backend_pid() AND a.application_name IS DISTINCT FROM $2
              AND ($1 IS NULL OR a.backend_start <= $1)),
        ended AS MATERIALIZED (SELECT pg_terminate_backend(pid) AS sent FROM s WHERE NOT protected)
        SELECT (SELECT count(*) FROM ended WHERE sent)::int, (SELECT count(*) FROM s WHERE protected)::int
        """;

    private readonly string _hostName;
    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlConnection _connection;
    private NpgsqlCommand? _observe;
    private NpgsqlCommand? _replayLsn;
    private bool _controlAsked;
    private string? _systemIdentifier;

    public NpgsqlDatabase(string hostName, NpgsqlDataSource source, NpgsqlConnection connection)
    {
        _hostName = hostName;
        _source = source;
        _connection = connection;
    }

    public Task<DatabaseObservation> ObserveAsync(CancellationToken cancellationToken) => Guarded(async () =>
    {
        if (!_controlAsked) await AskControlFileAsync(cancellationToken).ConfigureAwait(false);
        _observe ??= new NpgsqlCommand(Observe, _connection);
        await using var reader = await _observe.ExecuteReaderAsync(CommandBehavior.SingleRow, cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return new DatabaseObservation
        {
            InRecovery = reader.GetBoolean(0),
            ReadOnly = reader.GetBoolean(1),
            SystemIdentifier = _systemIdentifier,
            Timeline = Value<int>(reader, 2),
            Lsn = Text(reader, 3),
            ReceivedLsn = Text(reader, 4),
            ReplayAgeSeconds = Value<double>(reader, 5),
            ReplayPaused = Value<bool>(reader, 6),
            NextTransactionId = Text(reader, 7),
            ServerTime = reader.GetFieldValue<DateTime>(8),
            Snapshot = Text(reader, 9),
        };
    });

    public Task<IReadOnlyList<WalSender>> GetWalSendersAsync(CancellationToken cancellationToken) => Guarded<IReadOnlyList<WalSender>>(async () =>
    {
        await using var command = new NpgsqlCommand(WalSenders, _connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var senders = new List<WalSender>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            senders.Add(new WalSender(Text(reader, 0), Text(reader, 1), Text(reader, 2), Text(reader, 3), Value<long>(reader, 4)));
        return senders;
    });

    public Task<WalReceiver?> GetWalReceiverAsync(CancellationToken cancellationToken) => Guarded(async () =>
    {
        await using var command = new NpgsqlCommand(Receiver, _connection);
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SingleRow, cancellationToken).ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false) ? new WalReceiver(reader.GetString(0), Value<double>(reader, 1), Text(reader, 2)) : null;
    });

    public Task<bool> TryCheckpointAsync(CancellationToken cancellationToken) => Guarded(async () =>
    {
        try
        {
            await using var command = new NpgsqlCommand("CHECKPOINT", _connection) { CommandTimeout = 120 };
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return false;
        }
    });

    public Task<EndedSessions> EndSessionsAsync(DateTimeOffset? startedUntil, CancellationToken cancellationToken) => Guarded(async () =>
    {
        await using var command = new NpgsqlCommand(EndSessions, _connection);
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.TimestampTz, Value = startedUntil is { } until ? until.UtcDateTime : DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = NpgsqlDatabases.ApplicationName });
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SingleRow, cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return new EndedSessions(reader.GetInt32(0), reader.GetInt32(1));
    });

    public Task<FlushedPosition> GetFlushedLsnAsync(CancellationToken cancellationToken) => Guarded(async () =>
    {
        string? marked = null;
        try
        {
            await using var marker = new NpgsqlBatch(_connection)
            {
                BatchCommands =
                {
                    new NpgsqlBatchCommand("BEGIN READ WRITE"),
                    // A synchronous standby that is lost must not hold the marker up.
                    new NpgsqlBatchCommand("SET LOCAL synchronous_commit = 'local'"),
                    new NpgsqlBatchCommand($"SELECT txid_current()::text FROM pg_logical_emit_message(true, '{NpgsqlDatabases.ApplicationName}', 'fence')"),
                    new NpgsqlBatchCommand("COMMIT"),
                },
            };
            marked = await marker.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string;
        }
        catch (PostgresException e) when (e.Severity == "ERROR")
        {
            marked = null;
            // Not allowed to. The transaction may stand open and failed.
            await using var rollback = new NpgsqlCommand("ROLLBACK", _connection);
            await rollback.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        return new FlushedPosition((await ScalarAsync("SELECT pg_current_wal_flush_lsn()::text", cancellationToken).ConfigureAwait(false))!, marked);
    });

    public Task<string?> GetTransactionStatusAsync(string transactionId, CancellationToken cancellationToken) => Guarded(async () =>
    {
        await using var command = new NpgsqlCommand("SELECT txid_status($1)", _connection);
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint, Value = long.Parse(transactionId, CultureInfo.InvariantCulture) });
        try
        {
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidParameterValue)
        {
            return "in the future";
        }
    });

    public Task<string?> GetReplayLsnAsync(CancellationToken cancellationToken) => Guarded(async () =>
    {
        _replayLsn ??= new NpgsqlCommand("SELECT pg_last_wal_replay_lsn()::text", _connection);
        return await _replayLsn.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string;
    });

    public async ValueTask DisposeAsync()
    {
        if (_observe is not null) await _observe.DisposeAsync().ConfigureAwait(false);
        if (_replayLsn is not null) await _replayLsn.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
    }

    // Never changes while a server lives, and some roles may not ask.
    private async Task AskControlFileAsync(CancellationToken cancellationToken)
    {
        try
        {
            _systemIdentifier = await ScalarAsync("SELECT system_identifier::text FROM pg_control_system()", cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            _systemIdentifier = null;
        }

        _controlAsked = true;
    }

    private async Task<string?> ScalarAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string;
    }

    private async Task<T> Guarded<T>(Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException && NpgsqlDatabases.Explain(_hostName, e) is { } error)
        {
            throw error;
        }
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static T? Value<T>(NpgsqlDataReader reader, int column)
        where T : struct
        => reader.IsDBNull(column) ? null : reader.GetFieldValue<T>(column);
}
