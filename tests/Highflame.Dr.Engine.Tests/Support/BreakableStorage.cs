using Highflame.Dr.Engine.Execution;

namespace Highflame.Dr.Engine.Tests.Support;

/// <summary>A run store in a folder whose journal cannot be written while it is broken, as on a full disk.</summary>
internal sealed class BreakableStorage(string folder) : IRunStorage
{
    private readonly FileRunStorage _inner = new(folder);

    public bool Broken { get; set; }

    public string Location => _inner.Location;

    public ILease Take(TimeProvider time, IProcesses processes) => _inner.Take(time, processes);

    public (LeaseHolder Holder, bool Held)? ReadHolder(IProcesses processes) => _inner.ReadHolder(processes);

    public string? ReadText(string name) => _inner.ReadText(name);

    public void WriteText(string name, string text) => _inner.WriteText(name, text);

    public T Update<T>(string name, Func<string?, (string? Text, T Result)> change) => _inner.Update(name, change);

    public IReadOnlyList<string> ListRuns() => _inner.ListRuns();

    public string LocationOf(string runId, string name = "journal.jsonl") => _inner.LocationOf(runId, name);

    public JournalContent ReadJournal(string runId) => _inner.ReadJournal(runId);

    public IJournalFile OpenJournal(string runId, bool create) => new Breakable(this, _inner.OpenJournal(runId, create));

    private sealed class Breakable(BreakableStorage storage, IJournalFile inner) : IJournalFile
    {
        public string Location => inner.Location;

        public byte[] Read() => inner.Read();

        public void Append(ReadOnlySpan<byte> bytes)
        {
            if (storage.Broken) throw new DrException("HfJournalNotWritten", DrErrorKind.OperationFailed, "The journal cannot be written: no space left.", Location, "Make room.");
            inner.Append(bytes);
        }

        public void Dispose() => inner.Dispose();
    }
}
