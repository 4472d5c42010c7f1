using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Evidence;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Loss;

/// <summary>The receipt of a forced failover, as the databases alone give it. Journaled as the fact <see cref="FactName"/>.</summary>
internal sealed record LossReceipt
{
    public const string FactName = "loss";

    public required string OldPrimary { get; init; }

    /// <summary>Lost transactions with rows that the new primary has not: what an application calls a lost write.</summary>
    public required int WithRows { get; init; }

    /// <summary>All lost transactions; also those of the server's own housekeeping, and such as only deleted.</summary>
    public required int Transactions { get; init; }

    public required bool Certain { get; init; }
}

/// <summary>Compares an old primary with the server that was promoted in its place, by SQL that a server's administrator may run. Both are only read.</summary>
internal sealed class LossAssessment
{
    /// <summary>Name of the lost writes' file beside the journal.</summary>
    public const string FileName = "lost-writes.jsonl";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly AzureConnection _connection;
    private readonly IInventory _inventory;
    private readonly RunStore _store;
    private readonly IDrObserver _observer;

    public LossAssessment(AzureConnection connection, IInventory inventory, RunStore store, IDrObserver observer)
    {
        _connection = connection;
        _inventory = inventory;
        _store = store;
        _observer = observer;
    }

    /// <summary>
    /// Errors: HfNoForcedFailover (no journal names one), HfLossUnknown (what the replica had was not seen), HfServerStopped, HfOldPrimaryNotFenced, HfNotSameHistory,
    /// and those of a session.
    /// </summary>
    public async Task<IReadOnlyList<LostWrite>> FindAsync(LostWriteRequest request, RunHandle? run, CancellationToken cancellationToken)
    {
        var (record, _) = Recorded(request, run);
        var found = await ReadAsync(record, null, cancellationToken).ConfigureAwait(false);
        run?.Journal.RecordFact(LossReceipt.FactName, new LossReceipt
        {
            OldPrimary = record.OldPrimary!,
            Transactions = found.Count,
            WithRows = found.Count(w => w.Rows > w.RowsWrittenAgain),
            Certain = found.All(w => w.Certain),
        });
        return found;
    }

    /// <summary>Writes the rows of the lost transactions, found anew so that file and numbers are of one look.</summary>
    /// <param name="request">Which old primary.</param>
    /// <param name="run">The open run, if there is one.</param>
    /// <param name="path">Path, or https URL of a blob; null means beside the journal of the run that failed over, wherever that is kept.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<LostWriteExport> ExportAsync(LostWriteRequest request, RunHandle? run, string? path, CancellationToken cancellationToken)
    {
        var (record, runId) = Recorded(request, run);
        var place = PlaceOf(path ?? _store.LocationOf(runId, FileName));
        await using (place.ConfigureAwait(false))
        {
            var file = await SalvageFile.BeginAsync(place, record, cancellationToken).ConfigureAwait(false);
            var found = await ReadAsync(record, file, cancellationToken).ConfigureAwait(false);
            return await file.CompleteAsync(found, cancellationToken).ConfigureAwait(false);
        }
    }

    private ISalvagePlace PlaceOf(string path)
    {
        if (!RunStores.IsBlob(path)) return new SalvageOnDisk(path);
        try
        {
            return new SalvageInBlob(new BlobFiles(_connection.OpenContainer).Open(new Uri(path)));
        }
        catch (ArgumentException e)
        {
            throw new DrException("HfSalvageNotWritten", DrErrorKind.InvalidArgument, $"The lost writes cannot be written: {e.Message}", path, "Give the address of a blob: https://ACCOUNT.blob.core.windows.net/CONTAINER/NAME.", e);
        }
    }

