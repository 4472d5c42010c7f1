using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Operations;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Execution;

/// <summary>What the parts of a failover share: one connection, one run.</summary>
internal sealed record FailoverTools(AzureConnection Connection, IInventory Inventory, OperationWatch Watch, RunHandle Run, TimeProvider Time, IDrObserver Observer)
{
    public IJournal Journal => Run.Journal;

    public ServerCalls Calls { get; } = new(Connection.Arm, Run.Journal, Time);

    public WriteFence Fence => new(Calls, Inventory, Journal, Time, Observer);

    public Promotion Promotion => new(Calls, Inventory, Connection.Databases, Watch, Journal, Time, Observer);

    public Handover Handover => new(Connection, Inventory, Journal, Time, Observer);

    public OldPrimary OldPrimary => new(Calls, Inventory, Watch, Journal, Time);
}

/// <summary>Carries a failover's plan out and never re-plans: observe, write the intent, act, observe, write the outcome.</summary>
internal sealed class FailoverExecution
{
    // A plan for something irreversible rests on what was seen no longer ago than this (design/safety.md rule 5); the caller's prompt has the first 30 s of it.
    private static readonly TimeSpan FreshFor = Pace.Seconds(35);
    private readonly FailoverTools _tools;

    public FailoverExecution(FailoverTools tools) => _tools = tools;

