using System.Globalization;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Execution;

/// <summary>What the databases show of a handover. Pure.</summary>
internal static class HandoverJudge
{
    public static HandoverProof Judge(PromotionRecord record, DatabaseObservation? promoted, DatabaseObservation? oldPrimary)
    {
        var missing = new List<string>();
        if (!record.Fenced) missing.Add("the old primary was not seen to refuse writes before the promotion");
        if (!Lsn.Reached(record.ReplayedLsn, record.FinalLsn)) missing.Add("the replica was not seen to have replayed the old primary's last position");
        if (promoted is null) missing.Add("the promoted database did not answer");
        else
        {
            if (promoted.InRecovery) missing.Add("the promoted database is in recovery");
            if (promoted.SystemIdentifier is null || promoted.SystemIdentifier != record.SystemIdentifier) missing.Add($"the system identifier reads {promoted.SystemIdentifier ?? "nothing"}, the old primary's {record.SystemIdentifier ?? "nothing"}");
            if (!(promoted.Timeline > record.Timeline)) missing.Add($"the timeline reads {Text(promoted.Timeline)}, not later than {Text(record.Timeline)}");
            if (!Lsn.Reached(promoted.Lsn, record.FinalLsn)) missing.Add($"its position {promoted.Lsn ?? "nothing"} is not at or past {record.FinalLsn ?? "nothing"}");
        }

        if (oldPrimary is null) missing.Add("the old primary could not be asked again");
        else if (record.FencedTransactionId is null || oldPrimary.NextTransactionId is null) missing.Add("the old primary did not tell its next transaction id");
        else if (Spent(record, oldPrimary) is { } spent) missing.Add(spent);
        return new HandoverProof
        {
            ServerId = record.ServerId,
            ZeroLossProven = missing.Count == 0 ? true : null,
            Detail = missing.Count == 0
                ? $"same system {promoted!.SystemIdentifier}, timeline {Text(promoted.Timeline)} after {Text(record.Timeline)}, position {promoted.Lsn} at or past {record.FinalLsn}, no transaction at the old primary since the fence"
                : $"not proven: {string.Join("; ", missing)}",
        };
    }

    /// <summary>Loud words when the old primary consumed transaction ids after the fence; null when it did not.</summary>
    public static string? Spent(PromotionRecord record, DatabaseObservation oldPrimary) =>
        oldPrimary.NextTransactionId is { } now && record.FencedTransactionId is { } then && now != then
            ? $"the old primary's next transaction id is {now}, and was {then} at the fence: something wrote there"
            : null;

    private static string Text(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "nothing";
}

/// <summary>What follows a promotion: make sure that the new primary takes writes, and show that nothing is missing.</summary>
internal sealed class Handover
{
    private static readonly TimeSpan Patience = Pace.Seconds(5);
    private readonly AzureConnection _connection;
    private readonly IInventory _inventory;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public Handover(AzureConnection connection, IInventory inventory, IJournal journal, TimeProvider time, IDrObserver observer)
    {
        _connection = connection;
        _inventory = inventory;
        _journal = journal;
        _time = time;
        _observer = observer;
    }

    /// <summary>Completes the promotion's step, clears a fence that the server inherited, and in a planned failover proves the handover. Null without a record.</summary>
    public async Task<HandoverProof?> ConcludeAsync(JournalState state, string serverId, CancellationToken cancellationToken)
    {
        if (RecordedPromotion.Find(state, serverId) is not { } recorded) return null;
        var record = recorded.Record;
        var now = _time.GetUtcNow();
        if (state.Steps.LastOrDefault(s => s.Name == StepNames.Promote && AzureId.Same(s.Target, serverId)) is { Outcome: StepOutcome.Pending or StepOutcome.Unknown } open)
            _journal.RecordStep(open with { Outcome = StepOutcome.Succeeded, Finished = now, Detail = "Azure's operation has ended, and state, role and database agree" });
        if (recorded.Proof is not null || !_connection.Databases.Available) return recorded.Proof;

        var askingPromoted = LookAsync(record.HostName, cancellationToken);
        var askingOld = record is { Mode: FailoverMode.Planned, OldPrimaryHost: { } host } ? LookAsync(host, cancellationToken) : Task.FromResult<DatabaseObservation?>(null);
        var promoted = await askingPromoted.ConfigureAwait(false);
        var old = await askingOld.ConfigureAwait(false);
        if (promoted is { ReadOnly: true, InRecovery: false }) await ClearReadOnlyAsync(record, cancellationToken).ConfigureAwait(false);
        return record.Mode == FailoverMode.Planned ? Prove(record, promoted, old) : null;
    }

    private HandoverProof Prove(PromotionRecord record, DatabaseObservation? promoted, DatabaseObservation? old)
    {
        var open = _journal.BeginStep(new PlanStep(StepNames.Prove, record.ServerId, $"Show that {record.Server} holds everything the old primary had.", StepClass.ReadOnly));
        var proof = HandoverJudge.Judge(record, promoted, old);
        _journal.RecordFact(HandoverProof.FactName, proof);
        _journal.EndStep(open, proof.ZeroLossProven == true ? StepOutcome.Succeeded : StepOutcome.Unknown, proof.Detail);
        if (old is not null && HandoverJudge.Spent(record, old) is { } spent) _observer.Warning($"WRITES AFTER THE FENCE? {char.ToUpperInvariant(spent[0])}{spent[1..]}. Compare the two databases before the old one is deleted. (Autovacuum can also spend one.)");
        else if (proof.ZeroLossProven != true) _observer.Warning($"Zero loss is {proof.Detail}.");
        return proof;
    }

    // Azure may give the promoted server the parameters its replica had: also a fence that was on when the replica was made.
    private async Task ClearReadOnlyAsync(PromotionRecord record, CancellationToken cancellationToken)
    {
        var open = _journal.BeginStep(new PlanStep(StepNames.ClearReadOnly, record.ServerId, $"Set {ServerCalls.ReadOnlyParameter} to off at {record.Server}.", StepClass.Reversible));
        try
        {
            await new ServerCalls(_connection.Arm, _journal, _time).SetParameterAsync(record.ServerId, ServerCalls.ReadOnlyParameter, "off", cancellationToken).ConfigureAwait(false);
            var cleared = await Pace.UntilAsync(
                async token => await LookAsync(record.HostName, token).ConfigureAwait(false) is { ReadOnly: false },
                Pace.Milliseconds(20), Pace.Seconds(2), Pace.Seconds(90), _time, cancellationToken).ConfigureAwait(false);
            _journal.EndStep(open, cleared ? StepOutcome.Succeeded : StepOutcome.Unknown, cleared ? "it takes writes" : "not seen to take writes yet");
            if (!cleared) _observer.Warning($"{record.Server} is promoted and still refuses writes: {ServerCalls.ReadOnlyParameter} is on there.");
        }
        catch (DrException e)
        {
            _journal.EndStep(open, StepOutcome.Failed, $"{e.ErrorId}: {e.Message}");
            _observer.Warning($"{record.Server} is promoted and refuses writes: set {ServerCalls.ReadOnlyParameter} to off there. {e.Message}");
        }
    }

    private async Task<DatabaseObservation?> LookAsync(string hostName, CancellationToken cancellationToken) =>
        (await Glimpse.OfDatabaseAsync(_connection.Databases, hostName, Patience, _time, cancellationToken).ConfigureAwait(false)).Value;
}
