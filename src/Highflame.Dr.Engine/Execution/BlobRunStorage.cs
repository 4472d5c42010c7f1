using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Highflame.Dr.Engine.Execution;

/// <summary>
/// A container of Azure Blob Storage: <c>{prefix}/{pair}/lease.json</c> under a blob lease, <c>fence-debt.json</c>, and each journal an append blob. Any worker that
/// may read and write the container can go on with a dead one's run. The role Storage Blob Data Contributor on the container is enough.
/// </summary>
internal sealed class BlobRunStorage : IRunStorage
{
    private const string JournalName = "journal.jsonl";
    private const string ChangeMark = "change";
    private readonly BlobContainerClient _container;
    private readonly string _prefix;

    /// <param name="store">URL of the container, with an optional path below it.</param>
    /// <param name="pair">Name of the pair, fit for a blob name.</param>
    /// <param name="open">Opens a container with the connection's credential.</param>
    public BlobRunStorage(Uri store, string pair, Func<Uri, BlobContainerClient> open)
    {
        var parts = new BlobUriBuilder(store);
        _prefix = string.Join('/', new[] { parts.BlobName.Trim('/'), pair }.Where(p => p.Length > 0));
        parts.BlobName = "";
        _container = open(parts.ToUri());
        Location = $"{parts.ToUri().ToString().TrimEnd('/')}/{_prefix}";
    }

    public string Location { get; }

    public ILease Take(TimeProvider time, IProcesses processes) => Guarded(() => BlobLease.Take(_container.GetBlockBlobClient(NameOf("lease.json")), time, processes));

    public (LeaseHolder Holder, bool Held)? ReadHolder(IProcesses processes) => Guarded(() => BlobLease.Look(_container.GetBlockBlobClient(NameOf("lease.json"))));

    public string? ReadText(string name) => Guarded(() =>
    {
        try
        {
            return _container.GetBlobClient(NameOf(name)).DownloadContent().Value.Content.ToString();
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    });

    public void WriteText(string name, string text) => Guarded(() => _container.GetBlobClient(NameOf(name)).Upload(BinaryData.FromString(text), overwrite: true).Value.ETag);

    public T Update<T>(string name, Func<string?, (string? Text, T Result)> change) => Guarded(() =>
    {
        var blob = _container.GetBlobClient(NameOf(name));
        (string Change, T Result)? sent = null;
        using var pause = new ManualResetEventSlim();
        for (var tries = 0; ; tries++)
        {
            string? old = null;
            var unchanged = new BlobRequestConditions { IfNoneMatch = ETag.All };
            try
            {
                var found = blob.DownloadContent().Value;
                // The answer to our own write was lost, and the client's second try was refused: it stands.
                if (sent is { } own && found.Details.Metadata.TryGetValue(ChangeMark, out var mark) && mark == own.Change) return own.Result;
                old = found.Content.ToString();
                unchanged = new BlobRequestConditions { IfMatch = found.Details.ETag };
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                // The first one.
            }

            var (text, result) = change(old);
            if (text is null) return result;
            var id = Guid.NewGuid().ToString("N");
            sent = (id, result);
            try
            {
                blob.Upload(BinaryData.FromString(text), new BlobUploadOptions { Conditions = unchanged, Metadata = new Dictionary<string, string> { [ChangeMark] = id } });
                return result;
            }
            catch (RequestFailedException e) when (e.Status is 409 or 412 && tries < 20)
            {
                // Somebody else was first: look at what they wrote. A pause of its own length lets everybody have a turn.
                pause.Wait(RandomNumberGenerator.GetInt32(1, 20 * (1 + Math.Min(tries, 9))));
            }
        }
    });

    public IReadOnlyList<string> ListRuns() => Guarded<IReadOnlyList<string>>(() =>
    [
        .. _container.GetBlobs(new GetBlobsOptions { Prefix = $"{_prefix}/runs/" })
            .Select(b => b.Name[(_prefix.Length + 6)..].Split('/'))
            .Where(p => p is [_, JournalName])
            .Select(p => p[0])
            .OrderDescending(StringComparer.Ordinal),
    ]);

    public string LocationOf(string runId, string name = JournalName) => $"{Location}/runs/{runId}/{name}";

    public JournalContent ReadJournal(string runId) => Guarded(() => JournalReader.Read(_container.GetBlobClient(JournalBlob(runId)).DownloadContent().Value.Content.ToArray()));

    public IJournalFile OpenJournal(string runId, bool create) => Guarded(() =>
    {
        var blob = _container.GetAppendBlobClient(JournalBlob(runId));
        if (create) blob.Create(new AppendBlobCreateOptions { Conditions = new AppendBlobRequestConditions { IfNoneMatch = ETag.All }, HttpHeaders = new BlobHttpHeaders { ContentType = "application/jsonl" } });
        return new BlobJournalFile(blob, LocationOf(runId));
    });

    private string NameOf(string name) => $"{_prefix}/{name}";

    private string JournalBlob(string runId) => NameOf($"runs/{runId}/{JournalName}");

    private T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is RequestFailedException or AuthenticationFailedException or IOException or System.Net.Sockets.SocketException or AggregateException or System.Net.Http.HttpRequestException)
        {
            throw Unusable(Location, e);
        }
    }

    internal static DrException Unusable(string location, Exception e)
    {
        var failed = e as RequestFailedException ?? (e as AggregateException)?.InnerExceptions.OfType<RequestFailedException>().LastOrDefault();
        var next = failed?.Status switch
        {
            403 or 401 => "Give the signed-in principal the role Storage Blob Data Contributor on the container, and open the account's network to this machine.",
            404 => "Create the container in an account outside both regions, or mend the pair's runStore.",
            _ => "Make sure that the storage account answers from here; if it is lost, give the pair another runStore and read the old journals first.",
        };
        return new DrException("HfRunStoreUnusable", DrErrorKind.OperationFailed, $"The run store cannot be used: {BlobFiles.Why(e)}", location, next, e);
    }
}

