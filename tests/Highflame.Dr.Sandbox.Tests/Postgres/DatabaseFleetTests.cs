using Highflame.Dr.Sandbox.Application;
using Highflame.Dr.Tests.Support;
using Npgsql;
using static Highflame.Dr.Tests.Support.SandboxFiles;

namespace Highflame.Dr.Tests.Postgres;

/// <summary>What a pair of servers does that goes on as it is.</summary>
[Collection(RealProcesses.Name)]
public sealed class DatabaseFleetTests(SharedSandbox shared) : IClassFixture<SharedSandbox>
{
    private readonly RealSandbox _sandbox = shared.Sandbox;

    [Fact]
    public async Task CreatePrimary_Administrator_MayWhatAzureAllowsAndIsNoSuperuser()
    {
        const string Rights = """
            SELECT concat_ws(' ', rolsuper, rolcreatedb, rolcreaterole, pg_has_role(rolname, 'pg_monitor', 'USAGE'), pg_has_role(rolname, 'pg_signal_backend', 'USAGE'),
                             pg_has_role(rolname, 'pg_read_all_settings', 'USAGE'), pg_has_role(rolname, 'pg_read_all_data', 'USAGE'))
            FROM pg_roles WHERE rolname = current_user
            """;

        Assert.Equal("f t t t t t f", await _sandbox.ScalarAsync<string>(Primary, Rights, Administrator));
        Assert.NotEqual(0L, await _sandbox.ScalarAsync<long>(Primary, "SELECT system_identifier FROM pg_control_system()", Administrator));
        Assert.Equal("highflame", await _sandbox.ScalarAsync<string>(Primary, "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = 'highflame'"));
    }

