using System.Net;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Notifications;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Engine.Readiness;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Planning;
using Highflame.Dr.Readiness;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Engine.Watch;

/// <summary>One round: what is remembered, every witness at once, what forbids a failover, the decision as one step in the run store, and those who are told of it.</summary>
internal sealed class WatchRound
{
    private const string Document = "watch.json";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ToldWhileActing = TimeSpan.FromMilliseconds(500);
    private readonly AzureConnection _connection;
    private readonly AzureInventory _inventory;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public WatchRound(AzureConnection connection, AzureInventory inventory, TimeProvider time, IDrObserver observer)
    {
        _connection = connection;
        _inventory = inventory;
        _time = time;
        _observer = observer;
    }

    public async Task<WatchEvent> RunAsync(RegionPair pair, CancellationToken cancellationToken)
    {
        var store = RunStores.For(pair, _connection, _time);
        var (known, storeProblem) = await Task.Run(() => Recall(store), cancellationToken).ConfigureAwait(false);
        // What forbids a failover is looked at when one may be asked for in this round, and beside the witnesses.
        var guarded = known is not null && WatchDecision.NeedsGuards(pair.Watch, known, _time.GetUtcNow());
        var passive = known?.Pair is { } remembered && pair.FindRegion(remembered.Active) is { } region ? pair.OtherThan(region).Location : null;
        var guards = guarded ? GuardsAsync(pair, store, passive, cancellationToken) : null;
        var sight = await LookAsync(pair, known, cancellationToken).ConfigureAwait(false);
        if (guards is not null) sight = sight with { Guards = await guards.ConfigureAwait(false), At = _time.GetUtcNow() };
        var result = await Task.Run(() => Decide(pair, store, sight, storeProblem), cancellationToken).ConfigureAwait(false);
        if (result.Action != WatchAction.None && pair.Notifications.Any)
        {
            var told = new Notifier(_connection, _time).SendAsync(pair, WatchNotice.Of(result), _observer, cancellationToken);
            // A failover does not wait for those who are told of it.
            if (result.Action == WatchAction.Failover) await Task.WhenAny(told, Task.Delay(ToldWhileActing, _time, cancellationToken)).ConfigureAwait(false);
            else await told.ConfigureAwait(false);
        }

        return result;
    }

    private static (WatchMemory? Memory, string? Problem) Recall(RunStore store)
    {
        try
        {
            return (store.ReadDocument<WatchMemory>(Document), null);
        }
        catch (DrException e)
        {
            return (null, e.Message);
        }
    }

    private WatchEvent Decide(RegionPair pair, RunStore store, WatchSight sight, string? problem)
    {
        try
        {
            if (problem is null) return store.ChangeDocument<WatchMemory, WatchEvent>(Document, memory => WatchDecision.Decide(pair, memory, sight));
        }
        catch (DrException e)
        {
            problem = e.Message;
        }

        // Without a memory nothing is asked for: a watcher that forgets would act on a moment.
        _observer.Warning($"What this watch must remember cannot be kept, so it asks for nothing: {problem}");
        return WatchDecision.Decide(pair, null, sight).Event with { Action = WatchAction.None, Alert = null };
    }

    private async Task<WatchSight> LookAsync(RegionPair pair, WatchMemory? known, CancellationToken cancellationToken)
    {
        var rules = pair.Watch;
        var limit = TimeSpan.FromSeconds(rules.TimeoutSeconds);
        var web = new WebWitnesses(_connection, pair, _time);
        var checking = web.SelfCheckAsync(cancellationToken);
        var readingServers = Glimpse.OfAsync<IReadOnlyList<DbServer>>(async token => await _inventory.GetServersAsync(new DbServerQuery(Pair: pair), token).ConfigureAwait(false), limit, _time, cancellationToken);
        var profileAt = _time.GetTimestamp();
        var profile = await Glimpse.OfAsync<TrafficProfile>(async token => await _inventory.GetProfileAsync(pair.Traffic.ProfileId, token).ConfigureAwait(false), limit, _time, cancellationToken).ConfigureAwait(false);
        var active = await ActiveAsync(pair, profile.Value, cancellationToken).ConfigureAwait(false) ?? (known?.Pair is { } remembered ? pair.FindRegion(remembered.Active) : null);
        var passive = active is null ? null : pair.OtherThan(active);
        var azure = new AzureWitnesses(_connection, _time);
        var witnesses = new List<Task<Witness>>
        {
            Task.FromResult(azure.TrafficManager(pair, profile, _time.GetElapsedTime(profileAt).TotalMilliseconds)),
        };
        if (active is not null)
        {
            witnesses.Add(web.GatewayAsync(WitnessKind.Gateway, active, cancellationToken));
            witnesses.Add(web.GatewayAsync(WitnessKind.StandbyGateway, passive!, cancellationToken));
            witnesses.Add(azure.ResourceHealthAsync(pair, active, limit, cancellationToken));
            witnesses.AddRange(rules.VantagePoints.Select(v => web.VantageAsync(v, active, cancellationToken)));
        }

        var servers = await readingServers.ConfigureAwait(false);
        var facts = active is null ? null : Known(known?.Pair, active, passive!, servers.Value);
        var databases = new DatabaseWitnesses(_connection, pair, _time);
        var primary = databases.PrimaryAsync(facts?.PrimaryHost, cancellationToken);
        var replica = databases.ReplicaAsync(facts?.ReplicaHost, passive?.Location ?? "(unknown)", cancellationToken);
        var seen = await Task.WhenAll(witnesses).ConfigureAwait(false);
        var (primaryWitness, primaryDatabase) = await primary.ConfigureAwait(false);
        var (replicaWitness, stream) = await replica.ConfigureAwait(false);
        return new WatchSight
        {
            At = _time.GetUtcNow(),
            Watcher = $"process {Environment.ProcessId} on {Environment.MachineName}",
            Witnesses = [.. await checking.ConfigureAwait(false), .. seen, primaryWitness, replicaWitness],
            Active = active?.Location,
            Passive = passive?.Location,
            Pair = facts,
            PrimaryLsn = Lsn.Parse(primaryDatabase is { InRecovery: false } ? primaryDatabase.Lsn : stream?.Receiver?.PrimaryEnd)?.Value,
            ReceivedLsn = Lsn.Parse(stream?.Database.ReceivedLsn ?? stream?.Database.Lsn)?.Value,
            ReplayAgeSeconds = stream?.Database.ReplayAgeSeconds,
        };
    }

