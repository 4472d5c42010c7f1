using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Evidence;

namespace Highflame.Dr.Engine.Loss;

/// <summary>The rows of lost transactions as JSON lines: first a header, then one row a line. They are users' data. Errors of every method: HfSalvageNotWritten.</summary>
internal sealed class SalvageFile : IAsyncDisposable
{
    private readonly ISalvagePlace _place;
    private readonly PromotionRecord _record;
    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal);

    private SalvageFile(ISalvagePlace place, PromotionRecord record)
    {
        _place = place;
        _record = record;
    }

    public List<string> Missing { get; } = [];

    /// <summary>Begins the file; it disposes of the place.</summary>
    public static async Task<SalvageFile> BeginAsync(ISalvagePlace place, PromotionRecord record, CancellationToken cancellationToken)
    {
        await place.WriteLineAsync(
            JsonSerializer.Serialize(new { kind = "highflame-dr lost writes", version = 1, oldPrimary = record.OldPrimaryId, newPrimary = record.ServerId, recoveryEnded = record.ReplayedLsn }, JournalJson.Line), cancellationToken).ConfigureAwait(false);
        return new SalvageFile(place, record);
    }

    public async Task AddAsync(long transaction, RowVersion row, bool writtenAgain, CancellationToken cancellationToken)
    {
        var values = JsonNode.Parse(row.Json)!.AsObject();
        var line = new JsonObject
        {
            ["database"] = row.Database,
            ["table"] = row.Table,
            ["key"] = new JsonObject(row.Key.Select(k => KeyValuePair.Create(k, values[k]?.DeepClone()))),
            ["transaction"] = transaction,
            ["writtenAgain"] = writtenAgain,
            ["values"] = values,
        };
        await _place.WriteLineAsync(line.ToJsonString(JournalJson.Line), cancellationToken).ConfigureAwait(false);
        var table = $"{row.Database}: {row.Table}";
        _rows[table] = _rows.GetValueOrDefault(table) + 1;
    }

    public async Task<LostWriteExport> CompleteAsync(IReadOnlyList<LostWrite> found, CancellationToken cancellationToken)
    {
        var without = found.Count(w => w.Rows == 0);
        if (without > 0) Missing.Add($"{without} lost transactions left no row to write: they only deleted, or later ones replaced their rows, or they were the server's own housekeeping.");
        // Commit times are known only at the end: they stand in lines of their own.
        foreach (var write in found.Where(w => w.CommittedAt is not null))
            await _place.WriteLineAsync(JsonSerializer.Serialize(new { transaction = write.TransactionId, committedAt = write.CommittedAt }, JournalJson.Line), cancellationToken).ConfigureAwait(false);
        await _place.CompleteAsync(cancellationToken).ConfigureAwait(false);
        return new LostWriteExport
        {
            Path = _place.Location,
            OldPrimary = _record.OldPrimary!,
            NewPrimary = _record.Server,
            Transactions = found.Count,
            WithRows = found.Count(w => w.Rows > w.RowsWrittenAgain),
            Rows = _rows.Values.Sum(),
            Tables = [.. _rows.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key} ({t.Value})")],
            Certain = found.All(w => w.Certain),
            Missing = [.. Missing],
        };
    }

    public ValueTask DisposeAsync() => _place.DisposeAsync();
}
