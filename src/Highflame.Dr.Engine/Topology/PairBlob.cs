using Azure;
using Azure.Storage.Blobs;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Topology;

/// <summary>Reads a region-pair file that is kept as a blob: what an Automation worker has in place of a file of its own.</summary>
internal sealed class PairBlob
{
    private readonly Func<Uri, BlobContainerClient> _open;

    /// <param name="open">Opens a container with the connection's credential.</param>
    public PairBlob(Func<Uri, BlobContainerClient> open) => _open = open;

    /// <summary>Errors: HfPairFileNotFound, HfPairFileMalformed.</summary>
    public async Task<RegionPair> ReadAsync(Uri blob, CancellationToken cancellationToken)
    {
        var parts = new BlobUriBuilder(blob);
        var name = parts.BlobName;
        parts.BlobName = "";
        string text;
        try
        {
            text = (await _open(parts.ToUri()).GetBlobClient(name).DownloadContentAsync(cancellationToken).ConfigureAwait(false)).Value.Content.ToString();
        }
        catch (Exception failure) when (failure is RequestFailedException or AggregateException or IOException or ArgumentException)
        {
            var refused = failure as RequestFailedException;
            var why = refused is null ? failure.Message.Split('\n')[0].Trim() : $"{refused.ErrorCode} (HTTP {refused.Status})";
            throw new DrException("HfPairFileNotFound", refused?.Status is 401 or 403 ? DrErrorKind.PermissionDenied : DrErrorKind.NotFound, $"The region-pair file cannot be read: {why}", blob.GetLeftPart(UriPartial.Path),
                "Upload the file there, and give the signed-in principal the role Storage Blob Data Reader on the container.", failure);
        }

        var where = blob.GetLeftPart(UriPartial.Path);
        var pair = RegionPairFile.Parse(text, where);
        return RunStores.IsBlob(pair.RunStore) ? pair : throw new DrException("HfPairFileMalformed", DrErrorKind.MalformedData,
            $"{where}: runStore is {(pair.RunStore is null ? "not given" : "a folder")}. A pair file that is kept as a blob is read on machines that keep nothing: the lease and the journal must be in a container too.", where,
            "Set runStore to the URL of a container outside both regions, or at least outside the active one.");
    }
}
