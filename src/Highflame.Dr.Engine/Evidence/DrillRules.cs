using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Evidence;

/// <summary>What a drill must have reached. Pure.</summary>
internal static class DrillRules
{
    private const long FewestWrites = 1000;

    /// <param name="evidence">The run.</param>
    /// <param name="load">What the clients saw.</param>
    /// <param name="lostForGood">True when the region that was left never came back: what needs it may be owed still.</param>
    public static IEnumerable<string> Failures(RunEvidence evidence, LoadReport load, bool lostForGood = false)
    {
        var planned = evidence.Mode == nameof(FailoverMode.Planned);
        if (evidence.Outcome is not (StepOutcome.Succeeded or StepOutcome.NoChange) && !(lostForGood && evidence.Outcome == StepOutcome.Pending)) yield return $"The run ended {evidence.Outcome}.";
        if (load.Acknowledged < FewestWrites) yield return $"Only {load.Acknowledged} writes were acknowledged, fewer than {FewestWrites}: the drill shows too little.";
        if (load.Lost is null) yield return "The lost writes were not counted.";
        else if (planned && load.Lost != 0) yield return $"{load.Lost} acknowledged writes were lost in a planned failover.";
        else if (evidence.ReportedLost is { } reported && reported != load.Lost) yield return $"{reported} lost writes were reported to the operator, {load.Lost} were lost.";
        if (load.AcceptedByOldPrimary != 0) yield return $"Two writers: another server acknowledged {load.AcceptedByOldPrimary} writes after the new primary's first.";
        if (!AzureLocation.Same(evidence.Topology.Active, evidence.To)) yield return $"Traffic goes to {evidence.Topology.Active ?? "neither region"} instead of {evidence.To}.";
        if (!evidence.Topology.Servers.Any(s => s.Role == nameof(DbRole.Primary) && AzureLocation.Same(s.Location, evidence.To))) yield return $"{evidence.To} holds no primary.";
        if (!lostForGood && !evidence.Topology.Servers.Any(s => s.Role == nameof(DbRole.Replica) && !AzureLocation.Same(s.Location, evidence.To))) yield return "The region that was left holds no replica.";
        foreach (var owed in lostForGood ? [] : evidence.Owed) yield return $"Still owed: {owed}.";
        if (evidence.Rto.AchievedSeconds is null) yield return "Health through Traffic Manager was not shown after the promotion.";
        else if (evidence.Rto.AchievedSeconds > evidence.Rto.ObjectiveSeconds) yield return $"Recovery took {evidence.Rto.AchievedSeconds} s, more than the objective of {evidence.Rto.ObjectiveSeconds} s.";
    }
}
