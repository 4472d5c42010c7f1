using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Replication;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;
using static Highflame.Dr.Engine.Azure.AzureWord;

namespace Highflame.Dr.Engine.Planning;

/// <summary>From an observation and a request to the steps of a failover, or all reasons not to make it. Pure.</summary>
internal static class FailoverPlanner
{
    public static FailoverPlan Plan(FailoverObservation seen, FailoverRequest request)
    {
        var plan = new FailoverPlan
        {
            Title = $"{request.Mode} failover to {seen.Replica.Name} ({seen.Replica.Location})",
            Request = request,
            Replica = seen.Replica,
            Primary = seen.Primary,
            Replication = ReplicationMeasure.From(seen.Sight),
            ObservedAt = seen.At,
        };
        if (seen.Recorded is { } recorded && Resume(seen, recorded, plan) is { } resumed) return resumed;

        var refusals = FailoverRefusals.Of(seen, request, plan.Replication);
        return plan with
        {
            Refusals = refusals,
            // What is said of a planned failover is how long writes stay fenced: nothing is fenced when it is refused.
            Warnings = request.Mode == FailoverMode.Planned && refusals.Length > 0 ? [] : [.. FailoverWarnings.Of(seen, request, plan.Replication).Select(w => w.ToString())],
            Steps = refusals.Length > 0 ? [] : request.Mode == FailoverMode.Planned ? PlannedSteps(seen, request.Promotion) : ForcedSteps(seen),
        };
    }

    /// <summary>True when the server takes writes now: the database is the last word, Azure's role field counts where the database cannot be asked.</summary>
    internal static bool IsPromoted(FailoverObservation seen) =>
        seen.ReplicaDatabase is { } database ? !database.InRecovery : seen.Replica.Role == DbRole.Primary;

    // The run has asked for this promotion before. Null when it came to nothing, so that planning begins afresh.
    private static FailoverPlan? Resume(FailoverObservation seen, RecordedPromotion recorded, FailoverPlan plan)
    {
        plan = plan with { Primary = seen.Primary ?? recorded.Record.Primary() };
        var left = plan with { Steps = recorded.Record.Mode == FailoverMode.Planned ? [.. Remaining(seen, recorded)] : [] };
        if (IsPromoted(seen)) return left with { Warnings = [$"This run has promoted {seen.Replica.Name} already; it is not promoted again."] };

        var underWay = seen.RecordedOutcome is StepOutcome.Pending or StepOutcome.Succeeded
            || (seen.RecordedOutcome is null or StepOutcome.Unknown && Is(seen.Replica.State, "Updating"));
        return underWay ? left with { Warnings = [$"Azure has accepted the promotion of {seen.Replica.Name} in this run and is carrying it out; it is not asked for again."] } : null;
    }

    private static IEnumerable<PlanStep> Remaining(FailoverObservation seen, RecordedPromotion recorded)
    {
        var record = recorded.Record;
        if (recorded.Proof is null && record.FinalLsn is not null) yield return Prove(seen.Replica);
        if (recorded.Stopped || record.OldPrimaryId is not { } id || Is(seen.Primary?.State, "Stopped")) yield break;
        yield return record.Promotion == DbPromotion.Switchover ? Follow(record.OldPrimary ?? AzureId.NameOf(id), id, seen.Replica) : Stop(record.OldPrimary ?? AzureId.NameOf(id), id);
    }

    private static PlanStep[] PlannedSteps(FailoverObservation seen, DbPromotion promotion)
    {
        var (replica, primary) = (seen.Replica, seen.Primary!);
        var steps = new List<PlanStep>();
        if (seen.ReplicaDatabase is { ReadOnly: true }) steps.Add(ClearReadOnly(replica));
        steps.Add(Fence(primary, "new transactions can no longer write"));
        if (seen.DatabaseAccess) steps.Add(new(StepNames.EndSessions, primary.ResourceId, $"End the client sessions of {primary.Name}: transactions that are still open are rolled back.", StepClass.Reversible));
        steps.Add(new(StepNames.CatchUp, replica.ResourceId, seen.DatabaseAccess
            ? $"Wait until {replica.Name} has replayed the last position of {primary.Name}; the fence is lifted again if it does not."
            : $"Look at Azure's replication state of {replica.Name}; without database access nothing more can be shown.", StepClass.ReadOnly));
        steps.Add(promotion == DbPromotion.Switchover ? SwitchOver(replica, primary) : Promote(replica, "Planned"));
        if (seen.DatabaseAccess) steps.Add(Prove(replica));
        steps.Add(promotion == DbPromotion.Switchover ? Follow(primary.Name, primary.ResourceId, replica) : Stop(primary.Name, primary.ResourceId));
        return [.. steps];
    }

    private static PlanStep[] ForcedSteps(FailoverObservation seen)
    {
        var steps = new List<PlanStep>();
        if (seen.ReplicaDatabase is { ReadOnly: true }) steps.Add(ClearReadOnly(seen.Replica));
        if (FailoverWarnings.PrimaryAnswers(seen)) steps.Add(Fence(seen.Primary!, "beside the promotion, which does not wait for it"));
        steps.Add(Promote(seen.Replica, "Forced"));
        return [.. steps];
    }

    private static PlanStep ClearReadOnly(DbServer replica) =>
        new(StepNames.ClearReadOnly, replica.ResourceId, $"Set default_transaction_read_only to off at {replica.Name}: it inherited a fence and would refuse writes after its promotion.", StepClass.Reversible);

    private static PlanStep Fence(DbServer primary, string effect) =>
        new(StepNames.Fence, primary.ResourceId, $"Set default_transaction_read_only to on at {primary.Name} ({primary.Location}): {effect}.", StepClass.Reversible);

    private static PlanStep Promote(DbServer replica, string option) =>
        new(StepNames.Promote, replica.ResourceId, $"Promote {replica.Name} ({replica.Location}), Standalone, {option}: it detaches from its primary for good and takes writes.", StepClass.Irreversible) { PointOfNoReturn = true };

    private static PlanStep SwitchOver(DbServer replica, DbServer primary) =>
        new(StepNames.Promote, replica.ResourceId, $"Promote {replica.Name} ({replica.Location}), Switchover, Planned: it takes writes, {primary.Name} becomes its replica, and the virtual endpoint's names are exchanged.", StepClass.Irreversible) { PointOfNoReturn = true };

    internal static PlanStep Follow(string name, string id, DbServer promoted) =>
        new(StepNames.Follow, id, $"Wait until {name} is seen to follow {promoted.Name} as its replica, then set default_transaction_read_only to off there: a replica takes no write.", StepClass.Reversible);

    private static PlanStep Prove(DbServer replica) =>
        new(StepNames.Prove, replica.ResourceId, $"Show that {replica.Name} is the same system on a later timeline and holds everything the old primary had.", StepClass.ReadOnly);

    private static PlanStep Stop(string name, string id) =>
        new(StepNames.StopOldPrimary, id, $"Stop {name}: it stays as it is, for comparison and salvage, and takes no connection.", StepClass.Reversible);
}
