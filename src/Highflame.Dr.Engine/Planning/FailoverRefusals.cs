using System.Globalization;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;
using static Highflame.Dr.Engine.Azure.AzureWord;
using static Highflame.Dr.Engine.Planning.Refuse;

namespace Highflame.Dr.Engine.Planning;

/// <summary>Every reason not to fail over, all at once. Pure.</summary>
internal static class FailoverRefusals
{
    public static Refusal[] Of(FailoverObservation seen, FailoverRequest request, ReplicationStatus lag)
    {
        var refusals = new List<Refusal>();
        var isReplica = Role(seen, refusals);
        if (isReplica)
        {
            Target(seen, refusals);
            Readiness(seen, refusals);
            Failback(seen, refusals);
            if (request.Mode == FailoverMode.Planned) Planned(seen, refusals);
            refusals.AddRange(SwitchoverRefusals.Of(seen, request));
        }

        // Consent is asked for even when something else stands in the way: all reasons at once.
        if (isReplica && request is { Mode: FailoverMode.Forced, AllowDataLoss: false }) refusals.Add(Consent(seen, lag));
        return request.AssumeUnlocked ? [.. refusals.Where(r => r.Code is not ("HfReplicaLocked" or "HfPrimaryLocked"))] : [.. refusals];
    }

    /// <summary>What to do about a ReadOnly lock.</summary>
    public static string Unlocking(ResourceLock held) =>
        $"Run the failover with -Unlock: it takes the lock '{held.Name}' away as a step of the run and puts it back at its end (by hand: Unlock-HfResource, Lock-HfResource). Or remove it yourself, then run this again.";

    /// <summary>Debts that are not this very promotion's own. One of the replica itself is paid: a replica takes no write.</summary>
    public static IEnumerable<FenceDebt> DebtsOf(FailoverObservation seen) =>
        seen.Debts.Where(d => !AzureId.Same(d.PromotedId, seen.Replica.ResourceId) && !AzureId.Same(d.ServerId, seen.Replica.ResourceId));

    /// <summary>True for a debt in the region that would take over: two servers there could take writes side by side.</summary>
    public static bool BlocksFailback(FailoverObservation seen, FenceDebt debt) => debt.Location is { } location && AzureLocation.Same(location, seen.Replica.Location);

    private static void Failback(FailoverObservation seen, List<Refusal> refusals) =>
        refusals.AddRange(DebtsOf(seen).Where(d => BlocksFailback(seen, d)).Select(d => Make("HfFailbackBlocked", DrErrorKind.InvalidState, d.Server,
            $"{d.Server} in {d.Location} still owes a fence since {d.Since:u} (run {d.RunId}): it may hold writes that {seen.Replica.Name} has not, and could take more.",
            "No fence debt in the region that takes over.", $"Pay it first: Complete-HfFence -ResourceId {d.ServerId}. See what it holds with Get-HfLostWrite.")));

    // A run moves traffic to its own target: a primary in another region would be cut off from it.
    private static void Target(FailoverObservation seen, List<Refusal> refusals)
    {
        if (seen.RunTarget is not { } target || AzureLocation.Same(seen.Replica.Location, target)) return;
        refusals.Add(Make("HfReplicaNotInTarget", DrErrorKind.InvalidArgument, seen.Replica.Name, $"{seen.Replica.Name} is in {seen.Replica.Location}; the open run fails over to {target}.",
            $"A replica in {target}.", "Name the replica in the run's region, or end the run (Complete-HfRun) and start one to the other region."));
    }

