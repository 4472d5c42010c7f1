using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;

namespace Highflame.Dr.Engine.Postgres;

/// <summary>One session that reads a server's past. Statements are those of PostgreSQL 11 to 18; nothing is written.</summary>
internal sealed class NpgsqlTransactionHistory : ITransactionHistory
{
    private const string Tables = """
        SELECT format('%I.%I', n.nspname, c.relname), pg_get_userbyid(c.relowner), has_table_privilege(c.oid, 'SELECT'),
               coalesce((SELECT array_agg(a.attname::text ORDER BY k.place)
                         FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
                         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
                         WHERE i.indrelid = c.oid AND i.indisprimary), '{}')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'
        ORDER BY 1
        """;

    private readonly string _hostName;
    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlConnection _connection;

    public NpgsqlTransactionHistory(string hostName, string database, NpgsqlDataSource source, NpgsqlConnection connection)
    {
        _hostName = hostName;
        Database = database;
        _source = source;
        _connection = connection;
    }

    public string Database { get; }

    public async Task<TransactionSnapshot> GetSnapshotAsync(CancellationToken cancellationToken) =>
        TransactionSnapshot.TryParse(await ScalarAsync("SELECT txid_current_snapshot()::text", cancellationToken).ConfigureAwait(false))!.Value;

    public Task<string?> GetRecoveryEndAsync(CancellationToken cancellationToken) => ScalarAsync("SELECT pg_last_wal_replay_lsn()::text", cancellationToken);

    public Task<IReadOnlyList<long>> GetCommittedAsync(long from, long to, CancellationToken cancellationToken) => Guarded<IReadOnlyList<long>>(async () =>
    {
        await using var command = Command("SELECT x FROM generate_series($1::bigint, $2::bigint - 1) x WHERE txid_status(x) = 'committed'", from, to);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var found = new List<long>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) found.Add(reader.GetInt64(0));
        return found;
    });

    public Task<IReadOnlyDictionary<long, DateTimeOffset>> GetCommitTimesAsync(IReadOnlyList<long> transactions, CancellationToken cancellationToken) => Guarded<IReadOnlyDictionary<long, DateTimeOffset>>(async () =>
    {
        var times = new Dictionary<long, DateTimeOffset>();
        if (transactions.Count == 0 || await ScalarAsync("SHOW track_commit_timestamp", cancellationToken).ConfigureAwait(false) != "on") return times;
        await using var command = Command("SELECT x, pg_xact_commit_timestamp((x & 4294967295)::text::xid) FROM unnest($1::bigint[]) x", transactions.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!reader.IsDBNull(1)) times[reader.GetInt64(0)] = reader.GetFieldValue<DateTime>(1);
        }

        return times;
    });

    public Task<IReadOnlyList<string>> GetDatabasesAsync(CancellationToken cancellationToken) => Guarded<IReadOnlyList<string>>(async () =>
    {
        // azure_maintenance and azure_sys are the platform's own.
        await using var command = Command("""
            SELECT datname::text FROM pg_database
            WHERE datallowconn AND NOT datistemplate AND datname NOT IN ('azure_maintenance', 'azure_sys') AND has_database_privilege(oid, 'CONNECT') ORDER BY 1
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var names = new List<string>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) names.Add(reader.GetString(0));
        return names;
    });

    public async Task<IReadOnlyList<UnreadableTable>> GetUnreadableTablesAsync(CancellationToken cancellationToken) =>
        [.. (await GetTablesAsync(cancellationToken).ConfigureAwait(false)).Where(t => !t.Readable).Select(t => new UnreadableTable(Database, t.Name, t.Owner))];

    public async IAsyncEnumerable<RowVersion> GetRowsAsync(long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var table in (await GetTablesAsync(cancellationToken).ConfigureAwait(false)).Where(t => t.Readable))
        {
            // age() compares as PostgreSQL does, across the wrap-around of 32-bit ids.
            await using var command = Command($"SELECT t.xmin::text, to_jsonb(t)::text FROM ONLY {table.Name} t WHERE age(t.xmin) <= age(($1::bigint & 4294967295)::text::xid)", from);
            command.CommandTimeout = 0;
            await using var reader = await Guarded(() => command.ExecuteReaderAsync(cancellationToken)).ConfigureAwait(false);
            while (await Guarded(() => reader.ReadAsync(cancellationToken)).ConfigureAwait(false))
                yield return new RowVersion(uint.Parse(reader.GetString(0), System.Globalization.CultureInfo.InvariantCulture), Database, table.Name, table.Key, reader.GetString(1));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync().ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
    }

    private Task<List<(string Name, string Owner, bool Readable, string[] Key)>> GetTablesAsync(CancellationToken cancellationToken) => Guarded(async () =>
    {
        await using var command = Command(Tables);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var tables = new List<(string, string, bool, string[])>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) tables.Add((reader.GetString(0), reader.GetString(1), reader.GetBoolean(2), reader.GetFieldValue<string[]>(3)));
        return tables;
    });

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, _connection) { CommandTimeout = 300 };
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = value is Array ? NpgsqlDbType.Array | NpgsqlDbType.Bigint : NpgsqlDbType.Bigint });
        return command;
    }

    private Task<string?> ScalarAsync(string sql, CancellationToken cancellationToken) => Guarded(async () =>
    {
        await using var command = Command(sql);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string;
    });

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
}
