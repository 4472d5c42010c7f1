using Highflame.Dr.Alerts;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Alerts;

/// <summary>Registers alerts in the pair's run store: who acts, and towards which region.</summary>
internal sealed class AlertRegistration
{
    private readonly Func<RegionPair, RunStore> _stores;
    private readonly Func<RegionPair, CancellationToken, Task<string?>> _active;
    private readonly TimeProvider _time;

    /// <param name="stores">Opens a pair's run store.</param>
    /// <param name="active">Location that traffic goes to now; null when that cannot be told.</param>
    /// <param name="time">Clock.</param>
    public AlertRegistration(Func<RegionPair, RunStore> stores, Func<RegionPair, CancellationToken, Task<string?>> active, TimeProvider time)
    {
        _stores = stores;
        _active = active;
        _time = time;
    }

    public async Task<AlertReceipt> RegisterAsync(AlertRequest request, CancellationToken cancellationToken)
    {
        var (pair, alert) = (request.Pair, request.Alert);
        if (request.Outcome is { } outcome)
            return await ChangeAsync(pair, ledger => ledger.End(pair.Name, alert, request.To, outcome, _time.GetUtcNow()), cancellationToken).ConfigureAwait(false);
        if (alert.Condition != AlertCondition.Fired)
            return AlertLedger.Receipt(pair.Name, alert, null, false, alert.Condition == AlertCondition.Resolved ? "It says that its condition is resolved: nothing is to be done." : "It does not say that it fired: nothing is done.");

        var known = await Task.Run(() => _stores(pair).ReadDocument<AlertLedger>(AlertLedger.Document)?.Find(alert.AlertId), cancellationToken).ConfigureAwait(false);
        var (to, whyNot) = known is { To: { } decided } ? (decided, null) : await DecideAsync(request, cancellationToken).ConfigureAwait(false);
        return await ChangeAsync(pair, ledger => ledger.Register(pair.Name, alert, to, whyNot, _time.GetUtcNow()), cancellationToken).ConfigureAwait(false);
    }

    private async Task<(string To, string? WhyNot)> DecideAsync(AlertRequest request, CancellationToken cancellationToken)
    {
        var pair = request.Pair;
        var active = await _active(pair, cancellationToken).ConfigureAwait(false);
        var at = active is null ? null : pair.FindRegion(active);
        if (request.To is { } asked)
        {
            var target = pair.FindRegion(asked) ?? throw new DrException("HfLocationNotInPair", DrErrorKind.InvalidArgument, $"The region pair '{pair.Name}' has no region '{asked}'.", asked, "Give one of the pair's locations.");
            return (target.Location, at == target ? $"Traffic goes to {target.Location} already." : null);
        }

        if (at is null)
            throw new DrException("HfActiveUnknown", DrErrorKind.InvalidState, $"It cannot be told which region of '{pair.Name}' traffic goes to now, so neither which one is to take over.", pair.Name, "Look at Get-HfRegionPair, then give the region with -To.");
        var passive = pair.OtherThan(at);
        var about = request.Alert.TargetIds.Select(id => RegionOf(pair, id)).OfType<PairRegion>().Distinct().ToArray();
        return (passive.Location, about is [var only] && only == passive ? $"It is about {passive.Location}, and traffic goes to {at.Location}." : null);
    }

    /// <summary>The region whose resource group a resource is in; null for what belongs to neither, as a Traffic Manager profile does wherever it is kept.</summary>
    private static PairRegion? RegionOf(RegionPair pair, string id) =>
        id.Contains("/providers/Microsoft.Network/trafficManagerProfiles/", StringComparison.OrdinalIgnoreCase)
            ? null
            : Array.Find(pair.Regions, r => (id + "/").StartsWith($"/subscriptions/{pair.SubscriptionId}/resourceGroups/{r.ResourceGroup}/", StringComparison.OrdinalIgnoreCase));

    private Task<AlertReceipt> ChangeAsync(RegionPair pair, Func<AlertLedger, (AlertLedger Ledger, AlertReceipt Receipt)> change, CancellationToken cancellationToken) =>
        Task.Run(() => _stores(pair).ChangeDocument<AlertLedger, AlertReceipt>(AlertLedger.Document, ledger => change(ledger ?? new())), cancellationToken);
}