    private static bool Role(FailoverObservation seen, List<Refusal> refusals)
    {
        var server = seen.Replica;
        switch (server.Role, seen.ReplicaDatabase?.InRecovery)
        {
            case (DbRole.Replica, false):
                refusals.Add(Make("HfRolesDisagree", DrErrorKind.InvalidState, server.Name, $"Azure shows {server.Name} as {server.ReplicationRole ?? "a replica"}; its database is not in recovery.",
                    "Azure's role and the database agree.", "Wait a minute and look again (Get-HfDbServer): the role field lags after a promotion. If they go on disagreeing, ask Azure support before anything else."));
                return false;
            case (DbRole.Primary, true):
                refusals.Add(Make("HfRolesDisagree", DrErrorKind.InvalidState, server.Name, $"Azure shows {server.Name} as {server.ReplicationRole ?? "no replica"}; its database is in recovery.",
                    "Azure's role and the database agree.", "Wait a minute and look again (Get-HfDbServer)."));
                return false;
            case (DbRole.Primary, _) when seen.PromotedByRun is not null || server.SourceServerResourceId is not null || seen.Recorded is not null:
                refusals.Add(Make("HfReplicaAlreadyPromoted", DrErrorKind.InvalidState, server.Name, $"{server.Name} was promoted already{(seen.PromotedByRun is { } run ? $" (run {run})" : "")}.",
                    "A replica.", "Nothing is to be done here. Build a replica of it with New-HfReadReplica."));
                return false;
            case (DbRole.Primary, _):
                refusals.Add(Make("HfServerNotReplica", DrErrorKind.InvalidState, server.Name, $"{server.Name} is a primary.", "A read replica.", "Name the replica that shall take over; Get-HfDbServer -Role Replica lists them."));
                return false;
            case (DbRole.Unknown, false):
                refusals.Add(Make("HfServerNotReplica", DrErrorKind.InvalidState, server.Name, $"Azure does not tell the role of {server.Name}, and its database is not in recovery.", "A read replica.", "Name the replica that shall take over."));
                return false;
            default:
                return true;
        }
    }

    private static void Readiness(FailoverObservation seen, List<Refusal> refusals)
    {
        var server = seen.Replica;
        if (!Is(server.State, "Ready"))
        {
            refusals.Add(Make("HfReplicaNotReady", DrErrorKind.InvalidState, server.Name, $"{server.Name} is {server.State}.", "State Ready.",
                Is(server.State, "Stopped") ? "Start it and let it catch up." : "Wait until Azure shows it as Ready."));
        }

        var state = seen.ReplicationState ?? server.ReplicationState;
        if (Is(state, "Broken"))
            refusals.Add(Make("HfReplicationBroken", DrErrorKind.InvalidState, server.Name, $"Replication to {server.Name} is Broken.", "Replication Active or Catchup.", "Azure cannot mend it: delete the replica and create it anew (New-HfReadReplica)."));
        else if (Is(state, "Provisioning"))
            refusals.Add(Make("HfReplicaNotReady", DrErrorKind.InvalidState, server.Name, $"{server.Name} is still being copied (replication state Provisioning).", "Replication Active or Catchup.", "Wait until its base backup is done."));

        refusals.AddRange(seen.ReplicaLocks.Where(l => Is(l.Level, "ReadOnly")).Select(l => Make("HfReplicaLocked", DrErrorKind.PermissionDenied, server.Name,
            $"Lock '{l.Name}' at {l.Scope} is ReadOnly and forbids the promotion.", "No ReadOnly lock. (CanNotDelete does not matter.)", Unlocking(l))));
    }

