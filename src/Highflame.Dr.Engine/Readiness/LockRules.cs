using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Locks;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Planning;
using static Highflame.Dr.Engine.Azure.AzureWord;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>ReadOnly locks that the run takes away by its operator's consent (-Unlock): each is told, and one that reaches further than what it hinders is a warning. Pure.</summary>
internal static class LockRules
{
    public static void Judge(ReadinessObservation seen, Findings findings)
    {
        if (!seen.Unlock) return;
        foreach (var held in Hindering(seen.Failover.Value, seen.TrafficLocks.Value))
        {
            var what = $"Lock '{held.Name}' at {LockScope.Short(held.Scope)} is ReadOnly.";
            findings.Inform("HfLockTakenAway", held.Scope, $"{what} The run takes it away as a step of its own (RemoveLock) before anything else, and puts the same lock back at its end (PutBackLock), however it ends.",
                "Consent to that: -Unlock.", "Nothing. What could not be put back is owed: Get-HfRegionPair shows it, Lock-HfResource pays it.");
            if (LockScope.ReachOf(held.Scope) != LockReach.Resource)
                findings.Warn("HfLockWide", held.Scope, LockPlanner.Wide(held.Name, held.Scope), "Locks on the resources themselves.", "See to it that nobody changes anything there while the run goes on; afterwards lock the resources rather than what holds them.");
        }

        if (seen.Forced)
            findings.Inform("HfLockTakenAway", seen.From.ResourceGroup, "Locks of the old primary itself are not looked at now.", "Nothing of the lost region is asked.", "Nothing: the run takes them away when it fences the server.");
    }

    /// <summary>Each ReadOnly lock once.</summary>
    public static IEnumerable<ResourceLock> Hindering(FailoverObservation? failover, IReadOnlyList<ResourceLock>? traffic) =>
        (failover?.PrimaryLocks ?? []).Concat(failover?.ReplicaLocks ?? []).Concat(traffic ?? []).Where(l => Is(l.Level, "ReadOnly")).DistinctBy(l => l.Id, StringComparer.OrdinalIgnoreCase);
}
