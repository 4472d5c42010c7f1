using Highflame.Dr.Alerts;
using Highflame.Dr.Evidence;
using Highflame.Dr.Readiness;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Fakes;

internal sealed partial class FakeEngine
{
    /// <summary>What a registration answers; null takes what was registered for new.</summary>
    public AlertReceipt? Receipt { get; set; }

    public async Task<AlertReceipt> RegisterAlertAsync(DrConnection connection, AlertRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("RegisterAlert", request, observer, cancellationToken);
        return Receipt ?? Samples.AlertReceipt with { AlertId = request.Alert.AlertId, Condition = request.Alert.Condition, Act = request.Outcome is null && request.Alert.Condition == AlertCondition.Fired, Outcome = request.Outcome };
    }

    public async Task<IReadOnlyList<ReadinessFinding>> KeepNewRefusalsAsync(DrConnection connection, ReadinessRequest request, IReadOnlyList<ReadinessFinding> findings, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("KeepNewRefusals", request, observer, cancellationToken);
        return [.. findings.Where(f => f.Severity == ReadinessSeverity.Refusal)];
    }

    public async Task<RegionPair> FetchPairAsync(DrConnection connection, Uri blob, CancellationToken cancellationToken)
    {
        await Note("FetchPair", blob, null, cancellationToken);
        return Samples.Pair(Path.GetFileNameWithoutExtension(blob.AbsolutePath), blob.ToString());
    }

    public async Task<EvidenceCheck> CheckEvidenceAsync(DrConnection connection, Uri blob, CancellationToken cancellationToken)
    {
        await Note("CheckEvidence", blob, null, cancellationToken);
        return Samples.Check with { Path = blob.ToString(), Intact = !blob.AbsolutePath.Contains("changed", StringComparison.Ordinal) };
    }
}
