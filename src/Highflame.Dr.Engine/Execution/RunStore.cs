using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Locks;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Execution;

/// <summary>What a pair's store says without holding its lease.</summary>
/// <param name="Debts">Fences still owed.</param>
/// <param name="UnfinishedRun">Id of the run that has begun and not ended; null when there is none.</param>
internal sealed record RunStoreStatus(IReadOnlyList<FenceDebt> Debts, string? UnfinishedRun)
{
    /// <summary>Locks that were taken away and are not put back.</summary>
    public IReadOnlyList<LockDebt> Locks { get; init; } = [];
}

/// <summary>The runs of one pair: one holder of the lease at a time, the journals, the fences that are owed. Errors of every method: HfRunStoreUnusable.</summary>
internal sealed class RunStore
{
    private const string DebtName = "fence-debt.json";
    private const string LockDebtName = "lock-debt.json";
    private readonly IRunStorage _storage;
    private readonly TimeProvider _time;
    private readonly IProcesses _processes;

    public RunStore(IRunStorage storage, string name, TimeProvider time, IProcesses? processes = null)
    {
        Name = name;
        _storage = storage;
        _time = time;
        _processes = processes ?? MachineProcesses.Instance;
    }

    /// <summary>Name of the pair, or of the server for a call that knows no pair.</summary>
    public string Name { get; }

    /// <summary>Folder or URL.</summary>
    public string Location => _storage.Location;

    /// <summary>What the store says now; nothing is taken or changed.</summary>
    public RunStoreStatus Read() => new(ReadDebts(), FindUnfinished(strict: false)?.State.RunId) { Locks = ReadLockDebts() };

    /// <summary>The last holder of the lease and whether it holds it still; null when nobody ever did.</summary>
    public (LeaseHolder Holder, bool Held)? ReadHolder() => Guarded(() => _storage.ReadHolder(_processes));

