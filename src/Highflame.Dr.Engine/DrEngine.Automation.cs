using Highflame.Dr.Alerts;
using Highflame.Dr.Engine.Alerts;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Evidence;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Notifications;
using Highflame.Dr.Engine.Readiness;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Evidence;
using Highflame.Dr.Readiness;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine;

/// <summary>The part of the composition root that belongs to Azure Automation: alerts, scheduled preflights, pair files and evidence as blobs.</summary>
public sealed partial class DrEngine
{
    public Task<AlertReceipt> RegisterAlertAsync(DrConnection connection, AlertRequest request, IDrObserver observer, CancellationToken cancellationToken) =>
        new AlertRegistration(pair => RunStores.For(pair, AzureConnection.From(connection), _time), (pair, token) => PairObservationOf(connection, observer).ActiveAsync(pair, token), _time).RegisterAsync(request, cancellationToken);

    public async Task<IReadOnlyList<ReadinessFinding>> KeepNewRefusalsAsync(DrConnection connection, ReadinessRequest request, IReadOnlyList<ReadinessFinding> findings, IDrObserver observer, CancellationToken cancellationToken)
    {
        var azure = AzureConnection.From(connection);
        var (news, hadSome) = await Task.Run(
            () => RunStores.For(request.Pair, azure, _time).ChangeDocument<KeptRefusals, (ReadinessFinding[] New, bool HadSome)>(KeptRefusals.Document, kept => (kept ?? new()).Keep(request, findings)),
            cancellationToken).ConfigureAwait(false);
        if (KeptRefusals.Notice(request, findings, news, hadSome, _time.GetUtcNow()) is { } notice)
            await new Notifier(azure, _time).SendAsync(request.Pair, notice, observer, cancellationToken).ConfigureAwait(false);
        return news;
    }

    public Task<RegionPair> FetchPairAsync(DrConnection connection, Uri blob, CancellationToken cancellationToken) =>
        new PairBlob(BlobFilesOf(connection)).ReadAsync(blob, cancellationToken);

    public Task<EvidenceCheck> CheckEvidenceAsync(DrConnection connection, Uri blob, CancellationToken cancellationToken) => EvidenceVerification.CheckAsync(BlobFilesOf(connection), blob, cancellationToken);

    private static BlobFiles BlobFilesOf(DrConnection connection) => new(AzureConnection.From(connection).OpenContainer);
}
