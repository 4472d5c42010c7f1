using Highflame.Dr.Parity;
using Highflame.Dr.Topology;

namespace Highflame.Dr;

/// <summary>The part of the port that compares the two regions, and what follows from it: secrets and tags.</summary>
public partial interface IDrEngine
{
    /// <summary>
    /// Compares two regions, or a region with a saved snapshot. The connection may be null when both sides are files. Errors: HfSnapshotNotFound, HfSnapshotMalformed, HfLocationNotInPair, HfSameSide.
    /// What cannot be read is a drift of kind Unread.
    /// </summary>
    Task<ParityReport> TestParityAsync(DrConnection? connection, ParityRequest request, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>Reads one region. It holds no secret values.</summary>
    Task<RegionSnapshot> TakeSnapshotAsync(DrConnection connection, RegionPair pair, string location, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>Reads one region and writes it. Errors: HfSnapshotNotWritten.</summary>
    Task<RegionSnapshotFile> ExportSnapshotAsync(DrConnection connection, RegionPair pair, string location, string path, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>Finds secrets that one region has and the other lacks or has empty. Values are looked at and not kept.</summary>
    Task<SecretSyncPlan> PlanSecretSyncAsync(DrConnection connection, SecretSyncRequest request, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>Copies secrets, each looked at again first. Errors of one are its outcome; the others go on.</summary>
    Task<IReadOnlyList<SecretSync>> ExecuteAsync(DrConnection connection, SecretSyncPlan plan, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>Compares the tags of every resource of both regions with those that are asked for.</summary>
    Task<TagPlan> PlanTagsAsync(DrConnection connection, TagRequest request, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>Merges tags by the tags API. Errors of one are its outcome; the others go on.</summary>
    Task<IReadOnlyList<TagChange>> ExecuteAsync(DrConnection connection, TagPlan plan, IDrObserver observer, CancellationToken cancellationToken);
}
