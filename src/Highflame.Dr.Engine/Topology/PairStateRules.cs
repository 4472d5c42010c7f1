using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Topology;

/// <summary>What the two regions' servers mean together.</summary>
/// <param name="State">State of the pair, runs apart.</param>
/// <param name="Primary">The server that takes writes; where its region does not answer, the one that the replica copies from.</param>
/// <param name="Replica">The server that could take over.</param>
/// <param name="Warning">What could not be decided; null when nothing.</param>
internal sealed record PairReading(PairState State, DbServer? Primary, DbServer? Replica, string? Warning = null);

/// <summary>Pure rules: from where traffic goes and what each server does to the state of the pair.</summary>
internal static class PairStateRules
{
    private static readonly string[] NotServing = ["Stopped", "Stopping", "Disabled", "Dropping", "Inaccessible"];

    public static PairReading Judge(PairRegion? active, PairRegion? passive, IReadOnlyList<DbServer> servers)
    {
        if (active is null || passive is null)
        {
            var anywhere = Linked(servers, servers);
            return new(PairState.Unknown, anywhere?.Primary, anywhere?.Replica);
        }
        var here = servers.Where(s => IsIn(s, active)).ToArray();
        var there = servers.Where(s => IsIn(s, passive)).ToArray();

        if (Linked(here, there) is { } pair) return new(IsProtecting(pair.Replica) ? PairState.Protected : PairState.Unprotected, pair.Primary, pair.Replica);

        var primaries = here.Where(IsServingPrimary).ToArray();
        if (primaries.Length > 0)
            return primaries is [var alone]
                ? new(PairState.Unprotected, alone, null)
                : new(PairState.Unprotected, null, null, $"{active.Location} has {primaries.Length} primaries and none has a replica in {passive.Location}: {Names(primaries)}.");

        var elsewhere = there.Where(IsServingPrimary).ToArray();
        if (elsewhere.Length > 0)
        {
            var crossed = Linked(there, here);
            return crossed is not null
                ? new(PairState.Misrouted, crossed.Value.Primary, crossed.Value.Replica)
                : new(PairState.Misrouted, elsewhere.Length == 1 ? elsewhere[0] : null, null, elsewhere.Length == 1 ? null : $"{passive.Location} has {elsewhere.Length} primaries: {Names(elsewhere)}.");
        }

        // The active region does not answer, or has no server that serves. The replica still knows what it copied from.
        var replicas = there.Where(s => s.Role == DbRole.Replica).ToArray();
        var replica = Array.Find(replicas, r => SourceOf(r, here) is not null) ?? (replicas is [var only] ? only : null);
        return new(PairState.Unknown, replica is null ? null : SourceOf(replica, here), replica,
            replica is null && replicas.Length > 1 ? $"{passive.Location} has {replicas.Length} replicas: {Names(replicas)}." : null);
    }

    /// <summary>A server belongs to the region of its location; one whose location is not known, to that of its resource group.</summary>
    private static bool IsIn(DbServer server, PairRegion region) => server.Location.Length > 0
        ? AzureLocation.Same(server.Location, region.Location)
        : server.ResourceGroup.Equals(region.ResourceGroup, StringComparison.OrdinalIgnoreCase);

    private static (DbServer Primary, DbServer Replica)? Linked(IReadOnlyList<DbServer> primaries, IReadOnlyList<DbServer> replicas)
    {
        var links = from replica in replicas
                    where replica.Role == DbRole.Replica
                    from primary in primaries
                    where IsServingPrimary(primary) && AzureId.Same(primary.ResourceId, replica.SourceServerResourceId)
                    orderby IsProtecting(replica) descending
                    select (primary, replica);
        return links.Select(l => ((DbServer, DbServer)?)l).FirstOrDefault();
    }

    private static DbServer? SourceOf(DbServer replica, IEnumerable<DbServer> servers) =>
        servers.FirstOrDefault(s => AzureId.Same(s.ResourceId, replica.SourceServerResourceId));

    private static bool IsServingPrimary(DbServer server) => server.Role == DbRole.Primary && !NotServing.Contains(server.State, StringComparer.OrdinalIgnoreCase);

    private static bool IsProtecting(DbServer replica) =>
        !NotServing.Contains(replica.State, StringComparer.OrdinalIgnoreCase)
        && !string.Equals(replica.State, "Provisioning", StringComparison.OrdinalIgnoreCase)
        && replica.ReplicationState?.ToUpperInvariant() is not ("BROKEN" or "PROVISIONING");

    private static string Names(IEnumerable<DbServer> servers) => string.Join(", ", servers.Select(s => s.Name));
}
