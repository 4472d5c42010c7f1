using System.Text.Json;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Execution;

/// <summary>What a pair's store says without holding its lease.</summary>
/// <param name="Debts">Fences still owed.</param>
/// <param name="UnfinishedRun">Id of the run that has begun and not ended; null when there is none.</param>
internal sealed record RunStoreStatus(IReadOnlyList<FenceDebt> Debts, string? UnfinishedRun);

/// <summary>
/// The directory that keeps the lease, the journals and the fence debts of one pair: <c>{store}/{name}/lease.json</c>, <c>fence-debt.json</c> and
/// <c>runs/{id}/journal.jsonl</c>. It must not lie in either region. Errors of every method: HfRunStoreUnusable.
/// </summary>
internal sealed class RunStore
{
    private readonly TimeProvider _time;
    private readonly IProcesses _processes;

    public RunStore(string root, string name, TimeProvider time, IProcesses? processes = null)
    {
        Name = name;
        Root = Path.Combine(root, string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')).TrimStart('.'));
        _time = time;
        _processes = processes ?? MachineProcesses.Instance;
    }

    /// <summary>Name of the pair, or of the server for a call that knows no pair.</summary>
    public string Name { get; }

    public string Root { get; }

    private string DebtPath => Path.Combine(Root, "fence-debt.json");

    private string RunsPath => Path.Combine(Root, "runs");

    /// <summary>The pair's own store, else <c>$HFDR_HOME</c>, else <c>~/.highflame-dr/runs</c>.</summary>
    public static RunStore For(RegionPair pair, TimeProvider time) =>
        new(pair.RunStore is { Length: > 0 } own ? Path.GetFullPath(own, Path.GetDirectoryName(pair.Path) ?? ".") : DefaultRoot(), pair.Name, time);

    /// <summary>The store of a server that was named without a pair.</summary>
    public static RunStore ForServer(string server, TimeProvider time) => new(DefaultRoot(), server, time);

    /// <summary>What the pair's store says now; nothing is taken or changed.</summary>
    public static RunStoreStatus Read(RegionPair pair)
    {
        var store = For(pair, TimeProvider.System);
        return new RunStoreStatus(store.ReadDebts(), store.FindUnfinished(strict: false)?.State.RunId);
    }

    /// <summary>Takes the lease and opens the journal, or resumes the unfinished run that goes to the same region. Errors: HfRunHeld, HfRunMismatch, HfJournalBroken.</summary>
    public RunHandle Start(string to, FailoverMode mode, RunBefore before, bool isImplicit = false) => Guarded(() =>
    {
        MakeDirectory(Root);
        var lease = Lease.Take(Root, null, _time, _processes);
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

    public IReadOnlyList<FenceDebt> ReadDebts() => Guarded(() =>
        File.Exists(DebtPath) ? JsonSerializer.Deserialize<FenceDebt[]>(File.ReadAllText(DebtPath), JournalJson.Line) ?? [] : []);

    /// <summary>Writes a debt down, in place of an older one of the same server.</summary>
    public void AddDebt(FenceDebt debt) => Guarded(() =>
    {
        MakeDirectory(Root);
        DurableFile.Write(DebtPath, ReadDebts().Where(d => !SameId(d.ServerId, debt.ServerId)).Append(debt).ToArray());
        return true;
    });

    /// <summary>Strikes a server's debt out; false when it had none.</summary>
    public bool PayDebt(string serverId) => Guarded(() =>
    {
        var debts = ReadDebts();
        var left = debts.Where(d => !SameId(d.ServerId, serverId)).ToArray();
        if (left.Length == debts.Count) return false;
        DurableFile.Write(DebtPath, left);
        return true;
    });

    /// <summary>Journals of all runs, newest first. A broken one is left out, or, when <paramref name="strict"/>, is HfJournalBroken.</summary>
    public IEnumerable<(JournalState State, string Path)> ReadRuns(bool strict = false) => Guarded(() =>
    {
        if (!Directory.Exists(RunsPath)) return [];
        return Directory.GetDirectories(RunsPath)
            .OrderByDescending(d => d, StringComparer.Ordinal)
            .Select(d => Path.Combine(d, "journal.jsonl"))
            .Where(File.Exists)
            .Select(p => (Content: JournalReader.Read(p), Path: p))
            .Where(j => j.Content.Problem is not { } problem || (strict ? throw Journal.Broken(j.Path, problem) : false))
            .Where(j => j.Content.Lines.Count > 0)
            .Select(j => (JournalState.Fold(j.Content.Lines), j.Path))
            .ToArray();
    });

    private (JournalState State, string Path)? FindUnfinished(bool strict)
    {
        foreach (var run in ReadRuns(strict))
        {
            if (run.State.Finished is null) return run;
        }

        return null;
    }

    private Journal Begin(string to, FailoverMode mode, RunBefore before, bool isImplicit, Lease lease)
    {
        var id = $"{_time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}-{lease.FencingNumber:000000}";
        var path = Path.Combine(RunsPath, id, "journal.jsonl");
        MakeDirectory(RunsPath);
        MakeDirectory(Path.GetDirectoryName(path)!);
        var journal = Journal.Create(path, _time);
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

    private Journal Resume((JournalState State, string Path) run, string to, FailoverMode mode, Lease lease)
    {
        if (!AzureLocation.Same(run.State.To, to))
        {
            throw new DrException(
                "HfRunMismatch", DrErrorKind.InvalidState,
                $"Run {run.State.RunId} of '{Name}' goes to {run.State.To}, began {run.State.Started:u} and has not ended.", run.Path,
                $"Finish it (Start-HfRun -To {run.State.To}, or the runbook with -To {run.State.To}), or end it with Start-HfRun -To {run.State.To} and Complete-HfRun -Outcome Failed.");
        }

        var journal = Journal.Open(run.Path, _time);
        journal.Append("run-resumed", new { Mode = mode, lease.FencingNumber, Host = _processes.OwnHost, ProcessId = _processes.OwnId });
        return journal;
    }

    private string[] Owed() => [.. ReadDebts().Select(d => $"Fence {d.Server}")];

    private static bool SameId(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static string DefaultRoot() =>
        Environment.GetEnvironmentVariable("HFDR_HOME") is { Length: > 0 } home
            ? home
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".highflame-dr", "runs");

    private static void MakeDirectory(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or NotSupportedException)
        {
            throw new DrException("HfRunStoreUnusable", DrErrorKind.OperationFailed, $"The run store cannot be used: {e.Message}", Root, "Give the pair a runStore directory that can be written and lies outside both regions.", e);
        }
    }
}