    private async Task<PairRegion?> ActiveAsync(RegionPair pair, TrafficProfile? profile, CancellationToken cancellationToken)
    {
        if (pair.EndpointIn(profile) is not { Status: not "Disabled", Target: { } target }) return null;
        if (pair.RegionAt(target) is { } named) return named;
        var wanted = await ResolveAsync(target, cancellationToken).ConfigureAwait(false);
        foreach (var region in pair.Regions)
            if ((await ResolveAsync(region.GatewayTarget, cancellationToken).ConfigureAwait(false)).Intersect(wanted).Any()) return region;
        return null;
    }

    private async Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken) =>
        (await Glimpse.OfAsync<IPAddress[]>(async token => await _connection.Names.ResolveAsync(name, token).ConfigureAwait(false), TimeSpan.FromSeconds(3), _time, cancellationToken).ConfigureAwait(false)).Value ?? [];

    // What Azure does not tell now is remembered, for as long as traffic goes the same way.
    private static KnownPair Known(KnownPair? known, PairRegion active, PairRegion passive, IReadOnlyList<DbServer>? servers)
    {
        var before = known is not null && AzureLocation.Same(known.Active, active.Location) ? known : null;
        var reading = servers is null ? null : PairStateRules.Judge(active, passive, servers);
        var (primary, replica) = (reading?.Primary, reading?.Replica);
        var replicaHost = replica?.HostName is { Length: > 0 } own ? own : before?.ReplicaHost;
        var primaryHost = primary is { HostName.Length: > 0, State: not ServerMapping.UnknownState } ? primary.HostName
            : before?.PrimaryHost ?? (replica?.SourceServerResourceId is { } source ? FailoverSurvey.HostOf(replica, source) : null);
        return new KnownPair
        {
            Active = active.Location,
            PrimaryId = primary?.ResourceId ?? before?.PrimaryId,
            PrimaryHost = primaryHost,
            ReplicaId = replica?.ResourceId ?? before?.ReplicaId,
            ReplicaHost = replicaHost,
        };
    }

    private async Task<WatchGuards> GuardsAsync(RegionPair pair, RunStore store, string? passive, CancellationToken cancellationToken)
    {
        try
        {
            var reading = Task.Run(() => WatchGuards.Read(store), cancellationToken);
            var (refusals, problem) = await PreflightAsync(pair, passive, cancellationToken).ConfigureAwait(false);
            return await reading.ConfigureAwait(false) with { Preflight = refusals, Problem = problem };
        }
        catch (DrException e)
        {
            return new WatchGuards { Problem = e.Message };
        }
    }

    /// <summary>The preflight of a forced failover, as Test-HfReadiness makes it; but what makes the other region unable to serve refuses, for nobody is there to put it right.</summary>
    private async Task<(Refusal[] Refusals, string? Problem)> PreflightAsync(RegionPair pair, string? to, CancellationToken cancellationToken)
    {
        if (to is null) return ([], "which region is passive is not known");
        var survey = new ReadinessSurvey(_connection, _inventory, _time, new QuietObserver());
        var seen = await Glimpse.OfAsync<ReadinessObservation>(
            async token => await survey.TakeAsync(new ReadinessRequest { Pair = pair, To = to, Mode = FailoverMode.Forced }, null, token).ConfigureAwait(false), Patience, _time, cancellationToken).ConfigureAwait(false);
        return seen.Value is not { } observation ? ([], $"the failover to {to} cannot be checked: {seen.Problem}")
            : ([.. ReadinessRules.Judge(observation, unattended: true).Where(f => f.Severity == ReadinessSeverity.Refusal).Select(f => Refuse.Make(f.Code, DrErrorKind.InvalidState, f.Resource, f.Observed, f.Required, f.Remedy))], null);
    }

    // A round is repeated every few seconds: what its parts report on the way is in its result.
    private sealed class QuietObserver : IDrObserver
    {
        public void Progress(DrProgress progress)
        {
        }

        public void Verbose(string message)
        {
        }

        public void Warning(string message)
        {
        }

        public void Information(string message)
        {
        }
    }
}
