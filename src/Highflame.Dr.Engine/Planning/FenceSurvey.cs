using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Planning;

/// <summary>Gathers what the plan of a fence rests on. The server may well not answer: that is why its fence is owed.</summary>
internal sealed class FenceSurvey
{
    /// <summary>State of a server that Azure no longer has: it cannot take a write.</summary>
    public const string Deleted = "Deleted";

    private const string Stopped = "Stopped";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly AzureConnection _connection;
    private readonly IInventory _inventory;
    private readonly TimeProvider _time;

    public FenceSurvey(AzureConnection connection, IInventory inventory, TimeProvider time)
    {
        _connection = connection;
        _inventory = inventory;
        _time = time;
    }

    public async Task<FenceObservation> TakeAsync(FenceRequest request, RegionPair? pair, RunHandle? run, CancellationToken cancellationToken)
    {
        var store = run?.Store ?? (pair is null ? RunStores.ForServer(request.Server, _time) : RunStores.For(pair, _connection, _time));
        var debts = store.ReadDebts();
        var known = debts.FirstOrDefault(d => AzureId.Same(d.ServerId, request.Server) || string.Equals(d.Server, request.Server, StringComparison.OrdinalIgnoreCase));
        var server = await FindAsync(request, known, cancellationToken).ConfigureAwait(false);
        var debt = debts.FirstOrDefault(d => AzureId.Same(d.ServerId, server.ResourceId));
        var promotion = ReplacedIn(store, run, server);
        var promoted = promotion?.Record.Server;
        var looking = request.AssumePromoted ? Task.FromResult<Sighting?>(null) : LookAtSuccessorAsync(server, debt, promotion?.Record, cancellationToken);
        var database = _connection.Databases.Asks(server.HostName) && server.State is not (Stopped or Deleted)
            ? await Glimpse.OfDatabaseAsync(_connection.Databases, server.HostName, Patience, _time, cancellationToken).ConfigureAwait(false)
            : default;
        return new FenceObservation
        {
            At = _time.GetUtcNow(),
            Server = server,
            Database = database.Value,
            Debt = debt,
            PromotedByRun = promoted,
            Successor = promoted ?? (debt is null ? null : AzureId.NameOf(debt.PromotedId)),
            SuccessorIs = await looking.ConfigureAwait(false),
            PromotionJournaled = promotion is { Done: true } || (debt is not null && JournaledFor(store, debt)),
            ReplacedBy = pair is null || promoted is not null ? null : await ReplacedByAsync(server, pair, cancellationToken).ConfigureAwait(false),
        };
    }

    private async Task<DbServer> FindAsync(FenceRequest request, FenceDebt? debt, CancellationToken cancellationToken)
    {
        if (debt is null) return await _inventory.GetServerAsync(request.Server, request.ResourceGroup, cancellationToken).ConfigureAwait(false);
        return await _inventory.TryGetServerAsync(debt.ServerId, cancellationToken).ConfigureAwait(false) ?? new DbServer
        {
            Name = debt.Server,
            ResourceId = debt.ServerId,
            ResourceGroup = AzureId.GroupOf(debt.ServerId),
            Location = "",
            Role = DbRole.Unknown,
            State = Deleted,
            HostName = debt.Server + ".postgres.database.azure.com",
        };
    }

    // The open run counts, without one the unfinished one of the store. A run that has ended says nothing about a server that runs: it may have been put back
    // into use since. Of a stopped one it says that there is nothing left to do.
    private static Replacement? ReplacedIn(RunStore store, RunHandle? run, DbServer server)
    {
        if (run is not null && PromotedFrom(run.Journal.State, server.ResourceId) is { } own) return own;
        var ended = string.Equals(server.State, Stopped, StringComparison.OrdinalIgnoreCase);
        return store.ReadRuns().Where(r => ended || (run is null && r.State.Finished is null)).Select(r => PromotedFrom(r.State, server.ResourceId)).FirstOrDefault(n => n is not null);
    }

    private static Replacement? PromotedFrom(JournalState state, string serverId)
    {
        if (state.Fact<PromotionRecord>(PromotionRecord.FactName) is not { } record || !AzureId.Same(record.OldPrimaryId, serverId)) return null;
        return RecordedPromotion.Find(state, record.ServerId) is not null ? new Replacement(record, IsDone(state, record.ServerId)) : null;
    }

    private static bool IsDone(JournalState state, string promotedId) =>
        state.Steps.Any(s => s.Name == StepNames.Promote && AzureId.Same(s.Target, promotedId) && s.Outcome is StepOutcome.Succeeded or StepOutcome.NoChange)
        || state.Operations.LastOrDefault(o => o.Name == OperationNames.Promote && AzureId.Same(o.Target, promotedId)) is { Outcome: StepOutcome.Succeeded };

    // The run that owes it may have ended long ago.
    private static bool JournaledFor(RunStore store, FenceDebt debt) => store.ReadRuns().Any(r => r.State.RunId == debt.RunId && IsDone(r.State, debt.PromotedId));

    private async Task<Sighting?> LookAtSuccessorAsync(DbServer server, FenceDebt? debt, PromotionRecord? record, CancellationToken cancellationToken)
    {
        if ((record?.ServerId ?? debt?.PromotedId) is not { } id) return null;
        return await PromotionSight.LookAsync(_inventory, _connection.Databases, id, record?.HostName ?? FailoverSurvey.HostOf(server, id), _time, cancellationToken).ConfigureAwait(false);
    }

    private sealed record Replacement(PromotionRecord Record, bool Done);

    // Without a journal: a primary that was created from this server takes the traffic now.
    private async Task<string?> ReplacedByAsync(DbServer server, RegionPair pair, CancellationToken cancellationToken)
    {
        var servers = await Glimpse.OfAsync<IReadOnlyList<DbServer>>(async token => await _inventory.GetServersAsync(new DbServerQuery(Pair: pair), token).ConfigureAwait(false), null, _time, cancellationToken).ConfigureAwait(false);
        var profile = await Glimpse.OfAsync<TrafficProfile>(async token => await _inventory.GetProfileAsync(pair.Traffic.ProfileId, token).ConfigureAwait(false), null, _time, cancellationToken).ConfigureAwait(false);
        var active = await pair.FindRegionAtAsync(pair.EndpointIn(profile.Value)?.Target, _connection.Names, null, cancellationToken).ConfigureAwait(false);
        if (active is null || AzureLocation.Same(active.Location, server.Location)) return null;
        return servers.Value?.FirstOrDefault(s => s.Role == DbRole.Primary && AzureId.Same(s.SourceServerResourceId, server.ResourceId) && AzureLocation.Same(s.Location, active.Location))?.Name;
    }
}
