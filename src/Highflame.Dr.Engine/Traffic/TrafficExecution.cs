using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Azure.Wire;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Traffic;

/// <summary>Carries traffic plans out: observe, write the intent, PATCH what changes, observe again, write the outcome. Traffic Manager's calls are synchronous.</summary>
internal sealed class TrafficExecution
{
    private const int Attempts = 3;
    private readonly IArm _arm;
    private readonly IInventory _inventory;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public TrafficExecution(IArm arm, IInventory inventory, IJournal journal, TimeProvider time, IDrObserver observer)
    {
        _arm = arm;
        _inventory = inventory;
        _journal = journal;
        _time = time;
        _observer = observer;
    }

    public async Task<TrafficEndpoint> ExecuteAsync(EndpointPlan plan, CancellationToken cancellationToken)
    {
        PlanRefused.ThrowIfAny(plan);
        var outcome = StepOutcome.NoChange;
        var changes = EndpointChanges.Of(plan.Profile!, plan.Endpoint!, plan.Request, plan.ResolvedTarget);
        TrafficEndpoint? last = null;
        for (var i = 0; i < changes.Count; i++)
        {
            var (ended, seen) = await ChangeAsync(plan.Steps[i], changes[i].Change, cancellationToken).ConfigureAwait(false);
            if (AzureId.Same(seen.ResourceId, plan.Request.EndpointId)) last = seen;
            outcome = ended == StepOutcome.NoChange ? outcome : ended;
        }
        last ??= await _inventory.GetEndpointAsync(plan.Request.EndpointId, cancellationToken).ConfigureAwait(false);
        if (changes.Count == 0 && plan.Request.Target is not null) _journal.RecordFound(EndpointChanges.MoveTraffic, last.ResourceId, Describe(last));
        return last with { Outcome = outcome };
    }

    public async Task<TrafficProfile> ExecuteAsync(ProfilePlan plan, CancellationToken cancellationToken)
    {
        PlanRefused.ThrowIfAny(plan);
        foreach (var step in plan.Steps)
        {
            if (step.Name == ProfilePlanner.SetTtl) await SetTtlAsync(step, plan.Request.Ttl, cancellationToken).ConfigureAwait(false);
            else await WaitAsync(step, plan.OldTtlUntil ?? _time.GetUtcNow() + TimeSpan.FromSeconds(plan.Profile!.Ttl), plan.Profile!.Name, cancellationToken).ConfigureAwait(false);
        }
        var profile = await _inventory.GetProfileAsync(plan.Request.ProfileId, cancellationToken).ConfigureAwait(false);
        if (profile.Ttl == plan.Request.Ttl && !plan.Steps.Any(s => s.Name == ProfilePlanner.SetTtl)) _journal.RecordFound(ProfilePlanner.SetTtl, profile.ResourceId, $"TTL {profile.Ttl} s");
        return profile;
    }

