using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;
using static Highflame.Dr.Engine.Azure.AzureWord;

namespace Highflame.Dr.Engine.Planning;

/// <summary>What somebody should know before a failover that goes on all the same.</summary>
internal sealed record Caution(string Code, string Resource, string Observed, string Required, string Remedy)
{
    public override string ToString() => $"{Code}: {Observed}";
}

/// <summary>The cautions of a failover: one set for Invoke-HfDbFailover and Test-HfReadiness. Pure.</summary>
internal static class FailoverWarnings
{
    public static IEnumerable<Caution> Of(FailoverObservation seen, FailoverRequest request, ReplicationStatus lag)
    {
        var replica = seen.Replica.Name;
        if (!seen.DatabaseAccess)
        {
            yield return new("HfNotProven", replica, "The connection has no database credential for it: what happens is seen through Azure alone, and zero loss is not proven.",
                "A database credential.", "Connect with -DatabaseCredential to have it proven.");
        }

        foreach (var caution in request.Mode == FailoverMode.Planned ? Planned(seen, request, lag) : Forced(seen, lag)) yield return caution;
    }

    /// <summary>True when the old primary is seen to answer.</summary>
    public static bool PrimaryAnswers(FailoverObservation seen) =>
        seen.Primary is not null && (seen.DatabaseAccess ? seen.PrimaryDatabase is { InRecovery: false } : Is(seen.Primary.State, "Ready"));

    // They say how long writes stay fenced.
    private static IEnumerable<Caution> Planned(FailoverObservation seen, FailoverRequest request, ReplicationStatus lag)
    {
        var replica = seen.Replica.Name;
        if (request is { Promotion: DbPromotion.Switchover, AssumeGrown: true } && SwitchoverRefusals.Grows(seen))
            yield return new("HfReplicaGrowsFirst", replica, $"{replica} has {seen.Replica.Sku}, {seen.Primary!.Name} has {seen.Primary.Sku}: a switchover needs the same. The runbook gives {replica} {seen.Grows!.Sku} first, as the pair file says, which restarts it while it is a replica.", "The same compute at both.", $"Nothing for the runbook. By hand: Set-HfRegionCapacity -Location {seen.Replica.Location} -Role Active -Part Database.");
        // The cause is refused for; how far behind it has left the replica says nothing more.
        if (Is(seen.ReplicationState ?? seen.Replica.ReplicationState, "Broken") || seen.ReplicaDatabase?.ReplayPaused == true || seen is { DatabaseAccess: true, ReplicaDatabase: null }) yield break;
        var fenced = $"Writes stay fenced until it has caught up, at most {request.CatchUpTimeoutSeconds:0.#} s.";
        if (lag.LagBytes is null && lag.LagSeconds is null)
            yield return new("HfLagUnknown", replica, $"How far {replica} is behind is not known. {fenced}", "A measured lag.", "Look at Get-HfReplication; connect with -DatabaseCredential.");
        else if (seen.RpoSeconds is { } objective && lag.LagSeconds > objective)
            yield return new("HfLagTooHigh", replica, $"{replica} is {lag.LagSeconds:0.#} s{Bytes(lag)} behind, more than the objective of {objective:0.#} s. {fenced}", $"At most {objective:0.#} s behind.", "Wait until it is closer (Get-HfReplication); see what loads the primary or the link.");
        if (seen is { PrimaryDatabase.InRecovery: false, Senders: [], ReplicaDatabase.InRecovery: true })
            yield return new("HfReplicationDisconnected", replica, $"No replica is connected to {lag.Primary ?? "the primary"}: {replica} receives nothing now. {fenced}", "A replica that streams.", "Wait a minute and look again (Get-HfReplication). If it stays so, look at the network between the regions.");
        else if (Is(lag.State, "catchup"))
            yield return new("HfReplicationCatchingUp", replica, $"{replica} is catching up. {fenced}", "A replica that streams.", "Wait until Get-HfReplication shows it streaming.");
    }

    private static IEnumerable<Caution> Forced(FailoverObservation seen, ReplicationStatus lag)
    {
        var replica = seen.Replica.Name;
        if (seen.DatabaseAccess && seen.ReplicaDatabase is null)
            yield return new("HfReplicaSilent", replica, $"The database of {replica} does not answer: {seen.ReplicaProblem ?? "no reason was given"}", "A database that answers.", "Look at the server in Azure. The promotion can be asked for all the same; it is then seen through Azure alone.");
        if (PrimaryAnswers(seen))
            yield return new("HfPrimaryHealthy", seen.Primary!.Name, $"{seen.Primary!.Name} still answers. Every write it acknowledges until it is fenced is lost. A planned failover loses none.", "A primary that is lost.", "Use -Mode Planned while it answers.");
        if (seen.RpoSeconds is { } objective && lag.LagSeconds > objective)
            yield return new("HfLagTooHigh", replica, $"The last commit that {replica} replayed is {lag.LagSeconds:0.#} s old, more than the objective of {objective:0.#} s.", $"At most {objective:0.#} s.", "Nothing here: the loss is stated after the failover (Get-HfLostWrite).");
        if (seen.ReplicaDatabase?.ReplayPaused == true)
            yield return new("HfReplayPaused", replica, $"Replay is paused at {replica}; a forced promotion ends the pause and replays what was received.", "A replica that replays.", "Run SELECT pg_wal_replay_resume() there.");
        foreach (var debt in FailoverRefusals.DebtsOf(seen).Where(d => !FailoverRefusals.BlocksFailback(seen, d)))
            yield return new("HfFenceOwed", debt.Server, $"{debt.Server} still owes a fence since {debt.Since:u}.", "No fence debt.", $"Pay it as soon as the server answers: Complete-HfFence -ResourceId {debt.ServerId}.");
    }

    private static string Bytes(ReplicationStatus lag) => lag.LagBytes is { } bytes ? $" ({bytes.ToString(System.Globalization.CultureInfo.InvariantCulture)} bytes)" : "";
}