/// <summary>A journal as an append blob. Each append names the length it goes on from, so a holder whose lease has lapsed cannot write behind the new one's back.</summary>
internal sealed class BlobJournalFile : IJournalFile
{
    private readonly AppendBlobClient _blob;
    private long _length;

    public BlobJournalFile(AppendBlobClient blob, string location)
    {
        _blob = blob;
        Location = location;
        _length = blob.GetProperties().Value.ContentLength;
    }

    public string Location { get; }

    public byte[] Read() => Guarded(() =>
    {
        var bytes = _blob.DownloadContent().Value.Content.ToArray();
        _length = bytes.Length;
        return bytes;
    });

    public void Append(ReadOnlySpan<byte> bytes)
    {
        var text = bytes.ToArray();
        Guarded(() =>
        {
            try
            {
                using var stream = new MemoryStream(text, writable: false);
                _blob.AppendBlock(stream, new AppendBlobAppendBlockOptions { Conditions = new AppendBlobRequestConditions { IfAppendPositionEqual = _length } });
            }
            catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.AppendPositionConditionNotMet.ToString())
            {
                // The answer to our own append was lost, or somebody else has written: what stands there tells which.
                if (!Stands(text)) throw new DrException("HfLeaseLost", DrErrorKind.ResourceBusy, "Somebody else has written to this run's journal.", Location, "Find out who goes on with the run (Get-HfRun).", e);
            }

            _length += text.Length;
            return true;
        });
    }

    public void Dispose()
    {
    }

    private bool Stands(byte[] text)
    {
        var all = _blob.DownloadContent().Value.Content.ToMemory().Span;
        return all.Length == _length + text.Length && all[(int)_length..].SequenceEqual(text);
    }

    private T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is RequestFailedException or AuthenticationFailedException or IOException or System.Net.Sockets.SocketException or AggregateException or System.Net.Http.HttpRequestException)
        {
            var cause = BlobRunStorage.Unusable(Location, e);
            throw new DrException("HfJournalNotWritten", DrErrorKind.OperationFailed, $"The journal cannot be written, so the run stops here; what Azure has accepted already goes on. {cause.Message}", Location,
                $"{cause.NextStep} Then run the same command again: it goes on from what is done already.", e);
        }
    }
}