    private (PromotionRecord Record, string RunId) Recorded(LostWriteRequest request, RunHandle? run)
    {
        var states = (run is null ? [] : new[] { run.Journal.State }).Concat(_store.ReadRuns().Select(r => r.State));
        var records = states.Select(s => (Record: s.Fact<PromotionRecord>(PromotionRecord.FactName), s.RunId)).Where(r => r.Record is { Mode: FailoverMode.Forced, OldPrimaryId: not null });
        var (record, runId) = records.FirstOrDefault(r => request.OldPrimary is not { } old || AzureId.Same(r.Record!.OldPrimaryId, old) || string.Equals(r.Record.OldPrimary, old, StringComparison.OrdinalIgnoreCase));
        if (record is null)
            throw new DrException(
                "HfNoForcedFailover", DrErrorKind.NotFound, $"No journal of '{request.Pair.Name}' holds a forced failover{(request.OldPrimary is { } named ? $" away from {named}" : "")}: a planned one loses nothing.", request.OldPrimary ?? request.Pair.Name,
                "Name the old primary with -Name, or the pair whose run store has the journal.");
        return record.Snapshot is not null ? (record, runId) : throw new DrException(
            "HfLossUnknown", DrErrorKind.InvalidState, $"What {record.Server} had was not seen before its promotion: its database did not answer, or there was no database credential.", record.ServerId,
            "Compare the two databases by their own keys. Next time connect with -DatabaseCredential.");
    }

    private async Task<IReadOnlyList<LostWrite>> ReadAsync(PromotionRecord record, SalvageFile? file, CancellationToken cancellationToken)
    {
        var old = await _inventory.TryGetServerAsync(record.OldPrimaryId!, cancellationToken).ConfigureAwait(false)
            ?? throw new DrException("HfServerNotFound", DrErrorKind.NotFound, $"{record.OldPrimary} is not there any more: what it had cannot be told.", record.OldPrimaryId, "Restore it from a backup under another name, if one is kept.");
        if (old.State is "Stopped" or "Disabled")
            throw new DrException("HfServerStopped", DrErrorKind.InvalidState, $"{old.Name} is {old.State}, so it cannot be read.", old.ResourceId,
                "Start it (it is still read-only by its server parameter, and takes no write by default), look, and stop it again: az postgres flexible-server start, then this command, then Complete-HfFence.");
        await RequireFencedAsync(record, old, cancellationToken).ConfigureAwait(false);
        var boundary = TransactionSnapshot.TryParse(record.Snapshot) ?? throw new DrException("HfLossUnknown", DrErrorKind.MalformedData, "The journal's snapshot cannot be read.", record.ServerId, "Compare the two databases by their own keys.");

        await using var there = await _connection.Databases.OpenHistoryAsync(old.HostName, null, Patience, cancellationToken).ConfigureAwait(false);
        await using var here = await _connection.Databases.OpenHistoryAsync(record.HostName, null, Patience, cancellationToken).ConfigureAwait(false);
        var end = (await there.GetSnapshotAsync(cancellationToken).ConfigureAwait(false)).Next;
        var now = (await here.GetSnapshotAsync(cancellationToken).ConfigureAwait(false)).Next;
        _observer.Progress(new DrProgress($"Lost writes of {old.Name}", $"comparing transactions {boundary.Oldest} to {end}"));
        var reading = new LossReading
        {
            Boundary = boundary,
            BoundaryLsn = record.ReplayedLsn,
            RecoveryEnd = await here.GetRecoveryEndAsync(cancellationToken).ConfigureAwait(false),
            OldCommitted = await there.GetCommittedAsync(boundary.Oldest, end, cancellationToken).ConfigureAwait(false),
            NewCommitted = await here.GetCommittedAsync(boundary.Oldest, Math.Min(end, now), cancellationToken).ConfigureAwait(false),
        };
        var (lost, ambiguous) = LossRules.Judge(reading);
        if (lost.Count == 0 && ambiguous.Count == 0) return [];
        return await GatherAsync(record, old, there, reading, lost, ambiguous, file, cancellationToken).ConfigureAwait(false);
    }

