using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Parity;
using Highflame.Dr.Engine.Tags;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Engine.Traffic;
using Highflame.Dr.Parity;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine;

/// <summary>The part of the composition root that belongs to parity, secrets and tags.</summary>
public sealed partial class DrEngine
{
    public Task<ParityReport> TestParityAsync(DrConnection? connection, ParityRequest request, IDrObserver observer, CancellationToken cancellationToken) =>
        new ParityTest(connection is null ? null : AzureConnection.From(connection), async (pair, token) => await PairObservationOf(connection!, observer).ActiveAsync(pair, token).ConfigureAwait(false) is { } at ? pair.FindRegion(at) : null, _time, observer).RunAsync(request, cancellationToken);

    public async Task<RegionSnapshot> TakeSnapshotAsync(DrConnection connection, RegionPair pair, string location, IDrObserver observer, CancellationToken cancellationToken)
    {
        var region = pair.FindRegion(location) ?? throw new DrException("HfLocationNotInPair", DrErrorKind.InvalidArgument, $"The region pair '{pair.Name}' has no region '{location}'.", location, "Give one of the pair's locations.");
        using var reader = new RegionReader(AzureConnection.From(connection), Catalogue.Shipped, observer);
        var read = await reader.ReadAsync(pair, [region], null, secrets: true, null, cancellationToken).ConfigureAwait(false);
        return SnapshotBuilder.Build(read[0], Catalogue.Shipped);
    }

    public async Task<RegionSnapshotFile> ExportSnapshotAsync(DrConnection connection, RegionPair pair, string location, string path, IDrObserver observer, CancellationToken cancellationToken)
    {
        var snapshot = await TakeSnapshotAsync(connection, pair, location, observer, cancellationToken).ConfigureAwait(false);
        var full = Path.GetFullPath(path);
        SnapshotFile.Write(snapshot, full);
        return new()
        {
            Pair = snapshot.Pair,
            Location = snapshot.Location,
            TakenAt = snapshot.TakenAt,
            Resources = snapshot.Resources.Length,
            Unread = [.. snapshot.Problems.Select(p => $"{p.Type} {p.Name} {p.What}: {p.ErrorId}")],
            Path = full,
        };
    }

    public Task<SecretSyncPlan> PlanSecretSyncAsync(DrConnection connection, SecretSyncRequest request, IDrObserver observer, CancellationToken cancellationToken) =>
        SecretSyncOf(connection, observer).PlanAsync(request, cancellationToken);

    public Task<IReadOnlyList<SecretSync>> ExecuteAsync(DrConnection connection, SecretSyncPlan plan, IDrObserver observer, CancellationToken cancellationToken)
    {
        PlanRefused.ThrowIfAny(plan);
        return SecretSyncOf(connection, observer).ExecuteAsync(plan, cancellationToken);
    }

    public Task<TagPlan> PlanTagsAsync(DrConnection connection, TagRequest request, IDrObserver observer, CancellationToken cancellationToken) =>
        new TagExecution(AzureConnection.From(connection).Arm, _time, observer).PlanAsync(request, cancellationToken);

    public Task<IReadOnlyList<TagChange>> ExecuteAsync(DrConnection connection, TagPlan plan, IDrObserver observer, CancellationToken cancellationToken)
    {
        PlanRefused.ThrowIfAny(plan);
        return new TagExecution(AzureConnection.From(connection).Arm, _time, observer).ExecuteAsync(plan, cancellationToken);
    }

    private SecretSynchronisation SecretSyncOf(DrConnection connection, IDrObserver observer) =>
        new(AzureConnection.From(connection), async (pair, token) => await PairObservationOf(connection, observer).ActiveAsync(pair, token).ConfigureAwait(false) is { } at ? pair.FindRegion(at) : null, observer);
}
