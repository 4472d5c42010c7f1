namespace Highflame.Dr.Engine.Execution;

/// <summary>A folder: <c>lease.json</c>, <c>fence-debt.json</c> and <c>runs/{id}/journal.jsonl</c>. Safe between the processes of one machine.</summary>
internal sealed class FileRunStorage : IRunStorage
{
    private const string JournalName = "journal.jsonl";

    public FileRunStorage(string root) => Location = root;

    public string Location { get; }

    private string RunsPath => Path.Combine(Location, "runs");

    public ILease Take(TimeProvider time, IProcesses processes) => Guarded(() =>
    {
        MakeDirectory(Location);
        return FileLease.Take(Location, null, time, processes);
    });

    public (LeaseHolder Holder, bool Held)? ReadHolder(IProcesses processes) => Guarded(() => FileLease.Look(Location, processes));

    public string? ReadText(string name) => Guarded(() => File.Exists(PathOf(name)) ? File.ReadAllText(PathOf(name)) : null);

    public void WriteText(string name, string text) => Guarded(() =>
    {
        MakeDirectory(Location);
        DurableFile.WriteText(PathOf(name), text);
        return true;
    });

    public T Update<T>(string name, Func<string?, (string? Text, T Result)> change) => Guarded(() =>
    {
        MakeDirectory(Location);
        using var turn = TakeTurn(PathOf(name + ".lock"));
        var (text, result) = change(File.Exists(PathOf(name)) ? File.ReadAllText(PathOf(name)) : null);
        if (text is not null) DurableFile.WriteText(PathOf(name), text);
        return result;
    });

    public IReadOnlyList<string> ListRuns() => Guarded<IReadOnlyList<string>>(() => !Directory.Exists(RunsPath)
        ? []
        : [.. Directory.GetDirectories(RunsPath).Where(d => File.Exists(Path.Combine(d, JournalName))).Select(d => Path.GetFileName(d)!).OrderDescending(StringComparer.Ordinal)]);

    public string LocationOf(string runId, string name = JournalName) => Path.Combine(RunsPath, runId, name);

    public JournalContent ReadJournal(string runId) => Guarded(() => JournalReader.Read(LocationOf(runId)));

    public IJournalFile OpenJournal(string runId, bool create) => Guarded(() =>
    {
        var path = LocationOf(runId);
        if (create)
        {
            MakeDirectory(RunsPath);
            MakeDirectory(Path.GetDirectoryName(path)!);
        }

        return new DiskJournalFile(path, create);
    });

    // An exclusive handle, which the system gives back when its process dies. Turns last milliseconds.
    private static FileStream TakeTurn(string path)
    {
        using var pause = new ManualResetEventSlim();
        for (var tries = 0; ; tries++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (tries < 100 && e is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
            {
                pause.Wait(20);
            }
        }
    }

    private string PathOf(string name) => Path.Combine(Location, name);

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
        catch (Exception e) when (DurableFile.IsTrouble(e) || e is NotSupportedException)
        {
            throw new DrException("HfRunStoreUnusable", DrErrorKind.OperationFailed, $"The run store cannot be used: {e.Message}", Location, "Give the pair a runStore folder that can be written and lies outside both regions.", e);
        }
    }
}

/// <summary>A journal on a disk. Each append is flushed through to it before the call returns.</summary>
internal sealed class DiskJournalFile : IJournalFile
{
    private readonly FileStream _file;

    public DiskJournalFile(string path, bool create)
    {
        Location = path;
        var options = new FileStreamOptions { Mode = create ? FileMode.CreateNew : FileMode.Open, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && create) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        _file = new FileStream(path, options);
    }

    public string Location { get; }

    public byte[] Read()
    {
        _file.Seek(0, SeekOrigin.Begin);
        using var memory = new MemoryStream();
        _file.CopyTo(memory);
        return memory.ToArray();
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        var end = _file.Length;
        try
        {
            _file.Seek(end, SeekOrigin.Begin);
            _file.Write(bytes);
            _file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (DurableFile.IsTrouble(e))
        {
            throw new DrException(
                "HfJournalNotWritten", DrErrorKind.OperationFailed, $"The journal cannot be written, so the run stops here; what Azure has accepted already goes on: {e.Message}", Location,
                "Make room on the disk of the run store (or mend it), then run the same command again: it goes on from what is done already.", e);
        }
    }

    public void Dispose() => _file.Dispose();
}
