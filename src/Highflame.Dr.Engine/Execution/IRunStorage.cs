namespace Highflame.Dr.Engine.Execution;

/// <summary>
/// Where the lease, the journals and the fence debts of one pair are kept: a folder (<see cref="FileRunStorage"/>) or a container of Azure Blob Storage
/// (<see cref="BlobRunStorage"/>). It must not lie in the region that is being left. Errors of every method: HfRunStoreUnusable.
/// </summary>
internal interface IRunStorage
{
    /// <summary>Folder or URL, for people.</summary>
    string Location { get; }

    /// <summary>Takes the lease. Errors: HfRunHeld.</summary>
    ILease Take(TimeProvider time, IProcesses processes);

    /// <summary>The last holder of the lease and whether it holds it still; null when nobody ever did.</summary>
    (LeaseHolder Holder, bool Held)? ReadHolder(IProcesses processes);

    /// <summary>A small document by name; null when it is not there.</summary>
    string? ReadText(string name);

    /// <summary>Replaces a document as a whole: a reader sees the old content or the new, never half.</summary>
    void WriteText(string name, string text);

    /// <summary>
    /// Reads a document (null when it is not there), and replaces it by what the change makes of it, as one step: nobody else's change comes between. The change may be asked again with
    /// newer content; null leaves the document as it is. Returns what the change gave last.
    /// </summary>
    T Update<T>(string name, Func<string?, (string? Text, T Result)> change);

    /// <summary>Ids of the runs that have a journal, newest first.</summary>
    IReadOnlyList<string> ListRuns();

    /// <summary>Path or URL of a run's journal, or of another file beside it.</summary>
    string LocationOf(string runId, string name = "journal.jsonl");

    JournalContent ReadJournal(string runId);

    /// <summary>Creates a run's journal, or opens the one that is there to go on with it.</summary>
    IJournalFile OpenJournal(string runId, bool create);
}

/// <summary>The bytes of one journal. They only grow.</summary>
internal interface IJournalFile : IDisposable
{
    /// <summary>Path or URL.</summary>
    string Location { get; }

    byte[] Read();

    /// <summary>Returns when the bytes are safe. Errors: HfJournalNotWritten; HfLeaseLost when somebody else has written to it since.</summary>
    void Append(ReadOnlySpan<byte> bytes);
}
