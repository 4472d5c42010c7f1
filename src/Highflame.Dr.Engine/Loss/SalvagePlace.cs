using System.Text;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Highflame.Dr.Engine.Execution;

namespace Highflame.Dr.Engine.Loss;

/// <summary>Where lost writes are written, line by line. Nobody sees them before they are whole. Errors of every method: HfSalvageNotWritten.</summary>
internal interface ISalvagePlace : IAsyncDisposable
{
    /// <summary>Path or URL.</summary>
    string Location { get; }

    Task WriteLineAsync(string line, CancellationToken cancellationToken);

    /// <summary>Puts what was written in place of an older one. Without it nothing stays.</summary>
    Task CompleteAsync(CancellationToken cancellationToken);
}

/// <summary>A file that only its owner may read: written aside, renamed at the end.</summary>
internal sealed class SalvageOnDisk : ISalvagePlace
{
    private readonly string _aside;
    private readonly StreamWriter _writer;

    public SalvageOnDisk(string path)
    {
        Location = Path.GetFullPath(path);
        _aside = $"{Location}.{Environment.ProcessId}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Location)!);
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            _writer = new StreamWriter(_aside, new UTF8Encoding(false), options) { NewLine = "\n" };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw NotWritten(e);
        }
    }

    public string Location { get; }

    public async Task WriteLineAsync(string line, CancellationToken cancellationToken)
    {
        try
        {
            await _writer.WriteLineAsync(line.AsMemory(), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (DurableFile.IsTrouble(e))
        {
            throw NotWritten(e);
        }
    }

    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _writer.DisposeAsync().ConfigureAwait(false);
            File.Move(_aside, Location, overwrite: true);
        }
        catch (Exception e) when (DurableFile.IsTrouble(e))
        {
            throw NotWritten(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _writer.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            if (File.Exists(_aside)) File.Delete(_aside);
        }
    }

    private DrException NotWritten(Exception e) => new("HfSalvageNotWritten", DrErrorKind.OperationFailed, $"The lost writes cannot be written: {e.Message}", Location, "Give another -Path with room enough.", e);
}

/// <summary>
/// A block blob, for a machine whose disk goes with it. Nothing touches that disk: lines are sent in blocks as they come, and the blob is there when the list of its blocks is committed
/// (https://learn.microsoft.com/rest/api/storageservices/put-block-list); Azure drops blocks that never were.
/// </summary>
internal sealed class SalvageInBlob : ISalvagePlace
{
    private readonly BlockBlobClient _blob;
    private readonly int _blockSize;
    private readonly MemoryStream _block = new();
    private readonly List<string> _ids = [];
    private readonly string _name = Guid.NewGuid().ToString("N");

    public SalvageInBlob(BlockBlobClient blob, int blockSize = 4 << 20)
    {
        _blob = blob;
        _blockSize = blockSize;
        Location = BlobFiles.Shown(blob.Uri);
    }

    public string Location { get; }

    public async Task WriteLineAsync(string line, CancellationToken cancellationToken)
    {
        _block.Write(Encoding.UTF8.GetBytes(line));
        _block.WriteByte((byte)'\n');
        if (_block.Length >= _blockSize) await SendAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        if (_block.Length > 0) await SendAsync(cancellationToken).ConfigureAwait(false);
        await GuardedAsync(() => _blob.CommitBlockListAsync(_ids, new CommitBlockListOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "application/jsonl" } }, cancellationToken)).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _block.DisposeAsync();

    // Ids of one length, and of this writer alone: two that write at once do not mix their blocks.
    private async Task SendAsync(CancellationToken cancellationToken)
    {
        var id = Convert.ToBase64String(Encoding.ASCII.GetBytes($"{_name}-{_ids.Count:D6}"));
        _block.Position = 0;
        await GuardedAsync(() => _blob.StageBlockAsync(id, _block, options: null, cancellationToken)).ConfigureAwait(false);
        _ids.Add(id);
        _block.SetLength(0);
    }

    private async Task GuardedAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception e) when (BlobFiles.IsTrouble(e))
        {
            throw new DrException("HfSalvageNotWritten", BlobFiles.IsRefused(e) ? DrErrorKind.PermissionDenied : DrErrorKind.OperationFailed, $"The lost writes cannot be written: {BlobFiles.Why(e)}", Location,
                "Give the address of a blob in a container that is there, and the signed-in principal the role Storage Blob Data Contributor on it.", e);
        }
    }
}
