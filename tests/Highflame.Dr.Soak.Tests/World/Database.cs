using System.Net.Sockets;
using Npgsql;

namespace Highflame.Dr.Soak.World;

/// <summary>What a database server says of itself, asked directly: neither ARM nor the product is between.</summary>
/// <param name="InRecovery">It is a standby.</param>
/// <param name="ReadOnly">New transactions are read-only by default.</param>
/// <param name="Timeline">Grows with every promotion.</param>
/// <param name="Streaming">Standbys that stream from it.</param>
internal sealed record DatabaseTruth(bool InRecovery, bool ReadOnly, int Timeline, int Streaming)
{
    public bool TakesWrites => !InRecovery && !ReadOnly;
}

/// <summary>Asks one server. Keeps its session, so that asking often costs little.</summary>
/// <param name="facts">Where the sandbox is.</param>
/// <param name="host">Address of the server.</param>
/// <param name="port">Port of the server.</param>
/// <param name="seconds">After this time without an answer it is taken for down. One that is down says so at once; a short time is for whoever asks many times a second.</param>
internal sealed class Database(SandboxFacts facts, string host, int port, int seconds = 1) : IAsyncDisposable
{
    // The timeline of a standby that was just promoted is in its control file only after the next checkpoint; the one it writes on is told by the WAL's name.
    private const string Question =
        """
        SELECT pg_is_in_recovery(), (SELECT setting FROM pg_settings WHERE name = 'default_transaction_read_only') = 'on',
               CASE WHEN pg_is_in_recovery() THEN 0 ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int END,
               (SELECT count(*)::int FROM pg_stat_replication WHERE state = 'streaming')
        """;

    private NpgsqlConnection? _connection;

    /// <summary>Null when it is down, not there, or does not answer in time.</summary>
    public async Task<DatabaseTruth?> AskAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            var kept = _connection is not null;
            try
            {
                _connection ??= await OpenAsync();
                await using var command = new NpgsqlCommand(Question, _connection);
                await using var reader = await command.ExecuteReaderAsync();
                await reader.ReadAsync();
                return new DatabaseTruth(reader.GetBoolean(0), reader.GetBoolean(1), reader.GetInt32(2), reader.GetInt32(3));
            }
            catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException or IOException)
            {
                await DisposeAsync();
                // A session that was ended says nothing about the server.
                if (!kept || attempt > 1) return null;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null) await _connection.DisposeAsync();
        _connection = null;
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var admin = facts.Regions[0].Servers[0];
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = host,
            Port = port,
            Database = admin.Database,
            Username = admin.User,
            Password = admin.Password,
            SslMode = SslMode.VerifyCA,
            RootCertificate = facts.CaCertificate,
            Timeout = seconds,
            CommandTimeout = 2 * seconds,
            Pooling = false,
            ApplicationName = "census",
        };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
