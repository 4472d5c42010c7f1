namespace Highflame.Dr.Evidence;

/// <summary>
/// A transaction that the old primary committed and the new one does not have. Output of Get-HfLostWrite; binds to Export-HfLostWrite. Reading it changes nothing, and
/// nothing is ever written back by itself.
/// </summary>
public sealed record LostWrite
{
    /// <summary>Transaction id with its epoch, as pg_xact_status takes it.</summary>
    public required long TransactionId { get; init; }

    /// <summary>When it was committed; null where the old primary did not keep that (track_commit_timestamp).</summary>
    public DateTimeOffset? CommittedAt { get; init; }

    /// <summary>Rows that it left and that stand on the old primary still. None for one that only deleted, or whose rows a later one has replaced.</summary>
    public required int Rows { get; init; }

    /// <summary>Of those, rows whose key the new primary has written since: sent again by a client that got no answer, or replaced.</summary>
    public int RowsWrittenAgain { get; init; }

    /// <summary>Tables of those rows, as database: schema.table.</summary>
    public string[] Tables { get; init; } = [];

    /// <summary>False when it could be a transaction that the new primary has under the same id: its log had moved on between the last look and the promotion.</summary>
    public required bool Certain { get; init; }

    public required string OldPrimary { get; init; }

    public required string OldPrimaryResourceId { get; init; }

    public required string NewPrimaryResourceId { get; init; }
}

/// <summary>What was written for salvage. Output of Export-HfLostWrite.</summary>
public sealed record LostWriteExport
{
    /// <summary>The file: one JSON object a line, first a header, then a row each with database, table, key, transaction, commit time and values.</summary>
    public required string Path { get; init; }

    public required string OldPrimary { get; init; }

    public required string NewPrimary { get; init; }

    /// <summary>Lost transactions.</summary>
    public required int Transactions { get; init; }

    /// <summary>Of those, with rows that the new primary has not: what an application calls lost writes.</summary>
    public required int WithRows { get; init; }

    public required int Rows { get; init; }

    /// <summary>Rows by table.</summary>
    public string[] Tables { get; init; } = [];

    /// <summary>False when one of them is not certain.</summary>
    public required bool Certain { get; init; }

    /// <summary>What the file cannot hold: tables that may not be read, transactions that left no row.</summary>
    public string[] Missing { get; init; } = [];
}

/// <summary>Which two servers to compare.</summary>
/// <param name="Pair">The pair whose journals say which server was promoted, and what it had then.</param>
/// <param name="OldPrimary">Resource id or name of the old primary; null means that of the pair's last forced failover.</param>
public sealed record LostWriteRequest(Topology.RegionPair Pair, string? OldPrimary);

/// <summary>All servers of a pair, and those of them that take writes beside another one of the same history.</summary>
/// <param name="Servers">Each server.</param>
/// <param name="TwoWriters">Names of the servers that both take writes; empty when all is well.</param>
public sealed record WriterReport(WriterCheck[] Servers, string[] TwoWriters);

/// <summary>Whether a server takes writes now. Output of Test-HfWriter.</summary>
public sealed record WriterCheck
{
    public required string Name { get; init; }

    public required string ResourceId { get; init; }

    public required string Location { get; init; }

    /// <summary>True: it takes writes; false: it is stopped, in recovery or read-only by default; null: it could not be asked.</summary>
    public bool? AcceptsWrites { get; init; }

    /// <summary>What was seen, in words.</summary>
    public required string Observed { get; init; }
}
