using System.Net;
using System.Text.Json;
using DnsClient;
using Npgsql;

namespace Highflame.Dr.Bench;

/// <summary>
/// What no switchover of this pair can beat: superuser sessions that are open already, no Azure, no DNS, no gateway, no journal. From the fence's first statement
/// to a committed write on the promoted server.
/// </summary>
/// <param name="Seconds">All of it.</param>
/// <param name="FenceSeconds">Until the primary is read-only and its writers' sessions have ended.</param>
/// <param name="CatchUpSeconds">Until the replica has replayed the primary's last position.</param>
/// <param name="PromoteSeconds">Until the promoted server has committed a write.</param>
/// <param name="Postgres">Version of the servers.</param>
internal sealed record Floor(double Seconds, double FenceSeconds, double CatchUpSeconds, double PromoteSeconds, string Postgres)
{
    private const string Writers = "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND usename IS DISTINCT FROM current_user AND backend_start <= $1";
    private const string Fenced = "SELECT CASE WHEN current_setting('default_transaction_read_only') = 'on' THEN clock_timestamp() END";
    private const string End = $"SELECT count(pg_terminate_backend(pid)) {Writers}";
    private const string Left = $"SELECT count(*) {Writers}";
    private const string Final = "SELECT pg_current_wal_flush_lsn()::text";
    private const string Replayed = "SELECT coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false)";
    private const string Recovering = "SELECT pg_is_in_recovery()";
    private const string Write = "INSERT INTO bench_floor VALUES (1)";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task MeasureAsync(string sandboxPath, string primaryName, string replicaName, string output, TimeProvider time, CancellationToken cancellationToken)
    {
        using var sandbox = JsonDocument.Parse(await File.ReadAllTextAsync(sandboxPath, cancellationToken));
        await using var primary = await OpenAsync(sandbox.RootElement, primaryName, cancellationToken);
        await using var replica = await OpenAsync(sandbox.RootElement, replicaName, cancellationToken);
        await WarmAsync(primary, replica, time, cancellationToken);
        var floor = await MeasureAsync(primary, replica, time, cancellationToken);
        await File.WriteAllBytesAsync(output, JsonSerializer.SerializeToUtf8Bytes(floor, BenchJson.Format), cancellationToken);
    }

    private static async Task<Floor> MeasureAsync(NpgsqlConnection primary, NpgsqlConnection replica, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        await FenceAsync(primary, "on", cancellationToken);
        DateTime? since = null;
        await UntilAsync(async () => (since = await ScalarAsync(primary, Fenced, cancellationToken) as DateTime?) is not null, time, cancellationToken);
        await ScalarAsync(primary, End, cancellationToken, since);
        await UntilAsync(async () => await ScalarAsync(primary, Left, cancellationToken, since) is 0L, time, cancellationToken);
        var fenced = time.GetElapsedTime(start);

        var final = await ScalarAsync(primary, Final, cancellationToken);
        await UntilAsync(async () => await ScalarAsync(replica, Replayed, cancellationToken, final) is true, time, cancellationToken);
        var caughtUp = time.GetElapsedTime(start);

        // pg_promote's own wait looks every 100 ms only.
        await ScalarAsync(replica, "SELECT pg_promote(wait => false)", cancellationToken);
        await UntilAsync(async () => await ScalarAsync(replica, Recovering, cancellationToken) is false, time, cancellationToken);
        await ScalarAsync(replica, Write, cancellationToken);
        var written = time.GetElapsedTime(start);
        return new Floor(written.TotalSeconds, fenced.TotalSeconds, (caughtUp - fenced).TotalSeconds, (written - caughtUp).TotalSeconds, primary.PostgreSqlVersion.ToString());
    }

    // Every statement once, without its effect: no plan and no code of this program is made while the clock runs.
    private static async Task WarmAsync(NpgsqlConnection primary, NpgsqlConnection replica, TimeProvider time, CancellationToken cancellationToken)
    {
        await ScalarAsync(primary, "CREATE TABLE bench_floor (n int)", cancellationToken);
        await ScalarAsync(primary, "CHECKPOINT", cancellationToken);
        await FenceAsync(primary, "off", cancellationToken);
        for (var round = 0; round < 30; round++)
        {
            await ScalarAsync(primary, Fenced, cancellationToken);
            await ScalarAsync(primary, End, cancellationToken, DateTime.UnixEpoch);
            await ScalarAsync(primary, Left, cancellationToken, DateTime.UnixEpoch);
            var final = await ScalarAsync(primary, Final, cancellationToken);
            await UntilAsync(async () => await ScalarAsync(replica, Replayed, cancellationToken, final) is true, time, cancellationToken);
            await ScalarAsync(replica, Recovering, cancellationToken);
            await ScalarAsync(primary, Write, cancellationToken);
        }
    }

    private static async Task FenceAsync(NpgsqlConnection primary, string value, CancellationToken cancellationToken)
    {
        await ScalarAsync(primary, $"ALTER SYSTEM SET default_transaction_read_only = {value}", cancellationToken);
        await ScalarAsync(primary, "SELECT pg_reload_conf()", cancellationToken);
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (!await isSo())
        {
            if (time.GetElapsedTime(start) > Limit) throw new TimeoutException("The pair did not get there in 30 s.");
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object?[] parameters)
    {
#pragma warning disable CA2100 // Constants of this class.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (var parameter in parameters)
        {
            // pg_stat_activity's times have a time zone.
            command.Parameters.Add(new NpgsqlParameter { Value = parameter is DateTime at ? DateTime.SpecifyKind(at, DateTimeKind.Utc) : parameter });
        }

        return await command.ExecuteScalarAsync(cancellationToken) is { } value and not DBNull ? value : null;
    }

    private static async Task<NpgsqlConnection> OpenAsync(JsonElement sandbox, string server, CancellationToken cancellationToken)
    {
        var superuser = sandbox.GetProperty("superuser");
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = (await AddressAsync(sandbox.GetProperty("dns"), server, cancellationToken)).ToString(),
            Port = sandbox.GetProperty("databasePort").GetInt32(),
            Username = superuser.GetProperty("user").GetString(),
            Password = superuser.GetProperty("password").GetString(),
            Database = "postgres",
            SslMode = SslMode.VerifyCA,
            RootCertificate = sandbox.GetProperty("caCertificate").GetString(),
            Pooling = false,
            ApplicationName = "floor",
        }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static async Task<IPAddress> AddressAsync(JsonElement dns, string server, CancellationToken cancellationToken)
    {
        var client = new LookupClient(new IPEndPoint(IPAddress.Parse(dns.GetProperty("address").GetString()!), dns.GetProperty("port").GetInt32()));
        var name = $"{server}.postgres.database.azure.com";
        var answer = await client.QueryAsync(name, QueryType.A, cancellationToken: cancellationToken);
        return answer.Answers.ARecords().FirstOrDefault()?.Address ?? throw new InvalidOperationException($"The sandbox's DNS has no {name}.");
    }
}
