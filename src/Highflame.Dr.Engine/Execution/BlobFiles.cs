using System.Net.Http;
using System.Net.Sockets;
using Azure;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Highflame.Dr.Engine.Execution;

/// <summary>Single blobs named by their https URL (pair files, evidence, lost writes), opened with a connection's own sign-in: no account key. Failures come as Azure's; see <see cref="IsTrouble"/>.</summary>
internal sealed class BlobFiles
{
    private readonly Func<Uri, BlobContainerClient> _open;

    /// <param name="open">Opens a container with the connection's credential.</param>
    public BlobFiles(Func<Uri, BlobContainerClient> open) => _open = open;

    /// <summary>True for what the service, the sign-in, or the way to them does to a caller; also for an address that names no blob.</summary>
    public static bool IsTrouble(Exception e) => e is RequestFailedException or AuthenticationFailedException or AggregateException or IOException or SocketException or HttpRequestException or ArgumentException;

    /// <summary>True when the signed-in principal lacks a role, or the account's network is closed to this machine.</summary>
    public static bool IsRefused(Exception e) => Refusal(e)?.Status is 401 or 403 || e is AuthenticationFailedException;

    /// <summary>What went wrong, in one line. Azure's client has no status for a service that it could not reach.</summary>
    public static string Why(Exception e) => Refusal(e) is { Status: > 0 } refused ? $"{refused.ErrorCode} (HTTP {refused.Status})" : e.Message.Split('\n')[0].Trim();

    /// <summary>An address as it may be shown: a query could hold a signature.</summary>
    public static string Shown(Uri blob) => blob.GetLeftPart(UriPartial.Path);

    public async Task<byte[]> ReadAsync(Uri blob, CancellationToken cancellationToken) => (await Open(blob).DownloadContentAsync(cancellationToken).ConfigureAwait(false)).Value.Content.ToArray();

    /// <summary>Writes a blob as a whole, in place of one that is there.</summary>
    public async Task WriteAsync(Uri blob, string text, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text), writable: false);
        await Open(blob).UploadAsync(content, new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" } }, cancellationToken).ConfigureAwait(false);
    }

    public BlockBlobClient Open(Uri blob)
    {
        var parts = new BlobUriBuilder(blob);
        var name = parts.BlobName;
        if (name.Length == 0) throw new ArgumentException($"{Shown(blob)} names a container, not a blob.", nameof(blob));
        parts.BlobName = "";
        return _open(parts.ToUri()).GetBlockBlobClient(name);
    }

    private static RequestFailedException? Refusal(Exception e) => e as RequestFailedException ?? (e as AggregateException)?.InnerExceptions.OfType<RequestFailedException>().LastOrDefault();
}
