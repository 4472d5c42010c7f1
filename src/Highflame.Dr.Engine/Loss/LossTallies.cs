using System.Text.Json;
using Highflame.Dr.Engine.Postgres;

namespace Highflame.Dr.Engine.Loss;

/// <summary>A transaction that is lost, and what it left.</summary>
internal sealed class LossTally(long id)
{
    public long Id { get; } = id;

    public int Rows { get; set; }

    /// <summary>Rows whose key the new primary has written since: sent again by a client that got no answer, or replaced.</summary>
    public int WrittenAgain { get; set; }

    public HashSet<string> Tables { get; } = new(StringComparer.Ordinal);

    public bool Certain { get; set; } = true;
}

/// <summary>Brings rows of the old and of the new primary together. Only ids and keys are kept, not the rows. In memory and pure.</summary>
internal sealed class LossTallies
{
    private readonly Dictionary<uint, LossTally> _sure;
    private readonly Dictionary<uint, LossTally> _doubtful;
    private readonly Dictionary<(string Place, string Key), uint> _keys = [];
    private readonly HashSet<(string Place, string Key)> _again = [];
    private readonly Dictionary<uint, int> _same = [];
    private readonly HashSet<(uint Transaction, string Place, string Json)> _doubtfulRows = [];

    public LossTallies(IEnumerable<long> lost, IEnumerable<long> ambiguous)
    {
        _sure = lost.ToDictionary(Low, id => new LossTally(id));
        _doubtful = ambiguous.ToDictionary(Low, id => new LossTally(id));
    }

    public bool HasRows => _keys.Count > 0 || _doubtfulRows.Count > 0;

    /// <summary>The lost ones in the order of their ids. Call <see cref="Settle"/> before.</summary>
    public IReadOnlyList<LossTally> Lost => [.. _sure.Values.OrderBy(t => t.Id)];

    /// <summary>The lost transaction that wrote a row; null when it is not lost.</summary>
    public LossTally? Find(uint transactionId) => _sure.GetValueOrDefault(transactionId);

    /// <summary>A row of the old primary.</summary>
    public void Add(RowVersion row)
    {
        if (_doubtful.TryGetValue(row.TransactionId, out var tally)) _doubtfulRows.Add((row.TransactionId, Place(row), row.Json));
        else if (!_sure.TryGetValue(row.TransactionId, out tally)) return;
        tally.Rows++;
        tally.Tables.Add(Place(row));
        if (KeyOf(row) is { } key) _keys[(Place(row), key)] = row.TransactionId;
    }

    /// <summary>A row that the new primary has written since the promotion.</summary>
    public void Meet(RowVersion row)
    {
        if (_doubtfulRows.Contains((row.TransactionId, Place(row), row.Json))) _same[row.TransactionId] = _same.GetValueOrDefault(row.TransactionId) + 1;
        if (KeyOf(row) is { } key && _keys.ContainsKey((Place(row), key))) _again.Add((Place(row), key));
    }

    public bool IsWrittenAgain(RowVersion row) => KeyOf(row) is { } key && _again.Contains((Place(row), key));

    /// <summary>
    /// A transaction of the same id on both whose every row stands on both with the same values was replicated after all. With some of its rows there it may have
    /// been, the others replaced since; without any row nothing tells. Those are lost, not for certain.
    /// </summary>
    public void Settle()
    {
        foreach (var (low, tally) in _doubtful)
        {
            var same = _same.GetValueOrDefault(low);
            if (tally.Rows > 0 && same == tally.Rows) continue;
            tally.Certain = tally.Rows > 0 && same == 0;
            _sure[low] = tally;
        }

        foreach (var key in _again)
        {
            if (_sure.TryGetValue(_keys[key], out var tally)) tally.WrittenAgain++;
        }
    }

    private static uint Low(long id) => (uint)(id & uint.MaxValue);

    private static string Place(RowVersion row) => $"{row.Database}: {row.Table}";

    private static string? KeyOf(RowVersion row)
    {
        if (row.Key.Length == 0) return null;
        using var values = JsonDocument.Parse(row.Json);
        return string.Join('\u001f', row.Key.Select(k => values.RootElement.TryGetProperty(k, out var value) ? value.GetRawText() : ""));
    }
}
