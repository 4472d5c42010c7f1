using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Operations;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Capacity;

/// <summary>
/// Carries a capacity plan out: gateway, cache, database and cluster side by side, the pools of a cluster one after another, since AKS works on one at a time. What
/// goes wrong with one resource is its own result and a warning.
/// </summary>
internal sealed class CapacityExecution
{
    private static readonly TimeSpan LongestBusy = TimeSpan.FromHours(1);
    private readonly IArm _arm;
    private readonly OperationWatch _watch;
    private readonly RunHandle? _run;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public CapacityExecution(IArm arm, OperationWatch watch, RunHandle? run, TimeProvider time, IDrObserver observer)
    {
        _arm = arm;
        _watch = watch;
        _run = run;
        _journal = RunHandle.JournalOf(run, time);
        _time = time;
        _observer = observer;
    }

    public async Task<IReadOnlyList<CapacityChange>> ExecuteAsync(CapacityPlan plan, bool noWait, CancellationToken cancellationToken)
    {
        var results = new CapacityChange[plan.Items.Length];
        var lanes = plan.Items.Select((item, index) => (item, index)).GroupBy(i => i.item.Part == CapacityPart.Pool ? "pools" : i.item.ResourceId);
        await Task.WhenAll(lanes.Select(async lane =>
        {
            CapacityChange? ahead = null;
            foreach (var (item, index) in lane)
            {
                // Without waiting, the next pool of the cluster cannot be asked for yet: running the command again goes on with it.
                var result = ahead is { Outcome: StepOutcome.Pending } && CapacityPlanner.StepsOf(item).Any()
                    ? Describe(plan, item, StepOutcome.Pending)
                    : await ChangeAsync(plan, item, noWait, cancellationToken).ConfigureAwait(false);
                results[index] = result;
                if (result.Outcome is StepOutcome.Succeeded or StepOutcome.NoChange) ConcludeEarlier(item);
                if (result.Outcome == StepOutcome.Pending) ahead = result;
            }
        })).ConfigureAwait(false);
        return results;
    }

    private async Task<CapacityChange> ChangeAsync(CapacityPlan plan, CapacityItem item, bool noWait, CancellationToken cancellationToken)
    {
        var outcome = StepOutcome.NoChange;
        try
        {
            foreach (var step in CapacityPlanner.StepsOf(item))
            {
                var (ended, operation) = await CarryOutAsync(item, step, noWait, cancellationToken).ConfigureAwait(false);
                if (ended == StepOutcome.Pending) return Describe(plan, item, ended) with { Operation = operation };
                if (ended != StepOutcome.NoChange) outcome = ended;
            }

            return Describe(plan, item, outcome);
        }
        catch (DrException failure) when (!failure.EndsPipeline && !JournalTrouble.Is(failure))
        {
            _observer.Warning($"{item.Name} was not changed to {item.After}: {failure.Message}");
            return Describe(plan, item, failure.ErrorId == "HfOutcomeUnknown" ? StepOutcome.Unknown : StepOutcome.Failed) with { Shortfall = failure.Message };
        }
    }

    private async Task<(StepOutcome Outcome, DrOperation? Operation)> CarryOutAsync(CapacityItem item, PlanStep step, bool noWait, CancellationToken cancellationToken)
    {
        var open = _journal.BeginStep(step);
        try
        {
            var (document, busy) = await IdleAsync(item, noWait, cancellationToken).ConfigureAwait(false);
            if (busy)
            {
                _journal.EndStep(open, StepOutcome.Pending, "Azure works on the resource already");
                return (StepOutcome.Pending, null);
            }

            if (IsDone(document, item, step, exactly: true))
            {
                _journal.EndStep(open, StepOutcome.NoChange, item.After);
                return (StepOutcome.NoChange, null);
            }

            _observer.Verbose(step.Action);
            var operation = await SendAsync(document, item, step, cancellationToken).ConfigureAwait(false);
            if (noWait && operation is not null)
            {
                _journal.EndStep(open, StepOutcome.Pending, "accepted by Azure");
                return (StepOutcome.Pending, operation);
            }

            if (operation is not null)
            {
                await foreach (var ended in _watch.WaitAsync([operation], null, _journal, cancellationToken).ConfigureAwait(false)) operation = ended;
                if (operation.Outcome == StepOutcome.Failed)
                    throw new DrException("HfCapacityFailed", DrErrorKind.OperationFailed, $"Azure did not do it: {operation.Error ?? operation.Status}.", step.Target, "Put Azure's reason right and run the same command again.");
            }

            (document, _) = await IdleAsync(item, false, cancellationToken).ConfigureAwait(false);
            if (!IsDone(document, item, step, exactly: false)) throw new DrException("HfOutcomeUnknown", DrErrorKind.OperationFailed, $"Azure reports success and still does not show {item.After}.", step.Target, "Look at the resource; run the same command again.");
            _journal.EndStep(open, StepOutcome.Succeeded, step.Name == CapacitySteps.StartPool ? "running" : item.After);
            return (StepOutcome.Succeeded, null);
        }
        catch (DrException failure)
        {
            _journal.EndStep(open, failure.ErrorId == "HfOutcomeUnknown" ? StepOutcome.Unknown : StepOutcome.Failed, $"{failure.ErrorId}: {failure.Message}");
            throw;
        }
    }

