using System.Text.Json;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Highflame.Dr.Engine.Execution;

/// <summary>
/// The lease of a pair as a lease on a blob: sixty seconds, Azure's longest that ends by itself
/// (https://learn.microsoft.com/rest/api/storageservices/lease-blob), renewed every fifteen. A holder that dies is followed when its lease has lapsed, never before.
/// </summary>
internal sealed class BlobLease : ILease
{
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(15);

    private readonly BlockBlobClient _blob;
    private readonly BlobLeaseClient _lease;
    private readonly ITimer _renewal;
    private readonly object _gate = new();
    private LeaseHolder _holder;
    private bool _disposed;

    private BlobLease(BlockBlobClient blob, BlobLeaseClient lease, LeaseHolder holder, TimeProvider time)
    {
        _blob = blob;
        _lease = lease;
        _holder = holder;
        _renewal = time.CreateTimer(_ => Renew(), null, RenewEvery, RenewEvery);
    }

    public long FencingNumber => _holder.FencingNumber;

    /// <summary>Errors: HfRunHeld.</summary>
    public static BlobLease Take(BlockBlobClient blob, TimeProvider time, IProcesses processes)
    {
        CreateIfMissing(blob);
        var lease = blob.GetBlobLeaseClient();
        try
        {
            lease.Acquire(Duration);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.LeaseAlreadyPresent.ToString())
        {
            throw LeaseTrouble.Held(blob.Uri.ToString(), Read(blob), time, $"Wait until that run has ended. If its process is dead, its lease lapses by itself within {Duration.TotalSeconds:0} s; then start again.");
        }

        try
        {
            var holder = new LeaseHolder
            {
                FencingNumber = (Read(blob)?.FencingNumber ?? 0) + 1,
                ProcessId = processes.OwnId,
                Host = processes.OwnHost,
                ProcessStarted = processes.OwnStart,
                Since = time.GetUtcNow(),
                User = Environment.UserName,
            };
            Write(blob, lease, holder);
            return new BlobLease(blob, lease, holder, time);
        }
        catch
        {
            TryRelease(lease);
            throw;
        }
    }

    /// <summary>The last holder and whether it holds it still; null when there was none.</summary>
    public static (LeaseHolder Holder, bool Held)? Look(BlockBlobClient blob)
    {
        try
        {
            return Read(blob) is { } holder ? (holder, blob.GetProperties().Value.LeaseState == LeaseState.Leased) : null;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    public void Describe(string runId)
    {
        lock (_gate) Write(_blob, _lease, _holder = _holder with { RunId = runId });
    }

    public void Verify()
    {
        LeaseHolder? now = null;
        try
        {
            lock (_gate)
            {
                // A renewal is refused when the lease was taken by somebody else; one that only lapsed is ours again by it.
                if (!_disposed) _lease.Renew();
                now = Read(_blob);
                if (!_disposed && now is { Released: false } && now.FencingNumber == FencingNumber) return;
            }
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            now = Read(_blob);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException or IOException)
        {
            throw BlobRunStorage.Unusable(_blob.Uri.ToString(), e);
        }

        throw LeaseTrouble.Lost(_blob.Uri.ToString(), FencingNumber, now);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            _renewal.Dispose();
            try
            {
                Write(_blob, _lease, _holder with { Released = true });
            }
            catch (Exception e) when (e is RequestFailedException or AggregateException or IOException)
            {
                // Taken over or out of reach: then there is nothing to give back, and it lapses by itself.
            }

            TryRelease(_lease);
        }
    }

    private void Renew()
    {
        try
        {
            lock (_gate)
            {
                if (!_disposed) _lease.Renew();
            }
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException or IOException)
        {
            // The next renewal tries again. Whether it still holds is asked before every irreversible call, by Verify.
        }
    }

    private static void CreateIfMissing(BlockBlobClient blob)
    {
        try
        {
            using var empty = new MemoryStream("{}"u8.ToArray());
            blob.Upload(empty, new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } });
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobAlreadyExists.ToString() || e.ErrorCode == BlobErrorCode.LeaseIdMissing.ToString() || e.Status == 412)
        {
            // There from an earlier run.
        }
    }

    private static LeaseHolder? Read(BlockBlobClient blob)
    {
        var text = blob.DownloadContent().Value.Content.ToString();
        try
        {
            return text.Trim() == "{}" ? null : JsonSerializer.Deserialize<LeaseHolder>(text, JournalJson.Line);
        }
        catch (JsonException e)
        {
            throw new DrException("HfRunStoreUnusable", DrErrorKind.MalformedData, $"The lease blob cannot be read: {e.Message}", blob.Uri.ToString(), "Make sure that no run goes on, then delete the blob.", e);
        }
    }

    private static void Write(BlockBlobClient blob, BlobLeaseClient lease, LeaseHolder holder)
    {
        using var stream = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(holder, JournalJson.Document));
        blob.Upload(stream, new BlobUploadOptions { Conditions = new BlobRequestConditions { LeaseId = lease.LeaseId }, HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" } });
    }

    private static void TryRelease(BlobLeaseClient lease)
    {
        try
        {
            lease.Release();
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException or IOException)
        {
            // It lapses by itself.
        }
    }
}
