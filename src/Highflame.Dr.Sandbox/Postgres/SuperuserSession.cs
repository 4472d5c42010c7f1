using Npgsql;

namespace Highflame.Dr.Sandbox.Postgres;

/// <summary>One warm connection as the superuser: an operation costs no connect. One use at a time; a broken connection is opened again at the next use.</summary>
internal sealed class SuperuserSession(NpgsqlDataSource source) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private NpgsqlConnection? _connection;

    public async Task<T> UseAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_connection is not { State: System.Data.ConnectionState.Open })
            {
                await CloseAsync().ConfigureAwait(false);
                var connection = source.CreateConnection();
                try
                {
                    await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
                }
                catch
                {
                    await connection.DisposeAsync().ConfigureAwait(false);
                    throw;
                }

                _connection = connection;
            }

            return await work(_connection).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    public Task<T> ScalarAsync<T>(string sql, CancellationToken cancellationToken, params object[] parameters) => UseAsync(
        async connection =>
        {
            await using var command = Command(connection, sql, parameters);
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is T value
                ? value
                : throw new InvalidOperationException($"PostgreSQL answered nothing to: {sql}");
        },
        cancellationToken);

    public Task ExecuteAsync(string sql, CancellationToken cancellationToken, params object[] parameters) => UseAsync(
        async connection =>
        {
            await using var command = Command(connection, sql, parameters);
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<IReadOnlyList<T>> QueryAsync<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object[] parameters) => UseAsync<IReadOnlyList<T>>(
        async connection =>
        {
            await using var command = Command(connection, sql, parameters);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            List<T> rows = [];
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) rows.Add(read(reader));
            return rows;
        },
        cancellationToken);

    /// <summary>Closes the connection; the next use opens a new one.</summary>
    public async Task ResetAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            await CloseAsync().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ResetAsync().ConfigureAwait(false);
        await source.DisposeAsync().ConfigureAwait(false);
        _turn.Dispose();
    }

    public static string Identifier(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    public static string Literal(string value) => "'" + value.Replace("'", "''", StringComparison.Ordinal) + "'";

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object[] parameters)
    {
#pragma warning disable CA2100 // SQL of the sandbox's own; names and values are quoted or passed as parameters.
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (var parameter in parameters) command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return command;
    }

    private async Task CloseAsync()
    {
        if (_connection is null) return;
        var connection = _connection;
        _connection = null;
        try
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception broken) when (broken is NpgsqlException or IOException)
        {
            // The server went away first.
        }
    }
}