    public async Task<DbFailover> ExecuteAsync(FailoverPlan plan, bool noWait, CancellationToken cancellationToken)
    {
        if (!plan.Steps.Any(s => s.Name == StepNames.Promote)) return await ResumeAsync(plan, noWait, cancellationToken).ConfigureAwait(false);
        // Of the future: the clock was set back since, and its age is not known.
        if ((_tools.Time.GetUtcNow() - plan.ObservedAt).Duration() > FreshFor)
            throw new DrException("HfPlanOutdated", DrErrorKind.InvalidState, $"The plan was made at {plan.ObservedAt:u}, more than {FreshFor.TotalSeconds:0} s ago. Nothing was changed.", plan.Replica!.ResourceId, "Run the same command again.");
        return await (plan.Request.Mode == FailoverMode.Planned
            ? new PlannedFailover(_tools, plan).ExecuteAsync(noWait, cancellationToken)
            : new ForcedFailover(_tools, plan).ExecuteAsync(noWait, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>The result as the run's journal tells it.</summary>
    internal static DbFailover Describe(FailoverPlan plan, JournalState state, StepOutcome outcome, DrOperation? operation)
    {
        var replica = plan.Replica!;
        var recorded = RecordedPromotion.Find(state, replica.ResourceId);
        var record = recorded?.Record;
        return new DbFailover
        {
            Name = replica.Name,
            ResourceId = replica.ResourceId,
            Location = replica.Location,
            Mode = record?.Mode ?? plan.Request.Mode,
            Promotion = record?.Promotion ?? plan.Request.Promotion,
            Outcome = outcome,
            OldPrimary = record?.OldPrimary ?? plan.Primary?.Name,
            OldPrimaryResourceId = record?.OldPrimaryId ?? plan.Primary?.ResourceId,
            Fenced = record?.Fenced ?? false,
            FinalLsn = record?.FinalLsn,
            ReplayedLsn = record?.ReplayedLsn,
            ZeroLossProven = recorded?.Proof?.ZeroLossProven,
            Token = record?.Token,
            LagBytesBefore = record?.LagBytes,
            LagSecondsBefore = record?.LagSeconds,
            Operation = operation,
            Steps = [.. state.Steps],
        };
    }

    /// <summary>Writes down what is owed before the promotion is asked for, so that it is known whatever happens then.</summary>
    internal static void OweFence(FailoverTools tools, PromotionRecord record)
    {
        if (DebtOf(tools, record) is { } debt) tools.Run.Store.AddDebt(debt);
    }

    /// <summary>The fence that a promotion owes; null when there is no old primary.</summary>
    internal static FenceDebt? DebtOf(FailoverTools tools, PromotionRecord record) => record.OldPrimaryId is null ? null : new FenceDebt
    {
        Server = record.OldPrimary ?? AzureId.NameOf(record.OldPrimaryId),
        ServerId = record.OldPrimaryId,
        Location = record.OldPrimaryLocation,
        PromotedId = record.ServerId,
        RunId = tools.Run.Journal.State.RunId,
        Mode = record.Mode,
        Fenced = record.Fenced,
        Switchover = record.Promotion == DbPromotion.Switchover,
        Since = tools.Time.GetUtcNow(),
    };

    /// <summary>Stops the old primary after the promotion, or after a switchover sees it follow. What fails stays owed; the failover itself has succeeded.</summary>
    internal static async Task LeaveOldPrimaryAsync(FailoverTools tools, PlanStep step, CancellationToken cancellationToken)
    {
        try
        {
            if (step.Name == StepNames.Follow)
            {
                await new Following(tools.Connection, tools.Inventory, tools.Run.Store, tools.Journal, tools.Time, tools.Observer).AwaitAsync(step, Following.Longest, cancellationToken).ConfigureAwait(false);
                return;
            }

            await tools.OldPrimary.StopAsync(step, cancellationToken).ConfigureAwait(false);
            tools.Run.Store.PayDebt(step.Target);
        }
        catch (DrException e)
        {
            tools.Observer.Warning($"The old primary is fenced and not {(step.Name == StepNames.Follow ? "seen to follow" : "stopped")}: {e.Message} It stays owed: Complete-HfFence -ResourceId {step.Target}.");
        }
    }

    /// <summary>
    /// Azure gave up after it had accepted the promotion, and the replica was seen to be a replica still: nothing is owed, and writes may go on where they were.
    /// Returns the reason with what became of the fence.
    /// </summary>
    internal static async Task<DrException> GiveUpAsync(FailoverTools tools, DbServer replica, DbServer? primary, IDatabase? session, DrException reason)
    {
        var now = tools.Time.GetUtcNow();
        tools.Journal.RecordStep(new StepResult { Name = StepNames.Promote, Target = replica.ResourceId, Started = now, Finished = now, Outcome = StepOutcome.Failed, Detail = reason.Message });
        if (primary is null) return reason;
        tools.Run.Store.PayDebt(primary.ResourceId);
        return await new FenceReturn(tools, primary).TakeBackAsync(session, reason).ConfigureAwait(false) ?? reason;
    }

    // The promotion was asked for earlier in this run. Finish what is left of it; nothing irreversible is in here.
    private async Task<DbFailover> ResumeAsync(FailoverPlan plan, bool noWait, CancellationToken cancellationToken)
    {
        var journal = _tools.Run.Journal;
        var recorded = RecordedPromotion.Find(journal.State, plan.Replica!.ResourceId);
        var operation = recorded?.Operation;
        if (noWait || recorded is null)
        {
            return Describe(plan, journal.State, operation is { Outcome: StepOutcome.Pending } ? StepOutcome.Pending : StepOutcome.NoChange, operation);
        }

        var wasOpen = journal.State.Steps.Any(s => s.Name == StepNames.Promote && AzureId.Same(s.Target, plan.Replica.ResourceId) && s.Outcome is StepOutcome.Pending or StepOutcome.Unknown);
        try
        {
            operation = await _tools.Promotion.AwaitEndAsync(plan.Replica, new AcceptedPromotion(operation, false), cancellationToken).ConfigureAwait(false) ?? operation;
        }
        catch (DrException e) when (e.ErrorId == "HfPromotionFailed")
        {
            throw await GiveUpAsync(_tools, plan.Replica, plan.Primary, null, e).ConfigureAwait(false);
        }

        await _tools.Handover.ConcludeAsync(journal.State, plan.Replica.ResourceId, cancellationToken).ConfigureAwait(false);
        if (plan.Steps.FirstOrDefault(s => s.Name is StepNames.StopOldPrimary or StepNames.Follow) is { } last) await LeaveOldPrimaryAsync(_tools, last, cancellationToken).ConfigureAwait(false);
        return Describe(plan, journal.State, wasOpen || plan.Steps.Length > 0 ? StepOutcome.Succeeded : StepOutcome.NoChange, operation);
    }
}