    [Fact]
    public async Task Connect_WithoutTls_IsRefused()
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => _sandbox.ConnectAsync(Primary, tls: SslMode.Disable));

        Assert.Equal("28000", refused.SqlState);
    }

    [Fact]
    public async Task SetParameter_ReadOnly_HoldsForNewAndRunningSessionsAtOnce()
    {
        await using var running = await _sandbox.ConnectAsync(Primary);
        try
        {
            var restart = await _sandbox.Parts.Databases.SetParameterAsync(Primary, "default_transaction_read_only", "on", CancellationToken.None);

            Assert.False(restart);
            Assert.Equal("on", await _sandbox.ScalarAsync<string>(Primary, "SHOW default_transaction_read_only"));
            await using var show = new NpgsqlCommand("SHOW default_transaction_read_only", running);
            Assert.Equal("on", await show.ExecuteScalarAsync());
            await _sandbox.Parts.Databases.SetPasswordAsync(Primary, Administrator, Password, CancellationToken.None);
        }
        finally
        {
            await _sandbox.Parts.Databases.SetParameterAsync(Primary, "default_transaction_read_only", "off", CancellationToken.None);
        }

        Assert.Equal("off", await _sandbox.ScalarAsync<string>(Primary, "SHOW default_transaction_read_only"));
    }

    [Theory]
    [InlineData("work_mem", "much")]
    [InlineData("no_such_parameter", "on")]
    public async Task SetParameter_PostgresRefuses_Throws(string name, string value) =>
        await Assert.ThrowsAsync<ArgumentException>(() => _sandbox.Parts.Databases.SetParameterAsync(Primary, name, value, CancellationToken.None));

    [Fact]
    public async Task SetParameter_OfThePostmaster_IsPendingUntilRestart()
    {
        Assert.True(await _sandbox.Parts.Databases.SetParameterAsync(Replica, "max_prepared_transactions", "7", CancellationToken.None));
        var pending = Assert.Single(await _sandbox.Parts.Databases.GetParametersAsync(Replica, CancellationToken.None), p => p.Name == "max_prepared_transactions");
        Assert.Equal(("0", true, "postmaster"), (pending.Value, pending.PendingRestart, pending.Context));

        await _sandbox.Parts.Databases.RestartAsync(Replica, CancellationToken.None);

        var set = Assert.Single(await _sandbox.Parts.Databases.GetParametersAsync(Replica, CancellationToken.None), p => p.Name == "max_prepared_transactions");
        Assert.Equal(("7", false), (set.Value, set.PendingRestart));
    }

    [Fact]
    public async Task Replication_WithLatency_ArrivesThatMuchLater()
    {
        await _sandbox.ExecuteAsync(Primary, "CREATE TABLE IF NOT EXISTS late (n int); INSERT INTO late VALUES (0)");
        await Eventually.TrueAsync(() => HasAsync("late", 0), "the first row at the replica");
        _sandbox.Parts.Links.Set("eastus", "westus", new LinkSettings(LatencyMilliseconds: 400));
        try
        {
            await _sandbox.ExecuteAsync(Primary, "INSERT INTO late VALUES (1)");
            var behind = await _sandbox.Parts.Databases.GetLagAsync(Replica, CancellationToken.None);
            var took = await Eventually.TrueAsync(() => HasAsync("late", 1), "the row at the replica");

            Assert.True(behind.Bytes > 0, $"{behind.Bytes} bytes behind while the write is on its way");
            Assert.InRange(took.TotalMilliseconds, 300, 1500);
            await Eventually.TrueAsync(async () => await _sandbox.Parts.Databases.GetLagAsync(Replica, CancellationToken.None) is { Bytes: 0, Seconds: 0, State: "streaming" }, "no lag");
        }
        finally
        {
            _sandbox.Parts.Links.Set("eastus", "westus", new LinkSettings());
        }
    }

    [Fact]
    public async Task Replication_LinkCut_StopsAndGoesOnWhenMended()
    {
        await _sandbox.ExecuteAsync(Primary, "CREATE TABLE IF NOT EXISTS cut (n int)");
        await Eventually.TrueAsync(() => HasTableAsync("cut"), "the table at the replica");
        _sandbox.Parts.Links.Set("westus", "eastus", new LinkSettings(Cut: true));
        try
        {
            await _sandbox.ExecuteAsync(Primary, "INSERT INTO cut VALUES (1)");
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _sandbox.Parts.Databases.PromoteAsync(Replica, waitForReplay: true, CancellationToken.None));

            Assert.Contains("link", refused.Message, StringComparison.Ordinal);
            Assert.Null((await _sandbox.Parts.Databases.GetLagAsync(Replica, CancellationToken.None)).State);
            Assert.False(await HasAsync("cut", 1));
        }
        finally
        {
            _sandbox.Parts.Links.Set("westus", "eastus", new LinkSettings());
        }

        await Eventually.TrueAsync(() => HasAsync("cut", 1), "the row at the replica");
    }

    [Fact]
    public async Task Databases_CreatedAndDropped_AreListed()
    {
        await _sandbox.Parts.Databases.CreateDatabaseAsync(Primary, "orders", "UTF8", "en_US.utf8", CancellationToken.None);
        Assert.Contains("orders", await _sandbox.Parts.Databases.ListDatabasesAsync(Primary, CancellationToken.None));

        await _sandbox.Parts.Databases.DropDatabaseAsync(Primary, "orders", CancellationToken.None);
        Assert.DoesNotContain("orders", await _sandbox.Parts.Databases.ListDatabasesAsync(Primary, CancellationToken.None));
    }

    [Fact]
    public async Task Promote_OfAPrimary_IsRefused() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => _sandbox.Parts.Databases.PromoteAsync(Primary, waitForReplay: false, CancellationToken.None));

    /// <summary>The table itself may not have arrived either.</summary>
    private async Task<bool> HasAsync(string table, int n) => await HasTableAsync(table) && await _sandbox.ScalarAsync<bool>(Replica, $"SELECT EXISTS (SELECT FROM {table} WHERE n = {n})");

    private async Task<bool> HasTableAsync(string table) => await _sandbox.ScalarAsync<bool>(Replica, $"SELECT to_regclass('{table}') IS NOT NULL");
}
