using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Replication;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Execution;

/// <summary>
/// The last look before the irreversible call (design/safety.md rule 5): a plan that rests on what was seen more than 30 s ago is judged again on what is so now, by the rules it was
/// made by. What has come up since stops it with nothing promoted.
/// </summary>
internal sealed class FreshLook
{
    public static readonly TimeSpan FreshFor = Pace.Seconds(30);
    private readonly FailoverTools _tools;
    private readonly FailoverPlan _plan;

    public FreshLook(FailoverTools tools, FailoverPlan plan)
    {
        _tools = tools;
        _plan = plan;
    }

    /// <summary>Errors: the code of the first refusal; the others are told as warnings.</summary>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        var age = _tools.Time.GetUtcNow() - _plan.ObservedAt;
        if (age <= FreshFor) return;
        _tools.Observer.Verbose($"What the plan rests on was seen {age.TotalSeconds:0} s ago: looking again.");
        var replica = _plan.Replica!;
        var request = _plan.Request with { Server = replica.ResourceId };
        // The old primary is fenced and seen to be so, or lost: only what the promotion itself rests on is looked at.
        var seen = await new FailoverSurvey(_tools.Connection, _tools.Inventory, _tools.Time).TakeAsync(request, null, _tools.Run, cancellationToken, lookAtPrimary: false).ConfigureAwait(false);
        var refusals = Of(seen, request);
        if (refusals is not [var first, ..]) return;
        foreach (var other in refusals.Skip(1)) _tools.Observer.Warning($"{other.Code}: {other} {other.Remedy}");
        throw new DrException(first.Code, first.Kind, $"{first.Observed} This came up after the plan was made, {age.TotalSeconds:0} s ago. Nothing was promoted.", replica.ResourceId, first.Remedy);
    }

    private static Refusal[] Of(FailoverObservation seen, FailoverRequest request) =>
        [.. FailoverRefusals.Of(seen, request, ReplicationMeasure.From(seen.Sight)).Where(r => r.Code is not ("HfPrimaryUnreachable" or "HfPrimaryLocked" or "HfFenceOwed"))];
}
