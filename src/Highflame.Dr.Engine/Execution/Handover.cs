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
    /// <param name="record">What was seen before the promotion, the handover token included.</param>
    /// <param name="promoted">The promoted database; null when it did not answer.</param>
    /// <param name="heartbeat">What the promoted database says of the token's heartbeat; null when it could not be asked.</param>
    /// <param name="oldPrimary">The old primary once more; null when it did not answer.</param>
    public static HandoverProof Judge(PromotionRecord record, DatabaseObservation? promoted, string? heartbeat, DatabaseObservation? oldPrimary)
    {
        var missing = new List<string>();
        var wrong = new List<string>();
        if (!record.Fenced) missing.Add("the old primary was not seen to refuse writes before the promotion");
        if (!Lsn.Reached(record.ReplayedLsn, record.FinalLsn)) missing.Add("the replica was not seen to have replayed the old primary's last position");
        if (promoted is null) missing.Add("the promoted database did not answer");
        else Compare(record, promoted, heartbeat, missing, wrong);

        if (record.Promotion == DbPromotion.Switchover)
        {
            // It has become the replica: what it wrote is what the promoted server writes. Azure's planned switchover applies all that came after the last look at it.
            if (oldPrimary is not { InRecovery: true }) missing.Add("the old primary is not seen to follow");
            else if (oldPrimary.SystemIdentifier != record.SystemIdentifier) missing.Add("what follows is another system than the old primary was");
        }
        else if (oldPrimary is null) missing.Add("the old primary could not be asked again");
        else if (record.FencedTransactionId is null || oldPrimary.NextTransactionId is null) missing.Add("the old primary did not tell its next transaction id");
        else if (Spent(record, oldPrimary) is { } spent) missing.Add(spent);
        return new HandoverProof
        {
            ServerId = record.ServerId,
            ZeroLossProven = wrong.Count > 0 ? false : missing.Count == 0 ? true : null,
            Detail = wrong.Count > 0 ? $"FAILED: {string.Join("; ", wrong.Concat(missing))}"
                : missing.Count > 0 ? $"not proven: {string.Join("; ", missing)}"
                : $"same system {promoted!.SystemIdentifier}, timeline {Text(promoted.Timeline)} after {Text(record.Timeline)}, position {promoted.Lsn} at or past {record.FinalLsn}, heartbeat {record.HeartbeatId} is there, {(record.Promotion == DbPromotion.Switchover ? "the old primary follows it as its replica" : "no transaction at the old primary since the fence")}",
        };
    }

    /// <summary>Loud words when the old primary consumed transaction ids after the fence; null when it did not.</summary>
    public static string? Spent(PromotionRecord record, DatabaseObservation oldPrimary) =>
        record.Promotion == DbPromotion.Standalone && oldPrimary.NextTransactionId is { } now && record.FencedTransactionId is { } then && now != then
            ? $"the old primary's next transaction id is {now}, and was {then} at the fence: something wrote there"
            : null;

    // What was not told is missing; what was told and contradicts the token is wrong.
    private static void Compare(PromotionRecord record, DatabaseObservation promoted, string? heartbeat, List<string> missing, List<string> wrong)
    {
        if (promoted.InRecovery) missing.Add("the promoted database is in recovery");
        if (promoted.SystemIdentifier is null || promoted.SystemIdentifier != record.SystemIdentifier)
            (promoted.SystemIdentifier is null || record.SystemIdentifier is null ? missing : wrong).Add($"the system identifier reads {promoted.SystemIdentifier ?? "nothing"}, the old primary's {record.SystemIdentifier ?? "nothing"}");
        if (!(promoted.Timeline > record.Timeline))
            (promoted.Timeline is null || record.Timeline is null || promoted.InRecovery ? missing : wrong).Add($"the timeline reads {Text(promoted.Timeline)}, not later than {Text(record.Timeline)}");
        if (!Lsn.Reached(promoted.Lsn, record.FinalLsn))
            (promoted.Lsn is null || record.FinalLsn is null ? missing : wrong).Add($"its position {promoted.Lsn ?? "nothing"} is not at or past {record.FinalLsn ?? "nothing"}");
        if (record.HeartbeatId is null) missing.Add("the old primary wrote no heartbeat");
        else if (heartbeat != "committed")
            (heartbeat is null or "in progress" ? missing : wrong).Add($"the last heartbeat of the old primary, transaction {record.HeartbeatId}, reads {heartbeat ?? "nothing"}");
    }

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
        if (recorded.Proof is not null) return recorded.Proof;
        if (!_connection.Databases.Asks(record.HostName)) return record.Mode == FailoverMode.Planned ? Keep(record, ByAzureAlone(record)) : null;

        var askingPromoted = LookAsync(record.HostName, record.HeartbeatId, cancellationToken);
        var askingOld = record is { Mode: FailoverMode.Planned, OldPrimaryHost: { } host } ? LookAsync(host, null, cancellationToken) : Task.FromResult<Sight?>(null);
        var (promoted, heartbeat) = await askingPromoted.ConfigureAwait(false) ?? new Sight(null, null);
        var old = (await askingOld.ConfigureAwait(false))?.Database;
        if (record is { Promotion: DbPromotion.Switchover, OldPrimaryHost: { } swapped } && old is not { InRecovery: true })
        {
            await Pace.UntilAsync(
                async token => (old = (await LookAsync(swapped, null, token).ConfigureAwait(false))?.Database) is { InRecovery: true },
                Pace.Milliseconds(100), Pace.Seconds(2), Pace.Seconds(60), _time, cancellationToken).ConfigureAwait(false);
        }

        if (promoted is { ReadOnly: true, InRecovery: false }) await ClearReadOnlyAsync(record, cancellationToken).ConfigureAwait(false);
        return record.Mode == FailoverMode.Planned ? Prove(record, promoted, heartbeat, old) : null;
    }

    private HandoverProof Prove(PromotionRecord record, DatabaseObservation? promoted, string? heartbeat, DatabaseObservation? old)
    {
        var proof = Keep(record, HandoverJudge.Judge(record, promoted, heartbeat, old));
        if (proof.ZeroLossProven == false)
            _observer.Error(new DrException(
                "HfHandoverProofFailed", DrErrorKind.OperationFailed, $"THE PROOF OF ZERO LOSS FAILED for {record.Server}. {proof.Detail[8..]}.", record.ServerId,
                $"Acknowledged writes may be missing. Keep {record.OldPrimary} as it is, compare the two databases by their own keys, and do not delete either."));
        else if (old is not null && HandoverJudge.Spent(record, old) is { } spent) _observer.Warning($"WRITES AFTER THE FENCE? {char.ToUpperInvariant(spent[0])}{spent[1..]}. Compare the two databases before the old one is deleted. (Autovacuum can also spend one.)");
        else if (proof.ZeroLossProven != true) _observer.Warning($"Zero loss is {proof.Detail}.");
        return proof;
    }

    private static HandoverProof ByAzureAlone(PromotionRecord record) => new()
    {
        ServerId = record.ServerId,
        Detail = string.Create(CultureInfo.InvariantCulture, $"not proven: the databases were not asked (no database credential); Azure's lag metric read {(record.LagSeconds is { } lag ? $"{lag:0.#} s" : "nothing")} before the promotion"),
    };

    private HandoverProof Keep(PromotionRecord record, HandoverProof proof)
    {
        var open = _journal.BeginStep(new PlanStep(StepNames.Prove, record.ServerId, $"Show that {record.Server} holds everything the old primary had.", StepClass.ReadOnly));
        _journal.RecordFact(HandoverProof.FactName, proof);
        _journal.EndStep(open, proof.ZeroLossProven switch { true => StepOutcome.Succeeded, false => StepOutcome.Failed, _ => StepOutcome.Unknown }, proof.Detail);
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
                async token => await LookAsync(record.HostName, null, token).ConfigureAwait(false) is { Database.ReadOnly: false },
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

    private async Task<Sight?> LookAsync(string hostName, string? heartbeatId, CancellationToken cancellationToken) => (await Glimpse.OfAsync<Sight>(
        async token =>
        {
            var database = await _connection.Databases.OpenAsync(hostName, Patience, token).ConfigureAwait(false);
            await using (database.ConfigureAwait(false))
            {
                var seen = await database.ObserveAsync(token).ConfigureAwait(false);
                return new Sight(seen, heartbeatId is null ? null : await database.GetTransactionStatusAsync(heartbeatId, token).ConfigureAwait(false));
            }
        },
        Patience, _time, cancellationToken).ConfigureAwait(false)).Value;

    private sealed record Sight(DatabaseObservation? Database, string? Heartbeat);
}