    // It must not change while it is compared; and a server that takes writes beside the new primary has to be fenced before anything else.
    private async Task RequireFencedAsync(PromotionRecord record, DbServer old, CancellationToken cancellationToken)
    {
        await using var session = await _connection.Databases.OpenAsync(old.HostName, Patience, cancellationToken).ConfigureAwait(false);
        var seen = await session.ObserveAsync(cancellationToken).ConfigureAwait(false);
        if (!seen.ReadOnly && !seen.InRecovery)
            throw new DrException("HfOldPrimaryNotFenced", DrErrorKind.InvalidState, $"{old.Name} takes writes.", old.ResourceId, $"Fence it first: Complete-HfFence -ResourceId {old.ResourceId} -KeepRunning.");
        if (record.SystemIdentifier is { } identifier && seen.SystemIdentifier is { } shown && identifier != shown)
            throw new DrException("HfNotSameHistory", DrErrorKind.InvalidState, $"{old.Name} is not the server that {record.Server} was a replica of: their system identifiers differ.", old.ResourceId, "It was restored or created anew under that name; its transactions cannot be compared.");
    }

    private async Task<IReadOnlyList<LostWrite>> GatherAsync(
        PromotionRecord record, DbServer old, ITransactionHistory there, LossReading reading, IReadOnlyList<long> lost, IReadOnlyList<long> ambiguous, SalvageFile? file, CancellationToken cancellationToken)
    {
        var from = Math.Min(lost.Count > 0 ? lost[0] : long.MaxValue, ambiguous.Count > 0 ? ambiguous[0] : long.MaxValue);
        var tallies = new LossTallies(lost, ambiguous);
        var missing = new List<string>();
        await foreach (var row in RowsAsync(old.HostName, there, from, missing, cancellationToken).ConfigureAwait(false)) tallies.Add(row);

        // What the new primary has written since: the same transactions under the same ids, and rows that a client has sent again.
        if (tallies.HasRows)
        {
            await using var here = await _connection.Databases.OpenHistoryAsync(record.HostName, null, Patience, cancellationToken).ConfigureAwait(false);
            await foreach (var row in RowsAsync(record.HostName, here, reading.Boundary.Next, [], cancellationToken).ConfigureAwait(false)) tallies.Meet(row);
        }

        tallies.Settle();
        if (file is not null)
        {
            file.Missing.AddRange(missing);
            await foreach (var row in RowsAsync(old.HostName, there, from, [], cancellationToken).ConfigureAwait(false))
            {
                if (tallies.Find(row.TransactionId) is { } of) await file.AddAsync(of.Id, row, tallies.IsWrittenAgain(row), cancellationToken).ConfigureAwait(false);
            }
        }
        else foreach (var words in missing) _observer.Warning(words);

        var found = tallies.Lost;
        var times = await there.GetCommitTimesAsync([.. found.Select(t => t.Id)], cancellationToken).ConfigureAwait(false);
        return [.. found.Select(t => new LostWrite
        {
            TransactionId = t.Id,
            CommittedAt = times.TryGetValue(t.Id, out var at) ? at : null,
            Rows = t.Rows,
            RowsWrittenAgain = t.WrittenAgain,
            Tables = [.. t.Tables.Order(StringComparer.Ordinal)],
            Certain = t.Certain,
            OldPrimary = old.Name,
            OldPrimaryResourceId = old.ResourceId,
            NewPrimaryResourceId = record.ServerId,
        })];
    }

    private async IAsyncEnumerable<RowVersion> RowsAsync(string hostName, ITransactionHistory first, long from, List<string> missing, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var name in await first.GetDatabasesAsync(cancellationToken).ConfigureAwait(false))
        {
            var own = name == first.Database ? null : await _connection.Databases.OpenHistoryAsync(hostName, name, Patience, cancellationToken).ConfigureAwait(false);
            await using (own)
            {
                var session = own ?? first;
                missing.AddRange((await session.GetUnreadableTablesAsync(cancellationToken).ConfigureAwait(false)).Select(t => $"{t.Database}: {t.Table} of {t.Owner} may not be read by this user; give it the role pg_read_all_data."));
                await foreach (var row in session.GetRowsAsync(from, cancellationToken).ConfigureAwait(false)) yield return row;
            }
        }
    }
}
