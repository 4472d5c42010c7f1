using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Execution;

/// <summary>The journal of one run: append-only JSON lines, hash-chained, each flushed through to the disk before the call returns. Safe for many threads of one process.</summary>
internal sealed class Journal : IJournal, IDisposable
{
    private readonly IJournalFile _file;
    private readonly TimeProvider _time;
    private readonly List<JournalLine> _lines;
    private readonly object _gate = new();

    private Journal(IJournalFile file, TimeProvider time, IEnumerable<JournalLine> lines)
    {
        _file = file;
        _time = time;
        _lines = [.. lines];
    }

    /// <summary>Path or URL.</summary>
    public string Path => _file.Location;

    /// <summary>Called with each line that has been written, on the thread that wrote it; it must not wait.</summary>
    public Action<JournalLine>? Written { get; set; }

    /// <summary>The run as its lines tell it.</summary>
    public JournalState State
    {
        get
        {
            lock (_gate) return JournalState.Fold(_lines);
        }
    }

    public static Journal Create(IJournalFile file, TimeProvider time) => new(file, time, []);

    /// <summary>Goes on with a journal. A last line that is torn, or whole and lacking only its line feed, is ended; nothing is removed. Errors: HfJournalBroken.</summary>
    public static Journal Open(IJournalFile file, TimeProvider time)
    {
        var bytes = file.Read();
        var content = JournalReader.Read(bytes);
        if (content.Problem is { } problem) throw Broken(file.Location, problem);
        var journal = new Journal(file, time, content.Lines);
        var lineFeed = bytes.Length > 0 && bytes[^1] != (byte)'\n' ? "\n" : "";
        if (content.TornBytes > 0) journal.Append(JournalFormat.Recovered, new { content.TornBytes, content.TornHash }, lineFeed);
        else if (lineFeed.Length > 0) file.Append("\n"u8);
        return journal;
    }

    public static DrException Broken(string path, string problem) => new(
        "HfJournalBroken", DrErrorKind.MalformedData, $"The journal is not as it was written: {problem}.", path,
        "Keep the file for inquiry, move its folder out of the run store, and start a new run.");

    public OpenStep BeginStep(PlanStep step)
    {
        var line = Append("step-intent", new { step.Name, step.Target, step.Action, step.Class });
        return new OpenStep(line.Number, step.Name, step.Target, line.At);
    }

    public StepResult EndStep(OpenStep step, StepOutcome outcome, string? detail = null)
    {
        var line = Append("step-outcome", new { Step = step.Line, step.Name, step.Target, Outcome = outcome, Detail = detail });
        return new StepResult
        {
            Name = step.Name,
            Target = step.Target,
            Started = step.Started,
            Finished = outcome is StepOutcome.Pending ? null : line.At,
            Outcome = outcome,
            Detail = detail,
        };
    }

    public void RecordOperation(DrOperation operation) => Append("operation", operation);

    public void RecordStep(StepResult step) => Append("step", step);

    public void RecordFound(string name, string target, string detail)
    {
        var begun = State.Steps.LastOrDefault(s => s.Name == name && string.Equals(s.Target, target, StringComparison.OrdinalIgnoreCase) && s is { Outcome: StepOutcome.Unknown, Finished: null });
        if (begun is not null) RecordStep(begun with { Finished = _time.GetUtcNow(), Outcome = StepOutcome.NoChange, Detail = $"found after an interruption: {detail}" });
    }

    public void RecordFact(string name, object fact) => Append("fact", new { Name = name, Fact = fact });

    /// <summary>Appends a line of any type. The members of <paramref name="content"/> stand between <c>type</c> and <c>prev</c>; <paramref name="before"/> ends a torn line in the same write.</summary>
    public JournalLine Append(string type, object content, string before = "")
    {
        var line = Write(type, content, before);
        Written?.Invoke(line);
        return line;
    }

    private JournalLine Write(string type, object content, string before)
    {
        lock (_gate)
        {
            var at = _time.GetUtcNow();
            var body = new JsonObject { ["n"] = _lines.Count + 1L, ["at"] = at, ["type"] = type };
            if (JsonSerializer.SerializeToNode(content, JournalJson.Line) is JsonObject members)
            {
                foreach (var (name, value) in members.ToArray())
                {
                    members.Remove(name);
                    body[name] = value;
                }
            }

            body["prev"] = _lines.Count == 0 ? JournalFormat.Genesis : _lines[^1].Hash;
            var (text, hash) = JournalFormat.Seal(body);
            var what = JournalEvents.Log.IsEnabled() ? Words(type, body) : null;
            if (what is not null) JournalEvents.Log.Appending(Path, _lines.Count + 1L, what);
            _file.Append(Encoding.UTF8.GetBytes(before + text + "\n"));
            var line = new JournalLine(_lines.Count + 1L, at, type, body, hash);
            _lines.Add(line);
            if (what is not null) JournalEvents.Log.Appended(Path, line.Number, what);
            return line;
        }
    }

    // For those who listen: what kind of line it is, without its numbers and times.
    private static string Words(string type, JsonObject body) => string.Join(' ', new[] { type }.Concat(new[] { "name", "outcome", "target" }
        .Select(member => body[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null)
        .OfType<string>()
        .Select(text => text[(text.LastIndexOf('/') + 1)..])));

    public void Dispose()
    {
        lock (_gate) _file.Dispose();
    }
}
