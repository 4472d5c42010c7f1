using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Replication;
using Highflame.Dr.Planning;
using static Highflame.Dr.Engine.Azure.AzureWord;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>Servers, roles, replication, lag and their locks: the very rules of Invoke-HfDbFailover, and what a preflight adds to them. Pure.</summary>
internal static class ServerRules
{
    public static void Judge(ReadinessObservation seen, Findings findings)
    {
        if (seen.Failover.Value is not { } failover)
        {
            Missing(seen, findings);
            return;
        }

        if (UnderWay(failover) is { } word)
        {
            findings.Inform("HfFailoverUnderWay", failover.Replica.Name, word, "A promotion that ends.", "Run the same failover again: it goes on with what is left.");
            return;
        }

        // Consent is the caller's, not the environment's: what would be lost is told, and not refused for.
        var request = new FailoverRequest { Server = failover.Replica.ResourceId, Mode = seen.Mode, Promotion = seen.Promotion, AllowDataLoss = true, AssumeUnlocked = seen.Unlock, AssumeGrown = true };
        var lag = ReplicationMeasure.From(failover.Sight);
        foreach (var refusal in FailoverRefusals.Of(failover, request, lag))
            findings.RefuseAlways(refusal.Code, refusal.Resource, refusal.Observed, refusal.Required, refusal.Remedy);
        foreach (var caution in FailoverWarnings.Of(failover, request, lag))
            findings.Warn(caution.Code, caution.Resource, caution.Observed, caution.Required, caution.Remedy);
        if (seen.Forced)
        {
            var loss = FailoverRefusals.Consent(failover, lag);
            findings.Warn(loss.Code, loss.Resource, loss.Observed, loss.Required, "Consent to it with -AllowDataLoss, or use -Mode Planned while the primary answers.");
        }

        Deletion(seen, failover, findings);
    }

    /// <summary>What to say when this run has asked for the promotion already; null when it has not, or it came to nothing.</summary>
    public static string? UnderWay(FailoverObservation failover)
    {
        if (failover.Recorded is null) return null;
        var plan = FailoverPlanner.Plan(failover, new FailoverRequest { Server = failover.Replica.ResourceId, Mode = failover.Recorded.Record.Mode, AllowDataLoss = true });
        return plan.Refusals.Length == 0 && plan.Steps.All(s => s.Name != StepNames.Promote) ? plan.Warnings.FirstOrDefault() ?? "The promotion was asked for in this run." : null;
    }

    private static void Missing(ReadinessObservation seen, Findings findings)
    {
        var (problem, failure) = seen.Servers.Value is null ? (seen.Servers.Problem, seen.Servers.Failure) : (seen.Failover.Problem, seen.Failover.Failure);
        if (problem is not null)
        {
            findings.RefuseAlways(failure?.ErrorId ?? "HfNotObserved", seen.To.ResourceGroup, $"The servers of {seen.To.Location} could not be observed: {problem}", "A replica that can be seen.", failure?.NextStep ?? "Put right what the reason names, then run this again.");
            return;
        }

        var here = seen.Servers.Value is { Count: > 0 } servers ? $"It has {string.Join(", ", servers.Select(s => $"{s.Name} ({s.Role}, {s.State})"))}." : "It has no server at all.";
        findings.RefuseAlways("HfNoReplica", seen.To.ResourceGroup, $"{seen.To.Location} has no read replica that could take over. {here}", "A read replica in the region that shall take over.", $"Build one: New-HfReadReplica -Location {seen.To.Location}. If {seen.To.Location} is active already there is nothing to fail over.");
    }

    private static void Deletion(ReadinessObservation seen, FailoverObservation failover, Findings findings)
    {
        foreach (var (server, locks) in new[] { (failover.Primary, failover.PrimaryLocks), (failover.Replica, failover.ReplicaLocks) })
        {
            if (server is null) continue;
            foreach (var keep in locks.Where(l => Is(l.Level, "CanNotDelete")))
                findings.Inform("HfDeleteLocked", server.Name, $"Lock '{keep.Name}' at {keep.Scope} is CanNotDelete: {server.Name} cannot be deleted, and its name not be used again.", "Nothing: it stops neither promotion nor fence.", "Remove it when the server shall go, after salvage.");
        }

        if (failover.Primary is { } primary && string.Equals(seen.From.ReplicaName, primary.Name, StringComparison.OrdinalIgnoreCase))
            findings.Warn("HfReplicaNameTaken", primary.Name, $"The pair file wants the new replica in {seen.From.Location} to be named {primary.Name}, which is the old primary's name and stays taken while that server exists.", "A name that is free.", $"Give another replicaName for {seen.From.Location}, or leave it out.");
    }
}
