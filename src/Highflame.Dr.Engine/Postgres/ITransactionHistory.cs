namespace Highflame.Dr.Engine.Postgres;

/// <summary>A snapshot of PostgreSQL: every transaction before <see cref="Oldest"/> has ended, none from <see cref="Next"/> on has.</summary>
/// <param name="Oldest">xmin of txid_current_snapshot(), 64 bits with the epoch.</param>
/// <param name="Next">xmax of it.</param>
internal readonly record struct TransactionSnapshot(long Oldest, long Next)
{
    /// <summary>Reads <c>xmin:xmax:list</c>; null when it is no snapshot.</summary>
    public static TransactionSnapshot? TryParse(string? text) =>
        text?.Split(':') is [var oldest, var next, ..] && long.TryParse(oldest, out var from) && long.TryParse(next, out var to) ? new(from, to) : null;
}

/// <summary>One row as one transaction left it.</summary>
/// <param name="TransactionId">Low 32 bits of the transaction that wrote it, as xmin shows it.</param>
/// <param name="Database">Name of the database.</param>
/// <param name="Table">Qualified and quoted name.</param>
/// <param name="Key">Columns of the primary key; empty when the table has none.</param>
/// <param name="Json">The row as to_jsonb gives it.</param>
internal sealed record RowVersion(uint TransactionId, string Database, string Table, string[] Key, string Json);

/// <summary>A table whose rows this role may not read.</summary>
internal sealed record UnreadableTable(string Database, string Table, string Owner);

/// <summary>What a server knows of its own past: which transactions committed, and the rows they left. One session; not for two callers at once.</summary>
internal interface ITransactionHistory : IAsyncDisposable
{
    string Database { get; }

    Task<TransactionSnapshot> GetSnapshotAsync(CancellationToken cancellationToken);

    /// <summary>pg_last_wal_replay_lsn(): on a promoted server the end of its recovery, until it is restarted; null when it has none.</summary>
    Task<string?> GetRecoveryEndAsync(CancellationToken cancellationToken);

    /// <summary>Those from (inclusive) to (exclusive) that txid_status calls committed. Transactions before the oldest kept one are unknown and left out.</summary>
    Task<IReadOnlyList<long>> GetCommittedAsync(long from, long to, CancellationToken cancellationToken);

    /// <summary>Commit times where track_commit_timestamp keeps them; empty when it is off.</summary>
    Task<IReadOnlyDictionary<long, DateTimeOffset>> GetCommitTimesAsync(IReadOnlyList<long> transactions, CancellationToken cancellationToken);

    /// <summary>Databases of the server that hold users' data and that this role may enter.</summary>
    Task<IReadOnlyList<string>> GetDatabasesAsync(CancellationToken cancellationToken);

    /// <summary>Tables of this database whose rows this role may not read.</summary>
    Task<IReadOnlyList<UnreadableTable>> GetUnreadableTablesAsync(CancellationToken cancellationToken);

    /// <summary>The rows of this database's ordinary tables that were written by a transaction from <paramref name="from"/> on, table by table. Reads every table once.</summary>
    IAsyncEnumerable<RowVersion> GetRowsAsync(long from, CancellationToken cancellationToken);
}
