using System.Globalization;
using Highflame.Dr.Engine.Replication;
using Highflame.Dr.Parity;
using static Highflame.Dr.Engine.Azure.AzureWord;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>
/// The gates of the way back. The first way there may be an emergency; the way back is a choice, so a planned one waits for the cooldown, for a replica that streams inside the objective, and for
/// regions without a difference that blocks. (A fence that is owed refuses by the rules of every failover.) In forced mode they warn, and the regions are not compared: that would need the lost one. Pure.
/// </summary>
internal static class FailbackRules
{
    public static void Judge(ReadinessObservation seen, Findings findings)
    {
        if (seen.Last is not { } last || (seen.Failover.Value is { } failover && ServerRules.UnderWay(failover) is not null)) return;
        Cooldown(seen, last, findings);
        if (!last.Left(seen.To)) return;
        Replica(seen, findings);
        Parity(seen, findings);
        // A region that is lost is not compared: half a comparison would find nothing but its absence, and false drifts must not keep users without service.
        if (seen.Forced && seen.Pair.Failback.Parity) findings.Skip($"{seen.From.Location} ({seen.From.ResourceGroup})", "Whether the two regions differ in what blocks a failover");
    }

    private static void Cooldown(ReadinessObservation seen, LastFailover last, Findings findings)
    {
        var (age, wanted) = ((seen.At - last.At).TotalSeconds, seen.Pair.Failback.CooldownSeconds);
        if (age >= wanted) return;
        findings.Refuse("HfFailoverTooRecent", seen.Pair.Name, string.Create(CultureInfo.InvariantCulture, $"The last failover, to {last.To} (run {last.RunId}), was {age:0} s ago."),
            string.Create(CultureInfo.InvariantCulture, $"At least {wanted:0} s from one failover to the next."),
            string.Create(CultureInfo.InvariantCulture, $"Wait {wanted - age:0} s. Is it certain that going back is better? failback.cooldownSeconds in the pair file says how long."));
    }

    private static void Replica(ReadinessObservation seen, Findings findings)
    {
        if (seen.Forced || seen.Failover.Value is not { ReplicaDatabase: not null, PrimaryDatabase: not null } failover) return;
        var lag = ReplicationMeasure.From(failover.Sight);
        var what = failover.Senders is [] ? "receives nothing: no replica is connected to the primary"
            : Is(lag.State, "catchup") ? "is catching up"
            : lag.LagSeconds > seen.Pair.Objectives.RpoSeconds ? string.Create(CultureInfo.InvariantCulture, $"is {lag.LagSeconds:0.#} s behind")
            : null;
        if (what is null) return;
        findings.Refuse("HfFailbackNotInStep", failover.Replica.Name, $"{failover.Replica.Name} {what}. There is no hurry on the way back.",
            string.Create(CultureInfo.InvariantCulture, $"A replica that streams and is at most {seen.Pair.Objectives.RpoSeconds:0.#} s behind."), "Wait until Get-HfReplication shows it streaming and close.");
    }

    private static void Parity(ReadinessObservation seen, Findings findings)
    {
        if (seen.Parity.Problem is { } problem) findings.NotObserved(seen.To.Location, "The comparison of the two regions", problem);
        foreach (var drift in (seen.Parity.Value?.Drifts ?? []).Where(d => d.Severity == DriftSeverity.BlocksFailover))
        {
            findings.Refuse("HfFailbackDrift", drift.Resource, $"{drift.Property} of {drift.Resource}: {drift.ReferenceValue ?? "nothing"} in {drift.ReferenceLocation}, {drift.DifferenceValue ?? "nothing"} in {drift.DifferenceLocation}. {drift.Why}",
                "No difference between the regions that blocks a failover.", drift.Remedy);
        }
    }
}
