using System.Diagnostics;
using Npgsql;

namespace Highflame.Dr.Sandbox.Postgres;

/// <summary>What is done inside a running server, as its superuser.</summary>
internal static class ClusterOperations
{
    private const string ServerRole = "azure_pg_admin";

    /// <summary>Parameters that are lists of names: each element is quoted on its own.</summary>
    private static readonly HashSet<string> NameLists = new(StringComparer.OrdinalIgnoreCase)
    {
        "search_path", "temp_tablespaces", "session_preload_libraries", "shared_preload_libraries", "local_preload_libraries",
    };

    /// <summary>Roles, database and grants of a fresh server: the administrator may do what azure_pg_admin may do on Azure, and is no superuser.</summary>
    public static Task SetUpAsync(this DatabaseCluster cluster, SandboxLayout layout, string replicatorPassword, string administratorPassword, CancellationToken cancellationToken)
    {
        var administrator = SuperuserSession.Identifier(cluster.Administrator);
        var application = SuperuserSession.Identifier(layout.ApplicationRole);
        string[] statements =
        [
            $"CREATE ROLE {ClusterHome.Replicator} LOGIN REPLICATION PASSWORD {SuperuserSession.Literal(replicatorPassword)}",
            $"CREATE ROLE {ServerRole} NOLOGIN",
            $"GRANT pg_monitor, pg_signal_backend, pg_read_all_settings TO {ServerRole}",
            // pg_checkpoint came with PostgreSQL 15.
            $"DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pg_checkpoint') THEN GRANT pg_checkpoint TO {ServerRole}; END IF; END $$",
            $"GRANT EXECUTE ON FUNCTION pg_control_system(), pg_control_checkpoint(), pg_control_recovery(), pg_control_init() TO {ServerRole}",
            $"CREATE ROLE {administrator} LOGIN CREATEDB CREATEROLE PASSWORD {SuperuserSession.Literal(administratorPassword)}",
            $"GRANT {ServerRole} TO {administrator} WITH ADMIN OPTION",
            $"CREATE ROLE {application} LOGIN PASSWORD {SuperuserSession.Literal(layout.ApplicationPassword)}",
            // Whoever creates a database for a role on Azure has to be a member of that role.
            $"GRANT {application} TO {administrator} WITH ADMIN OPTION",
            $"CREATE DATABASE {application} OWNER {application}",
        ];
        return cluster.Control.UseAsync(
            async connection =>
            {
                foreach (var statement in statements) await ExecuteAsync(connection, statement, cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken);
    }

    /// <summary>ALTER SYSTEM and reload; returns when the server has read the new value, true when the value needs a restart.</summary>
    /// <exception cref="ArgumentException">PostgreSQL refuses the name or the value.</exception>
    public static Task<bool> SetParameterAsync(this DatabaseCluster cluster, string name, string value, TimeProvider time, CancellationToken cancellationToken) => cluster.Control.UseAsync(
        async connection =>
        {
            var before = await ScalarAsync<DateTime>(connection, "SELECT pg_conf_load_time()", cancellationToken).ConfigureAwait(false);
            try
            {
                await ExecuteAsync(connection, $"ALTER SYSTEM SET {SuperuserSession.Identifier(name)} = {ParameterValue(name, value)}", cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException refused) when (refused.SqlState is not (PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow))
            {
                throw new ArgumentException($"PostgreSQL refuses '{value}' for '{name}': {refused.MessageText}", nameof(value), refused);
            }

            await ExecuteAsync(connection, "SELECT pg_reload_conf()", cancellationToken).ConfigureAwait(false);
            // The postmaster signals every backend in one go: when this one has read the files, new sessions have the value and running ones get it with their next statement.
            while (await ScalarAsync<DateTime>(connection, "SELECT pg_conf_load_time()", cancellationToken).ConfigureAwait(false) <= before)
                await Task.Delay(TimeSpan.FromMilliseconds(2), time, cancellationToken).ConfigureAwait(false);
            return await ScalarAsync<bool>(connection, $"SELECT coalesce((SELECT pending_restart FROM pg_settings WHERE lower(name) = lower({SuperuserSession.Literal(name)})), false)", cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public static Task<IReadOnlyList<ServerParameter>> GetParametersAsync(this DatabaseCluster cluster, CancellationToken cancellationToken) => cluster.Watch.QueryAsync(
        """
        SELECT name, coalesce(setting, ''), coalesce(boot_val, ''), coalesce(unit, ''), vartype, context,
               CASE WHEN vartype = 'enum' THEN array_to_string(enumvals, E'\t') WHEN vartype = 'bool' THEN E'on\toff'
                    WHEN min_val IS NOT NULL THEN min_val || E'\t' || max_val ELSE '' END,
               coalesce(short_desc, ''), pending_restart
        FROM pg_settings ORDER BY name
        """,
        row => new ServerParameter(
            row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5),
            row.GetString(6).Split('\t', StringSplitOptions.RemoveEmptyEntries), row.GetString(7), row.GetBoolean(8)),
        cancellationToken);

    /// <summary>Waits until the standby has replayed all that the source had flushed when this was called.</summary>
    /// <exception cref="InvalidOperationException">The source ended or the link was cut meanwhile: it never will.</exception>
    public static async Task WaitForReplayAsync(this DatabaseCluster standby, DatabaseCluster source, Func<bool> isCut, TimeProvider time, CancellationToken cancellationToken)
    {
        var target = await source.Control.ScalarAsync<string>("SELECT pg_current_wal_flush_lsn()::text", cancellationToken).ConfigureAwait(false);
        while (!await standby.Control.ScalarAsync<bool>("SELECT coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false)", cancellationToken, target).ConfigureAwait(false))
        {
            if (!source.IsRunning) throw new InvalidOperationException($"The server '{source.Name}' ended before '{standby.Name}' had replayed {target}.");
            if (isCut()) throw new InvalidOperationException($"The link was cut before '{standby.Name}' had replayed {target}.");
            await Task.Delay(TimeSpan.FromMilliseconds(5), time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>pg_promote; returns as soon as the server has left recovery and takes writes.</summary>
    public static Task PromoteAsync(this DatabaseCluster standby, TimeProvider time, CancellationToken cancellationToken) => standby.Control.UseAsync(
        async connection =>
        {
            await ExecuteAsync(connection, "SELECT pg_promote(wait => false)", cancellationToken).ConfigureAwait(false);
            while (await ScalarAsync<bool>(connection, "SELECT pg_is_in_recovery()", cancellationToken).ConfigureAwait(false))
                await Task.Delay(TimeSpan.FromMilliseconds(5), time, cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <summary>True when the slot is gone; false while something still uses it (which is told to end).</summary>
    public static Task<bool> TryDropSlotAsync(this DatabaseCluster source, string slot) => source.Control.ScalarAsync<bool>(
        """
        SELECT coalesce((SELECT CASE WHEN active THEN pg_terminate_backend(active_pid) AND false ELSE pg_drop_replication_slot(slot_name) IS NOT NULL END
                         FROM pg_replication_slots WHERE slot_name = $1), true)
        """,
        CancellationToken.None,
        slot);

    public static async Task CreateDatabaseAsync(this DatabaseCluster cluster, string database, string? charset, string? collation, CancellationToken cancellationToken)
    {
        var create = $"CREATE DATABASE {SuperuserSession.Identifier(database)} OWNER {SuperuserSession.Identifier(cluster.Administrator)} TEMPLATE template0"
            + (charset is null ? "" : $" ENCODING {SuperuserSession.Literal(charset)}");
        var locale = collation is null ? "" : $" LC_COLLATE {SuperuserSession.Literal(collation)} LC_CTYPE {SuperuserSession.Literal(collation)}";
        try
        {
            await WritableAsync(cluster, create + locale, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException missing) when (locale.Length > 0 && missing.SqlState == PostgresErrorCodes.WrongObjectType)
        {
            // Azure has every locale; this machine has not. The database matters, its sort order does not.
            await WritableAsync(cluster, create, cancellationToken).ConfigureAwait(false);
        }
    }

    public static Task DropDatabaseAsync(this DatabaseCluster cluster, string database, CancellationToken cancellationToken) =>
        WritableAsync(cluster, $"DROP DATABASE {SuperuserSession.Identifier(database)} WITH (FORCE)", cancellationToken);

    public static Task SetPasswordAsync(this DatabaseCluster cluster, string role, string password, CancellationToken cancellationToken) =>
        WritableAsync(cluster, $"ALTER ROLE {SuperuserSession.Identifier(role)} PASSWORD {SuperuserSession.Literal(password)}", cancellationToken);

    /// <summary>A statement that writes, on a server that may be fenced by default_transaction_read_only: the superuser's session sets it aside for the statement.</summary>
    private static Task WritableAsync(DatabaseCluster cluster, string statement, CancellationToken cancellationToken) => cluster.Control.UseAsync(
        async connection =>
        {
            await ExecuteAsync(connection, "SET default_transaction_read_only = off", cancellationToken).ConfigureAwait(false);
            try
            {
                await ExecuteAsync(connection, statement, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                await ExecuteAsync(connection, "RESET default_transaction_read_only", CancellationToken.None).ConfigureAwait(false);
            }

            return true;
        },
        cancellationToken);

    private static string ParameterValue(string name, string value) => NameLists.Contains(name)
        ? string.Join(", ", value.Split(',', StringSplitOptions.TrimEntries).Select(SuperuserSession.Literal))
        : SuperuserSession.Literal(value);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // SQL of the sandbox's own; names and values are quoted.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // SQL of the sandbox's own; names and values are quoted.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is T value ? value : throw new UnreachableException($"PostgreSQL answered nothing to: {sql}");
    }
}