    private async Task<(StepOutcome Outcome, TrafficEndpoint Seen)> ChangeAsync(PlanStep step, EndpointChange change, CancellationToken cancellationToken)
    {
        var seen = await _inventory.GetEndpointAsync(change.EndpointId, cancellationToken).ConfigureAwait(false);
        var open = _journal.BeginStep(step);
        if (change.IsDone(seen))
        {
            _journal.EndStep(open, StepOutcome.NoChange, Describe(seen));
            return (StepOutcome.NoChange, seen);
        }
        _observer.Verbose(step.Action);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var answered = await TryPatchAsync(change.EndpointId, change.ToBody(), attempt, cancellationToken).ConfigureAwait(false);
                seen = await _inventory.GetEndpointAsync(change.EndpointId, cancellationToken).ConfigureAwait(false);
                if (change.IsDone(seen))
                {
                    _journal.EndStep(open, StepOutcome.Succeeded, Describe(seen));
                    return (StepOutcome.Succeeded, seen);
                }
                // Azure answered and shows the old value all the same. Sending it again would not tell more.
                if (answered) break;
            }
        }
        catch (DrException failure)
        {
            _journal.EndStep(open, failure.ErrorId == "HfOutcomeUnknown" ? StepOutcome.Unknown : StepOutcome.Failed, $"{failure.ErrorId}: {failure.Message}");
            throw;
        }
        _journal.EndStep(open, StepOutcome.Unknown, Describe(seen));
        throw new DrException("HfOutcomeUnknown", DrErrorKind.OperationFailed, $"Azure accepted the change of endpoint {seen.Name} and still shows: {Describe(seen)}.", change.EndpointId,
            "Look at the endpoint with Get-HfTrafficEndpoint; run the same command again.");
    }

    /// <summary>
    /// True when Azure answered. False when its answer was lost: then the caller looks, and only a change that is seen not to be there is sent again
    /// (it sets values, so twice is as good as once), at most three times.
    /// </summary>
    private async Task<bool> TryPatchAsync(string id, object body, int attempt, CancellationToken cancellationToken)
    {
        try
        {
            await _arm.WriteAsync(HttpMethod.Patch, id, ApiVersions.TrafficManager, body, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (DrException failure) when (failure.ErrorId == "HfOutcomeUnknown" && attempt < Attempts)
        {
            _observer.Verbose($"{failure.Message} Looking again.");
            return false;
        }
    }

    private async Task SetTtlAsync(PlanStep step, long ttl, CancellationToken cancellationToken)
    {
        var id = step.Target;
        var (relativeName, now) = await ReadDnsAsync(id, cancellationToken).ConfigureAwait(false);
        var open = _journal.BeginStep(step);
        if (now == ttl)
        {
            _journal.EndStep(open, StepOutcome.NoChange, $"TTL {now} s");
            return;
        }
        _journal.RecordFact(OldTtl.FactName, new OldTtl { ProfileId = id, Seconds = now ?? 0 });
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var answered = await TryPatchAsync(id, new { properties = new { dnsConfig = new { relativeName, ttl } } }, attempt, cancellationToken).ConfigureAwait(false);
                (_, now) = await ReadDnsAsync(id, cancellationToken).ConfigureAwait(false);
                if (now == ttl || answered) break;
            }
        }
        catch (DrException failure)
        {
            _journal.EndStep(open, failure.ErrorId == "HfOutcomeUnknown" ? StepOutcome.Unknown : StepOutcome.Failed, $"{failure.ErrorId}: {failure.Message}");
            throw;
        }
        _journal.EndStep(open, now == ttl ? StepOutcome.Succeeded : StepOutcome.Unknown, $"TTL {now} s");
        if (now != ttl)
            throw new DrException("HfOutcomeUnknown", DrErrorKind.OperationFailed, $"Azure accepted the TTL of {ttl} s and still shows {now} s.", id, "Look at the profile; run the same command again.");
    }

    private async Task<(string? RelativeName, long? Ttl)> ReadDnsAsync(string profileId, CancellationToken cancellationToken)
    {
        var document = await _arm.GetAsync(profileId, ApiVersions.TrafficManager, cancellationToken).ConfigureAwait(false);
        var dns = WireJson.Read(document, WireJson.Default.ProfileWire, profileId).Properties?.DnsConfig;
        return (dns?.RelativeName, dns?.Ttl);
    }

    private async Task WaitAsync(PlanStep step, DateTimeOffset end, string profile, CancellationToken cancellationToken)
    {
        var open = _journal.BeginStep(step);
        var activity = $"Waiting out the old TTL of {profile}";
        // Measured by a counter: a clock that somebody sets back meanwhile does not make it longer.
        var time = end - _time.GetUtcNow();
        var begun = _time.GetTimestamp();
        while (time - _time.GetElapsedTime(begun) is var left && left > TimeSpan.Zero)
        {
            _observer.Progress(new(activity, $"{Math.Ceiling(left.TotalSeconds):0} s left", (int)(100 - (left / time * 100))));
            await Task.Delay(left < TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1), _time, cancellationToken).ConfigureAwait(false);
        }
        _observer.Progress(new(activity, "Done", 100, Completed: true));
        _journal.EndStep(open, StepOutcome.Succeeded, $"{time.TotalSeconds:0} s waited");
    }

    private static string Describe(TrafficEndpoint endpoint) =>
        $"target {endpoint.Target ?? "(none)"}, {endpoint.Status}, priority {endpoint.Priority}, weight {endpoint.Weight}, always-serve {(endpoint.AlwaysServe ? "on" : "off")}";
}
