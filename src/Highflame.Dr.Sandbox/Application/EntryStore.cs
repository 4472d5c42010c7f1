using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>
/// The application's table. A write is BEGIN, INSERT and COMMIT, each its own round trip: what fails before COMMIT was surely not written, and a COMMIT whose
/// answer is lost is never sent again.
/// </summary>
internal sealed class EntryStore : IEntries
{
    private const string Insert = "INSERT INTO entries (id, value, region) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING RETURNING created_at";
    private const string Existing = "SELECT created_at FROM entries WHERE id = $1";
    // The same shape as Insert, for a server that takes no write.
    private const string Rehearsal = "SELECT clock_timestamp() WHERE $1::text <> '' AND $2::text IS NOT NULL AND $3::text IS NOT NULL";
    private const string Table = "CREATE TABLE IF NOT EXISTS entries (id text PRIMARY KEY, value text NOT NULL, region text NOT NULL, created_at timestamptz NOT NULL DEFAULT now())";

    private readonly string _region;
    private readonly NpgsqlDataSource _source;

    public EntryStore(string region, DatabaseSecrets secrets, IPAddress address, string caCertificate)
    {
        _region = region;
        Secrets = secrets;
        var connection = new NpgsqlConnectionStringBuilder
        {
            Host = address.ToString(),
            Port = secrets.Port,
            Database = secrets.Database,
            Username = secrets.User,
            Password = secrets.Password,
            SslMode = SslMode.VerifyCA,
            RootCertificate = caCertificate,
            ApplicationName = "application " + region,
            MinPoolSize = 4,
            MaxPoolSize = 32,
            Timeout = 1,
            CommandTimeout = 2,
            // A command that timed out is given up at once: no second wait for its cancellation.
            CancellationTimeout = -1,
            NoResetOnClose = true,
        };
        var builder = new NpgsqlDataSourceBuilder(connection.ConnectionString);
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        _source = builder.Build();
    }

    public DatabaseSecrets Secrets { get; }

    /// <summary>True for what a database or the way to it can do wrong; anything else is a mistake of the program.</summary>
    public static bool IsFailure(Exception failure) => failure is NpgsqlException or SocketException or IOException or TimeoutException or OperationCanceledException;

    public async Task<bool> IsReplicaAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync("SELECT pg_is_in_recovery()", cancellationToken).ConfigureAwait(false);
        return connection.Answer is true;
    }

    public async Task<DateTimeOffset> WriteAsync(string id, string value)
    {
        try
        {
            return await WriteAsync(Insert, "COMMIT", id, value).ConfigureAwait(false);
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            await CreateTableAsync(CancellationToken.None).ConfigureAwait(false);
            return await WriteAsync(Insert, "COMMIT", id, value).ConfigureAwait(false);
        }
    }

    public async Task<(string Value, string Region, DateTimeOffset CreatedAt)?> ReadAsync(string id, CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand("SELECT value, region, created_at FROM entries WHERE id = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        try
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
                ? (reader.GetString(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2))
                : null;
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return null;
        }
        catch (Exception failure) when (IsBroken(failure))
        {
            _source.Clear();
            throw;
        }
    }

    /// <summary>Runs every statement once or more without leaving a row; false while the database does not answer.</summary>
    public async Task<bool> TryWarmUpAsync(CancellationToken cancellationToken)
    {
        try
        {
            var replica = await IsReplicaAsync(cancellationToken).ConfigureAwait(false);
            if (!replica) await CreateTableAsync(cancellationToken).ConfigureAwait(false);
            // As many at once as the pool keeps: every one of its sessions has then been used.
            for (var round = 0; round < 10; round++) await Task.WhenAll(Enumerable.Range(0, 4).Select(n => RehearseAsync(replica, $"warm-up-{n}"))).ConfigureAwait(false);
            return true;
        }
        catch (Exception notYet) when (IsFailure(notYet) && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static bool IsBroken(Exception failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow } => true,
        PostgresException => false,
        NpgsqlException or SocketException or IOException => true,
        _ => false,
    };

    private async Task RehearseAsync(bool replica, string id)
    {
        await WriteAsync(Rehearsal, "ROLLBACK", id, "").ConfigureAwait(false);
        try
        {
            await WriteAsync(Insert, "ROLLBACK", id, "").ConfigureAwait(false);
        }
        catch (PostgresException refused) when (replica && refused.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.UndefinedTable)
        {
            // A standby refuses it: the way of the refusal is warm too.
        }
    }

    private async Task<DateTimeOffset> WriteAsync(string statement, string end, string id, string value)
    {
        await using var session = await OpenAsync("BEGIN", CancellationToken.None).ConfigureAwait(false);
        try
        {
            var created = await ScalarAsync(session.Connection, statement, id, value, _region).ConfigureAwait(false)
                ?? await ScalarAsync(session.Connection, Existing, id).ConfigureAwait(false);
            await ExecuteAsync(session.Connection, end).ConfigureAwait(false);
            return created is DateTime at ? new DateTimeOffset(at, TimeSpan.Zero) : throw new NpgsqlException("The entry was removed while it was written.");
        }
        catch (Exception failure) when (IsFailure(failure))
        {
            if (IsBroken(failure)) _source.Clear();
            else await RollBackAsync(session.Connection).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// A session that has just answered a first statement which writes nothing. A pooled session may have died unseen: the first failure empties the pool and
    /// one new session is tried.
    /// </summary>
    private async Task<OpenedSession> OpenAsync(string first, CancellationToken cancellationToken)
    {
        for (var again = false; ; again = true)
        {
            NpgsqlConnection? connection = null;
            try
            {
                connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                return new OpenedSession(connection, await ScalarAsync(connection, first).ConfigureAwait(false));
            }
            catch (Exception failure) when (IsBroken(failure))
            {
                if (connection is not null) await connection.DisposeAsync().ConfigureAwait(false);
                _source.Clear();
                // It could not even connect: there is no dead session to blame.
                if (again || connection is null) throw;
            }
            catch
            {
                if (connection is not null) await connection.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    private async Task CreateTableAsync(CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand(Table);
        try
        {
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException already) when (already.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DuplicateTable)
        {
            // Two made it at once, which IF NOT EXISTS does not cover.
        }
    }

    private static async Task RollBackAsync(NpgsqlConnection connection)
    {
        try
        {
            await ExecuteAsync(connection, "ROLLBACK").ConfigureAwait(false);
        }
        catch (Exception gone) when (IsFailure(gone) || gone is InvalidOperationException)
        {
            // The session is gone, and its transaction with it.
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql) => await ScalarAsync(connection, sql).ConfigureAwait(false);

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, params string[] parameters)
    {
#pragma warning disable CA2100 // Constants of this class.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (var parameter in parameters) command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = parameter });
        return await command.ExecuteScalarAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private readonly record struct OpenedSession(NpgsqlConnection Connection, object? Answer) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Connection.DisposeAsync();
    }
}
