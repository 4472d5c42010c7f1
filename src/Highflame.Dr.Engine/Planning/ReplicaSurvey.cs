using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Planning;

/// <summary>Gathers what the plan of a new replica rests on, the name that is free included.</summary>
internal sealed class ReplicaSurvey
{
    private readonly AzureConnection _connection;
    private readonly IInventory _inventory;
    private readonly TimeProvider _time;

    public ReplicaSurvey(AzureConnection connection, IInventory inventory, TimeProvider time)
    {
        _connection = connection;
        _inventory = inventory;
        _time = time;
    }

    public async Task<ReplicaObservation> TakeAsync(ReplicaRequest request, RegionPair? pair, CancellationToken cancellationToken)
    {
        var source = await _inventory.GetServerAsync(request.Source, null, cancellationToken).ConfigureAwait(false);
        var recovering = await AskDatabaseAsync(source, cancellationToken).ConfigureAwait(false);
        // Right after a promotion Azure's role field can still read replica (azure-rest-api-specs #22499); the database knows.
        if (recovering == false) source = source with { Role = DbRole.Primary };
        var replicas = source.Role == DbRole.Replica || request.AssumePromoted ? [] : await _inventory.GetReplicasAsync(source.ResourceId, cancellationToken).ConfigureAwait(false);
        var region = pair?.FindRegion(request.Location);
        var group = request.ResourceGroup ?? region?.ResourceGroup ?? source.ResourceGroup;
        var subscription = AzureId.TryParse(source.ResourceId)?.SubscriptionId ?? _connection.Context.SubscriptionId;
        var debts = pair is null ? [] : RunStores.For(pair, _connection, _time).ReadDebts();
        var (name, taken) = ReplicaPlanner.ExistingAt(replicas, request.Location) is not null
            ? (request.Name, false)
            : await FindNameAsync(request, source, pair, region?.ReplicaName, subscription, group, debts, cancellationToken).ConfigureAwait(false);
        return new ReplicaObservation
        {
            At = _time.GetUtcNow(),
            Source = source,
            SourceInRecovery = recovering,
            Replicas = replicas,
            SubscriptionId = subscription,
            ResourceGroup = group,
            Name = name,
            NameTaken = taken,
            Debts = debts,
        };
    }

    private async Task<bool?> AskDatabaseAsync(DbServer source, CancellationToken cancellationToken)
    {
        if (source.Role == DbRole.Primary || !_connection.Databases.Asks(source.HostName)) return null;
        return (await Glimpse.OfDatabaseAsync(_connection.Databases, source.HostName, TimeSpan.FromSeconds(5), _time, cancellationToken).ConfigureAwait(false)).Value?.InRecovery;
    }

    private async Task<(string? Name, bool Taken)> FindNameAsync(
        ReplicaRequest request, DbServer source, RegionPair? pair, string? preferred, string subscription, string group, IReadOnlyList<FenceDebt> debts, CancellationToken cancellationToken)
    {
        var servers = await _inventory.GetServersAsync(new DbServerQuery(Pair: pair), cancellationToken).ConfigureAwait(false);
        if (request.Name is { } asked)
        {
            return ReplicaNames.IsValid(asked) && !await IsFreeAsync(asked.ToLowerInvariant()).ConfigureAwait(false) ? (asked, true) : (asked.ToLowerInvariant(), false);
        }

        var here = servers.Where(s => AzureLocation.Same(s.Location, request.Location)).Select(s => s.Name);
        foreach (var candidate in ReplicaNames.Candidates(preferred, here, source.Name, AzureLocation.Normalize(request.Location)).Where(ReplicaNames.IsValid))
        {
            // An old primary is never replaced under its own name while its fence is owed.
            if (debts.Any(d => d.Server.Equals(candidate, StringComparison.OrdinalIgnoreCase))) continue;
            if (await IsFreeAsync(candidate).ConfigureAwait(false)) return (candidate, false);
        }

        return (null, true);

        async Task<bool> IsFreeAsync(string name)
        {
            if (servers.Any(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase))) return false;
            // The check of all of Azure is a POST: a plan that is only shown asks with GET alone.
            return request.AssumePromoted
                ? await _inventory.TryGetServerAsync(AzureId.Server(subscription, group, name), cancellationToken).ConfigureAwait(false) is null
                : await _inventory.IsServerNameFreeAsync(subscription, name, cancellationToken).ConfigureAwait(false);
        }
    }
}
