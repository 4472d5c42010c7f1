using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Execution;

/// <summary>The journal of one run: append-only JSON lines, hash-chained, each flushed through to the disk before the call returns. Safe for many threads of one process.</summary>
internal sealed class Journal : IJournal, IDisposable
{
    private readonly FileStream _file;
    private readonly TimeProvider _time;
    private readonly List<JournalLine> _lines;
    private readonly object _gate = new();

    private Journal(string path, FileStream file, TimeProvider time, IEnumerable<JournalLine> lines)
    {
        Path = path;
        _file = file;
        _time = time;
        _lines = [.. lines];
    }

    public string Path { get; }

    /// <summary>The run as its lines tell it.</summary>
    public JournalState State
    {
        get
        {
            lock (_gate) return JournalState.Fold(_lines);
        }
    }

    public static Journal Create(string path, TimeProvider time)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        return new Journal(path, OpenFile(path, FileMode.CreateNew), time, []);
    }

    /// <summary>Opens a journal to go on with it. Errors: HfJournalBroken.</summary>
    public static Journal Open(string path, TimeProvider time)
    {
        var content = JournalReader.Read(path);
        if (content.Problem is { } problem) throw Broken(path, problem);
        var journal = new Journal(path, OpenFile(path, FileMode.Open), time, content.Lines);
        journal._file.Seek(0, SeekOrigin.End);
        journal.EndLastLine();
        if (content.TornBytes > 0) journal.Append(JournalFormat.Recovered, new { content.TornBytes });
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

    public void RecordFact(string name, object fact) => Append("fact", new { Name = name, Fact = fact });

    /// <summary>Appends a line of any type. The members of <paramref name="content"/> stand between <c>type</c> and <c>prev</c>.</summary>
    public JournalLine Append(string type, object content)
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
            Write(text + "\n");
            var line = new JournalLine(_lines.Count + 1L, at, type, body, hash);
            _lines.Add(line);
            return line;
        }
    }

    public void Dispose()
    {
        lock (_gate) _file.Dispose();
    }

    private static FileStream OpenFile(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode == FileMode.CreateNew) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private void Write(string text)
    {
        _file.Write(Encoding.UTF8.GetBytes(text));
        _file.Flush(flushToDisk: true);
    }

    // A last line that is torn, or whole and lacking only its line feed, is ended; nothing is removed.
    private void EndLastLine()
    {
        if (_file.Length == 0) return;
        _file.Seek(-1, SeekOrigin.End);
        var ended = _file.ReadByte() == '\n';
        if (!ended) Write("\n");
    }
}
