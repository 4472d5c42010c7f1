using System.Net.Sockets;
using Npgsql;

namespace Highflame.Dr.Sandbox.Postgres;

/// <summary>How far a standby is behind, asked on both sides at once. The link does not delay the question, so the numbers are the truth and not hearsay.</summary>
internal static class ReplicationView
{
    /// <param name="source">The server streamed from; null when it is gone.</param>
    /// <param name="standby">The replica.</param>
    /// <param name="cut">True when the link between them is cut: the source cannot be asked from where the standby is.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <returns>State is pg_stat_replication's word ("streaming", "catchup", ...), "none" when the source knows of no stream, null when the source cannot be asked.</returns>
    public static async Task<ReplicationLag> LagAsync(DatabaseCluster? source, DatabaseCluster standby, bool cut, CancellationToken cancellationToken)
    {
        var standbySide = standby.IsRunning ? TryAsync(() => AskStandbyAsync(standby, cancellationToken)) : Task.FromResult<(string Replayed, double? Seconds)?>(null);
        var sourceSide = source is { IsRunning: true } && !cut ? TryAsync(() => AskSourceAsync(source, standby.Name, cancellationToken)) : Task.FromResult<(string Written, string State)?>(null);
        var behind = await standbySide.ConfigureAwait(false);
        var ahead = await sourceSide.ConfigureAwait(false);

        long? bytes = behind is { } b && ahead is { } a ? Math.Max(0, Position(a.Written) - Position(b.Replayed)) : null;
        // The replica only knows when the last transaction that it replayed was committed: an idle primary would look like a growing lag.
        var seconds = bytes == 0 ? 0 : behind?.Seconds;
        return new ReplicationLag(bytes, seconds, ahead?.State);
    }

    /// <summary>A WAL position, "16/B374D848", as a number of bytes.</summary>
    internal static long Position(string lsn)
    {
        var slash = lsn.IndexOf('/', StringComparison.Ordinal);
        return (Convert.ToInt64(lsn[..slash], 16) << 32) + Convert.ToInt64(lsn[(slash + 1)..], 16);
    }

    private static async Task<(string Replayed, double? Seconds)> AskStandbyAsync(DatabaseCluster standby, CancellationToken cancellationToken)
    {
        var rows = await standby.Watch.QueryAsync(
            "SELECT coalesce(pg_last_wal_replay_lsn(), '0/0')::text, extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8",
            row => (row.GetString(0), row.IsDBNull(1) ? (double?)null : row.GetDouble(1)),
            cancellationToken).ConfigureAwait(false);
        return rows[0];
    }

    private static async Task<(string Written, string State)> AskSourceAsync(DatabaseCluster source, string standby, CancellationToken cancellationToken)
    {
        var rows = await source.Watch.QueryAsync(
            """
            SELECT (CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn(), '0/0') ELSE pg_current_wal_lsn() END)::text,
                   coalesce((SELECT state FROM pg_stat_replication WHERE application_name = $1 ORDER BY state DESC LIMIT 1), 'none')
            """,
            row => (row.GetString(0), row.GetString(1)),
            cancellationToken,
            standby).ConfigureAwait(false);
        return rows[0];
    }

    private static async Task<T?> TryAsync<T>(Func<Task<T>> ask)
        where T : struct
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is NpgsqlException or SocketException or IOException or TimeoutException or ObjectDisposedException)
        {
            return null;
        }
    }
}
