using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Evidence;

namespace Highflame.Dr.Engine.Loss;

/// <summary>
/// The rows of lost transactions as JSON lines: first a header, then one row a line. Written aside and put in place when it is whole; readable only by its owner,
/// because it holds users' data.
/// </summary>
internal sealed class SalvageFile : IAsyncDisposable
{
    private readonly string _path;
    private readonly string _aside;
    private readonly PromotionRecord _record;
    private readonly StreamWriter _writer;
    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal);

    /// <summary>Errors: HfSalvageNotWritten.</summary>
    public SalvageFile(string path, PromotionRecord record)
    {
        _path = Path.GetFullPath(path);
        _aside = $"{_path}.{Environment.ProcessId}.tmp";
        _record = record;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            _writer = new StreamWriter(_aside, new UTF8Encoding(false), options) { NewLine = "\n" };
            _writer.WriteLine(JsonSerializer.Serialize(new { kind = "highflame-dr lost writes", version = 1, oldPrimary = record.OldPrimaryId, newPrimary = record.ServerId, recoveryEnded = record.ReplayedLsn }, JournalJson.Line));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw NotWritten(e);
        }
    }

    public List<string> Missing { get; } = [];

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
        try
        {
            await _writer.WriteLineAsync(line.ToJsonString(JournalJson.Line).AsMemory(), cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw NotWritten(e);
        }

        var table = $"{row.Database}: {row.Table}";
        _rows[table] = _rows.GetValueOrDefault(table) + 1;
    }

    public async Task<LostWriteExport> CompleteAsync(IReadOnlyList<LostWrite> found, CancellationToken cancellationToken)
    {
        var without = found.Count(w => w.Rows == 0);
        if (without > 0) Missing.Add($"{without} lost transactions left no row to write: they only deleted, or later ones replaced their rows, or they were the server's own housekeeping.");
        try
        {
            // Commit times are known only at the end: they stand in lines of their own.
            foreach (var write in found.Where(w => w.CommittedAt is not null))
                await _writer.WriteLineAsync(JsonSerializer.Serialize(new { transaction = write.TransactionId, committedAt = write.CommittedAt }, JournalJson.Line).AsMemory(), cancellationToken).ConfigureAwait(false);
            await _writer.DisposeAsync().ConfigureAwait(false);
            File.Move(_aside, _path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(e);
        }

        return new LostWriteExport
        {
            Path = _path,
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

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        if (File.Exists(_aside)) File.Delete(_aside);
    }

    private DrException NotWritten(Exception e) => new("HfSalvageNotWritten", DrErrorKind.OperationFailed, $"The lost writes cannot be written: {e.Message}", _path, "Give another -Path with room enough.", e);
}