    /// <summary>Takes the lease and opens the journal, or resumes the unfinished run that goes to the same region. Errors: HfRunHeld, HfRunMismatch, HfJournalBroken.</summary>
    public RunHandle Start(string to, FailoverMode mode, RunBefore before, bool isImplicit = false) => Guarded(() =>
    {
        var lease = _storage.Take(_time, _processes);
        try
        {
            var (journal, resumed) = FindUnfinished(strict: true) is { } unfinished
                ? (Resume(unfinished, to, mode, lease), true)
                : (Begin(to, mode, before, isImplicit, lease), false);
            lease.Describe(journal.State.RunId);
            return new RunHandle(this, lease, journal, resumed);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    });

    /// <summary>Closes the run, unless something is owed (Pending), and gives the lease back.</summary>
    public DrRun Complete(RunHandle run, StepOutcome outcome) => Guarded(() =>
    {
        run.Journal.Append(outcome is StepOutcome.Pending or StepOutcome.Unknown ? "run-paused" : "run-ended", new { Outcome = outcome, Owed = Owed() });
        var result = run.Run with { Outcome = outcome };
        run.Dispose();
        return result;
    });

    public DrRun Describe(JournalState state, string journalPath, bool resumed = false) => new()
    {
        Id = state.RunId,
        Pair = state.Pair,
        From = state.Before.Active,
        To = state.To,
        Mode = state.Mode,
        Outcome = state.Outcome,
        Resumed = resumed,
        FencingNumber = state.FencingNumber,
        Started = state.Started,
        Finished = state.Finished,
        JournalPath = journalPath,
        Owed = Owed(),
        Before = state.Before,
        Steps = [.. state.Steps],
    };

    /// <summary>A JSON document of the store as it stands; null when it is not there.</summary>
    public T? ReadDocument<T>(string name)
        where T : class
        => Guarded(() => _storage.ReadText(name) is { } text ? JsonSerializer.Deserialize<T>(text, JournalJson.Line) : null);

    /// <summary>Changes a JSON document of the store as one step; see <see cref="IRunStorage.Update"/>.</summary>
    public TResult ChangeDocument<T, TResult>(string name, Func<T?, (T Document, TResult Result)> change)
        where T : class
        => Guarded(() => _storage.Update(name, text =>
        {
            var (document, result) = change(text is null ? null : JsonSerializer.Deserialize<T>(text, JournalJson.Line));
            return (JsonSerializer.Serialize(document, JournalJson.Line) + "\n", result);
        }));

    public IReadOnlyList<FenceDebt> ReadDebts() => Guarded(() =>
        _storage.ReadText(DebtName) is { } text ? JsonSerializer.Deserialize<FenceDebt[]>(text, JournalJson.Line) ?? [] : []);

    /// <summary>Writes a debt down, in place of an older one of the same server.</summary>
    public void AddDebt(FenceDebt debt) => Guarded(() =>
    {
        WriteDebts(ReadDebts().Where(d => !AzureId.Same(d.ServerId, debt.ServerId)).Append(debt));
        return true;
    });

    /// <summary>Marks a server's debt: it refuses writes, and only that it is stopped is owed still.</summary>
    public void NoteFenced(string serverId)
    {
        if (ReadDebts().FirstOrDefault(d => AzureId.Same(d.ServerId, serverId)) is { Fenced: false } debt) AddDebt(debt with { Fenced = true });
    }

    /// <summary>Strikes a server's debt out; false when it had none.</summary>
    public bool PayDebt(string serverId) => Guarded(() =>
    {
        var debts = ReadDebts();
        var left = debts.Where(d => !AzureId.Same(d.ServerId, serverId)).ToArray();
        if (left.Length == debts.Count) return false;
        WriteDebts(left);
        return true;
    });

    /// <summary>Locks that were taken away and are not put back, the oldest first.</summary>
    public IReadOnlyList<LockDebt> ReadLockDebts() => ReadDocument<LockDebt[]>(LockDebtName) ?? [];

    /// <summary>Writes a lock down as owed, in place of an older debt of the same one.</summary>
    public void AddLockDebt(LockDebt debt) =>
        ChangeDocument<LockDebt[], bool>(LockDebtName, debts => ([.. (debts ?? []).Where(d => !AzureId.Same(d.LockId, debt.LockId)), debt], true));

    /// <summary>Strikes a lock out; false when it was not owed.</summary>
    public bool PayLockDebt(string lockId) => ReadLockDebts().Any(d => AzureId.Same(d.LockId, lockId))
        && ChangeDocument<LockDebt[], bool>(LockDebtName, debts => ([.. (debts ?? []).Where(d => !AzureId.Same(d.LockId, lockId))], true));

    /// <summary>All that the pair owes, in words.</summary>
    public string[] Owed() => [.. ReadDebts().Select(d => $"Fence {d.Server}"), .. ReadLockDebts().Select(d => $"Lock {d}")];

    /// <summary>Journals of all runs, newest first. A broken one is left out, or, when <paramref name="strict"/>, is HfJournalBroken.</summary>
    public IEnumerable<(JournalState State, string Path)> ReadRuns(bool strict = false) => Guarded(() =>
    {
        return _storage.ListRuns()
            .Select(id => (Content: _storage.ReadJournal(id), Path: _storage.LocationOf(id)))
            .Where(j => j.Content.Problem is not { } problem || (strict ? throw Journal.Broken(j.Path, problem) : false))
            .Where(j => j.Content.Lines.Count > 0)
            .Select(j => (JournalState.Fold(j.Content.Lines), j.Path))
            .ToArray();
    });

    /// <summary>A run's journal, proven. Errors: HfJournalNotFound, HfJournalBroken.</summary>
    public JournalContent ReadJournal(string runId) => Guarded(() =>
    {
        if (!_storage.ListRuns().Contains(runId))
            throw new DrException("HfJournalNotFound", DrErrorKind.NotFound, "The run's journal is not there.", _storage.LocationOf(runId), "Check the run store of the pair.");
        var content = _storage.ReadJournal(runId);
        return content.Problem is { } problem ? throw Journal.Broken(_storage.LocationOf(runId), problem) : content;
    });

    /// <summary>Path or URL of a file beside a run's journal.</summary>
    public string LocationOf(string runId, string name) => _storage.LocationOf(runId, name);

    /// <summary>Writes a file beside a run's journal.</summary>
    public void WriteBeside(string runId, string name, string text) => _storage.WriteText($"runs/{runId}/{name}", text);

    private (JournalState State, string Path)? FindUnfinished(bool strict)
    {
        foreach (var run in ReadRuns(strict))
        {
            if (run.State.Finished is null) return run;
        }

        return null;
    }

    private Journal Begin(string to, FailoverMode mode, RunBefore before, bool isImplicit, ILease lease)
    {
        var id = $"{_time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}-{lease.FencingNumber:000000}";
        var journal = Journal.Create(_storage.OpenJournal(id, create: true), _time);
        journal.Append("run-started", new
        {
            RunId = id,
            Pair = Name,
            To = AzureLocation.Normalize(to),
            Mode = mode,
            lease.FencingNumber,
            Implicit = isImplicit,
            Host = _processes.OwnHost,
            ProcessId = _processes.OwnId,
            Before = before,
        });
        return journal;
    }

    private Journal Resume((JournalState State, string Path) run, string to, FailoverMode mode, ILease lease)
    {
        if (!AzureLocation.Same(run.State.To, to))
        {
            throw new DrException(
                "HfRunMismatch", DrErrorKind.InvalidState,
                $"Run {run.State.RunId} of '{Name}' goes to {run.State.To}, began {run.State.Started:u} and has not ended.", run.Path,
                $"Finish it (Start-HfRun -To {run.State.To}, or the runbook with -To {run.State.To}), or end it with Start-HfRun -To {run.State.To} and Complete-HfRun -Outcome Failed.");
        }

        var journal = Journal.Open(_storage.OpenJournal(run.State.RunId, create: false), _time);
        journal.Append("run-resumed", new { Mode = mode, lease.FencingNumber, Host = _processes.OwnHost, ProcessId = _processes.OwnId });
        return journal;
    }

    private void WriteDebts(IEnumerable<FenceDebt> debts) => _storage.WriteText(DebtName, JsonSerializer.Serialize(debts.ToArray(), JournalJson.Document) + "\n");

    private T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (JsonException e)
        {
            throw new DrException("HfRunStoreUnusable", DrErrorKind.MalformedData, $"The run store holds a file that cannot be read: {e.Message}", Location, "Keep the file for inquiry, mend it, and run the command again.", e);
        }
    }
}
