using System.Text.Json;
using Highflame.Dr.Engine.Execution;

namespace Highflame.Dr.Engine.Evidence;

/// <summary>Evidence and reports, on disk or as a blob: indented JSON, written as a whole.</summary>
internal static class EvidenceFile
{
    /// <summary>Errors: HfEvidenceNotWritten.</summary>
    public static void Write<T>(string path, T content) => WriteText(path, JsonSerializer.Serialize(content, JournalJson.Document) + "\n");

    /// <summary>Errors: HfEvidenceNotWritten.</summary>
    public static void WriteText(string path, string text)
    {
        try
        {
            DurableFile.WriteText(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new DrException("HfEvidenceNotWritten", DrErrorKind.OperationFailed, $"The file cannot be written: {e.Message}", path, "Give another -Path.", e);
        }
    }

    /// <summary>Errors: HfEvidenceNotWritten.</summary>
    public static async Task WriteTextAsync(BlobFiles blobs, Uri blob, string text, CancellationToken cancellationToken)
    {
        try
        {
            await blobs.WriteAsync(blob, text, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (BlobFiles.IsTrouble(e))
        {
            throw new DrException("HfEvidenceNotWritten", BlobFiles.IsRefused(e) ? DrErrorKind.PermissionDenied : DrErrorKind.OperationFailed, $"The blob cannot be written: {BlobFiles.Why(e)}", BlobFiles.Shown(blob),
                "Give the address of a blob in a container that is there, and the signed-in principal the role Storage Blob Data Contributor on it.", e);
        }
    }
}
