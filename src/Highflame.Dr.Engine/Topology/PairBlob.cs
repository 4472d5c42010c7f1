using System.Text;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Topology;

/// <summary>Reads a region-pair file that is kept as a blob: what an Automation worker has in place of a file of its own.</summary>
internal sealed class PairBlob
{
    private readonly BlobFiles _blobs;

    public PairBlob(BlobFiles blobs) => _blobs = blobs;

    /// <summary>Errors: HfPairFileNotFound, HfPairFileMalformed.</summary>
    public async Task<RegionPair> ReadAsync(Uri blob, CancellationToken cancellationToken)
    {
        var where = BlobFiles.Shown(blob);
        byte[] bytes;
        try
        {
            bytes = await _blobs.ReadAsync(blob, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (BlobFiles.IsTrouble(failure))
        {
            throw new DrException("HfPairFileNotFound", BlobFiles.IsRefused(failure) ? DrErrorKind.PermissionDenied : DrErrorKind.NotFound, $"The region-pair file cannot be read: {BlobFiles.Why(failure)}", where,
                "Upload the file there, and give the signed-in principal the role Storage Blob Data Reader on the container.", failure);
        }

        // A file that was written with a byte order mark is one all the same.
        var pair = RegionPairFile.Parse(Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF'), where);
        return RunStores.IsBlob(pair.RunStore) ? pair : throw new DrException("HfPairFileMalformed", DrErrorKind.MalformedData,
            $"{where}: runStore is {(pair.RunStore is null ? "not given" : "a folder")}. A pair file that is kept as a blob is read on machines that keep nothing: the lease and the journal must be in a container too.", where,
            "Set runStore to the URL of a container outside both regions, or at least outside the active one.");
    }
}