    private static void Planned(FailoverObservation seen, List<Refusal> refusals)
    {
        var name = seen.Primary?.Name ?? (seen.Replica.SourceServerResourceId is { } id ? AzureId.NameOf(id) : "the primary");
        var forced = "If the primary is lost for good: -Mode Forced -AllowDataLoss.";
        if (seen.Primary is null || !Is(seen.Primary.State, "Ready"))
        {
            refusals.Add(Make("HfPrimaryUnreachable", DrErrorKind.InvalidState, name, seen.Primary is null ? $"{name} cannot be seen: {seen.PrimaryProblem ?? "Azure does not know it"}" : $"{name} is {seen.Primary.State}.",
                "A planned failover needs the primary to answer: it is fenced first.", forced));
        }
        else if (seen.DatabaseAccess && seen.PrimaryDatabase is null)
        {
            refusals.Add(Make("HfPrimaryUnreachable", DrErrorKind.InvalidState, name, $"The database of {name} does not answer: {seen.PrimaryProblem ?? "no reason was given"}",
                "A planned failover needs the primary to answer: it is fenced first.", forced));
        }
        else if (seen.PrimaryDatabase is { InRecovery: true })
        {
            refusals.Add(Make("HfRolesDisagree", DrErrorKind.InvalidState, name, $"{seen.Replica.Name} copies from {name}, whose database is itself in recovery.", "A primary that takes writes.", "Find out which server takes writes (Get-HfDbServer, Get-HfReplication)."));
        }

        if (seen is { Primary: not null, Listed: false })
        {
            refusals.Add(Make("HfRolesDisagree", DrErrorKind.InvalidState, seen.Replica.Name, $"{seen.Replica.Name} names {name} as its source; {name} does not list it among its replicas.", "The replica and the primary's list agree.",
                "Wait a minute and look again (Get-HfReplication). If they go on disagreeing, ask Azure support before anything else."));
        }

        if (seen is { PrimaryDatabase.SystemIdentifier: { } one, ReplicaDatabase.SystemIdentifier: { } other } && one != other)
        {
            refusals.Add(Make("HfRolesDisagree", DrErrorKind.InvalidState, seen.Replica.Name, $"{seen.Replica.Name} (system {other}) is no copy of {name} (system {one}).", "One system identifier at both.",
                "Check that the names lead to the servers that Azure shows; build the replica anew if they do."));
        }

        if (seen is { DatabaseAccess: true, ReplicaDatabase: null, ReplicaFailure: { ErrorId: "HfDatabaseSignInFailed" or "HfDatabaseTlsFailed" } failure })
        {
            // A wrong password is not a replica that is down. A forced failover goes on without looking.
            refusals.Add(Make(failure.ErrorId, failure.Kind, seen.Replica.Name, failure.Message, "A sign-in of the connection's database user.", failure.NextStep ?? "Check the database credential."));
        }
        else if (seen.DatabaseAccess && seen.ReplicaDatabase is null)
        {
            refusals.Add(Make("HfReplicaNotReady", DrErrorKind.InvalidState, seen.Replica.Name, $"The database of {seen.Replica.Name} does not answer: {seen.ReplicaProblem ?? "no reason was given"}",
                "A replica whose catch-up can be seen.", "Make its database reachable from here, or connect without a database credential to trust Azure alone."));
        }

        if (seen.ReplicaDatabase?.ReplayPaused == true)
            refusals.Add(Make("HfReplayPaused", DrErrorKind.InvalidState, seen.Replica.Name, $"Replay is paused at {seen.Replica.Name}.", "A replica that replays.", "Run SELECT pg_wal_replay_resume() there."));

        refusals.AddRange(seen.PrimaryLocks.Where(l => Is(l.Level, "ReadOnly")).Select(l => Make("HfPrimaryLocked", DrErrorKind.PermissionDenied, name,
            $"Lock '{l.Name}' at {l.Scope} is ReadOnly and forbids the fence.", "No ReadOnly lock on the primary.", Unlocking(l))));
        refusals.AddRange(DebtsOf(seen).Where(d => !BlocksFailback(seen, d)).Select(d => Make("HfFenceOwed", DrErrorKind.InvalidState, d.Server,
            $"{d.Server} still owes a fence since {d.Since:u} (run {d.RunId}).", "No fence debt: two servers could take writes.", $"Pay it first: Complete-HfFence -ResourceId {d.ServerId}.")));
    }

    /// <summary>What a forced failover would lose, as far as it can be said before.</summary>
    public static Refusal Consent(FailoverObservation seen, ReplicationStatus lag)
    {
        var bytes = lag.LagBytes is { } behind ? Number(behind) : "not known (the primary does not answer)";
        var seconds = lag.LagSeconds is { } age ? Seconds(age) : "not known";
        var commit = seen.ReplicaDatabase?.ReplayAgeSeconds is { } replayed ? $"{Seconds(replayed)} s ago" : "not known";
        var waiting = seen.ReplicaDatabase is { } database && Lsn.Difference(database.ReceivedLsn, database.Lsn) is { } received ? $"; received and not yet replayed: {Number(Math.Max(0, received))} bytes" : "";
        return Make("HfDataLossConsentRequired", DrErrorKind.InvalidState, seen.Replica.Name,
            $"A forced failover loses what {seen.Replica.Name} has not received. Seconds behind: {seconds}; bytes behind: {bytes}; last heartbeat (replayed commit): {commit}{waiting}.",
            "Consent to that loss.", "Run it again with -AllowDataLoss, or with -Mode Planned while the primary answers.");
    }

    private static string Seconds(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