    /// <summary>The resource's document once Azure does not work on it (or on its cluster) any more; or, without waiting, whether it does.</summary>
    private async Task<(JsonElement Document, bool Busy)> IdleAsync(CapacityItem item, bool noWait, CancellationToken cancellationToken)
    {
        var document = default(JsonElement);
        var busy = false;
        var idle = await Pace.UntilAsync(
            async token =>
            {
                (document, busy) = await ReadAsync(item, token).ConfigureAwait(false);
                if (noWait || !busy) return true;
                _observer.Progress(new($"Capacity of {item.Name}", $"Azure works on {(item.Part == CapacityPart.Pool ? "its cluster" : "it")}"));
                return false;
            },
            Pace.Milliseconds(50), Pace.Seconds(15), LongestBusy, _time, cancellationToken).ConfigureAwait(false);
        _observer.Progress(new($"Capacity of {item.Name}", "Done", Completed: true));
        if (!idle) throw new DrException("HfServerBusy", DrErrorKind.ResourceBusy, $"Azure has worked on {item.Name} for an hour.", item.ResourceId, "See the resource's activity log; run the same command again.");
        return (document, busy);
    }

    /// <summary>The resource's document, and whether Azure works on it. A pool is busy while any pool of its cluster is.</summary>
    private async Task<(JsonElement Document, bool Busy)> ReadAsync(CapacityItem item, CancellationToken cancellationToken)
    {
        if (item.Part != CapacityPart.Pool)
        {
            var document = await _arm.GetAsync(item.ResourceId, VersionOf(item), cancellationToken).ConfigureAwait(false);
            return (document, CapacityDocuments.IsBusy(document));
        }

        var pools = await _arm.ListAsync(item.ResourceId[..item.ResourceId.LastIndexOf('/')], ApiVersions.Clusters, cancellationToken).ConfigureAwait(false);
        var own = pools.FirstOrDefault(p => item.Name.Equals(CapacityDocuments.Text(p, "name"), StringComparison.OrdinalIgnoreCase));
        if (own.ValueKind == JsonValueKind.Undefined) throw new DrException("HfResourceNotFound", DrErrorKind.NotFound, $"The cluster has no pool {item.Name} any more.", item.ResourceId, "Look at the cluster; run the same command again.");
        return (own, pools.Any(CapacityDocuments.IsBusy));
    }

    /// <summary>Sends the change. It sets values, so a lost answer is looked after by looking: the caller checks what is there.</summary>
    private async Task<DrOperation?> SendAsync(JsonElement document, CapacityItem item, PlanStep step, CancellationToken cancellationToken)
    {
        var (method, body) = item switch
        {
            { Pool: { } pool } => (HttpMethod.Put, (object)CapacityDocuments.WithPool(document, pool, step.Name)),
            { Gateway: { } gateway } => (HttpMethod.Put, CapacityDocuments.WithGateway(document, gateway)),
            { Cache: { } cache } => (HttpMethod.Patch, new { properties = new { sku = new { name = cache.Sku, family = cache.Sku == "Premium" ? "P" : "C", capacity = cache.Capacity } } }),
            { Database: { } database } => (HttpMethod.Patch, new { sku = new { name = database.Sku, tier = database.Tier } }),
            _ => throw new InvalidOperationException("A capacity item without a target."),
        };
        var accepted = await _arm.WriteAsync(method, item.ResourceId, VersionOf(item), body, cancellationToken).ConfigureAwait(false);
        if (accepted.OperationUrl is null) return null;
        var operation = OperationIdentity.Accepted(step.Name, item.ResourceId, accepted.OperationUrl, _time.GetUtcNow());
        _journal.RecordOperation(operation);
        return operation;
    }

    private static bool IsDone(JsonElement document, CapacityItem item, PlanStep step, bool exactly)
    {
        switch (item)
        {
            case { Pool: { } target }:
                var pool = CapacityDocuments.Pool(document, "");
                return step.Name switch
                {
                    CapacitySteps.StartPool => pool.Running,
                    CapacitySteps.StopPool => !pool.Running,
                    // Once asked for, the autoscaler may move the count: what it keeps to is what counts then.
                    _ => (pool.Min, pool.Max) == (target.Min, target.Max) && (pool.Count == target.Count || (!exactly && pool.Min is not null && pool.Count >= pool.Min && pool.Count <= pool.Max)),
                };
            case { Gateway: not null }:
                return CapacityDocuments.Gateway(document, item.ResourceId).Words == item.After;
            case { Cache: not null }:
                return CapacityDocuments.Cache(document, item.ResourceId).Words == item.After;
            default:
                return CapacityDocuments.Text(document, "sku", "name")?.Equals(item.Database!.Sku, StringComparison.OrdinalIgnoreCase) == true;
        }
    }

    /// <summary>Steps that an earlier call of this run left pending are over with the resource as it shall be.</summary>
    private void ConcludeEarlier(CapacityItem item)
    {
        if (_run is null) return;
        foreach (var open in _run.Journal.State.Steps.Where(s => s.Outcome == StepOutcome.Pending && CapacitySteps.IsOne(s.Name) && AzureId.Same(s.Target, item.ResourceId)))
            _journal.RecordStep(open with { Outcome = StepOutcome.Succeeded, Finished = _time.GetUtcNow(), Detail = item.After });
    }

    private static string VersionOf(CapacityItem item) => item.Part switch
    {
        CapacityPart.Pool => ApiVersions.Clusters,
        CapacityPart.Gateway => ApiVersions.Network,
        CapacityPart.Cache => ApiVersions.Caches,
        _ => ApiVersions.FlexibleServers,
    };

    private static CapacityChange Describe(CapacityPlan plan, CapacityItem item, StepOutcome outcome) => new()
    {
        Part = item.Part,
        Name = item.Name,
        ResourceId = item.ResourceId,
        Location = AzureLocation.Normalize(plan.Request.Location),
        Role = plan.Role,
        Before = item.Before,
        After = item.After,
        Outcome = outcome,
        Shortfall = item.Shortfall,
    };
}
