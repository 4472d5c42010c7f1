using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Dns;
using Highflame.Dr.Engine.Evidence;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Http;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Locks;
using Highflame.Dr.Engine.Loss;
using Highflame.Dr.Engine.Notifications;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Engine.Replication;
using Highflame.Dr.Engine.Traffic;
using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Health;
using Highflame.Dr.Planning;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine;

/// <summary>The part of the composition root that belongs to failovers, replicas, fences, runs, evidence, health and replication.</summary>
public sealed partial class DrEngine
{
    public Task<IReadOnlyList<ReplicationStatus>> GetReplicationAsync(DrConnection connection, DbServerQuery query, IDrObserver observer, CancellationToken cancellationToken) =>
        new ReplicationReading(AzureConnection.From(connection).Databases, InventoryOf(connection, observer), _time, observer).ReadAsync(query, cancellationToken);

    public Task<IReadOnlyList<HealthVerdict>> TestHealthAsync(DrConnection connection, HealthRequest request, IDrObserver observer, CancellationToken cancellationToken) =>
        new HealthRounds(AzureConnection.From(connection), InventoryOf(connection, observer), _time, observer).RunAsync(request, cancellationToken);

    public Task<IReadOnlyList<TrafficRoute>> TestRouteAsync(DrConnection connection, RouteRequest request, IDrObserver observer, CancellationToken cancellationToken) =>
        new RouteTest(AzureConnection.From(connection), InventoryOf(connection, observer), _time, observer).RunAsync(request, cancellationToken);

    public async Task<FailoverPlan> PlanFailoverAsync(DrConnection connection, FailoverRequest request, RegionPair? pair, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken) =>
        FailoverPlanner.Plan(await new FailoverSurvey(AzureConnection.From(connection), InventoryOf(connection, observer), _time).TakeAsync(request, pair, run as RunHandle, cancellationToken).ConfigureAwait(false), request);

    public async Task<ReplicaPlan> PlanReplicaAsync(DrConnection connection, ReplicaRequest request, RegionPair? pair, IDrObserver observer, CancellationToken cancellationToken) =>
        ReplicaPlanner.Plan(await new ReplicaSurvey(AzureConnection.From(connection), InventoryOf(connection, observer), _time).TakeAsync(request, pair, cancellationToken).ConfigureAwait(false), request);

    public async Task<FencePlan> PlanFenceAsync(DrConnection connection, FenceRequest request, RegionPair? pair, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken) =>
        FencePlanner.Plan(await new FenceSurvey(AzureConnection.From(connection), InventoryOf(connection, observer), _time).TakeAsync(request, pair, run as RunHandle, cancellationToken).ConfigureAwait(false), request);

    public async Task<DbFailover> ExecuteAsync(DrConnection connection, FailoverPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        PlanRefused.ThrowIfAny(plan);
        var azure = AzureConnection.From(connection);
        if (options is { Run: null, Pair: { } own }) await StoreRegion.CheckAsync(azure, own, plan.Replica!.Location, observer, cancellationToken).ConfigureAwait(false);
        using var scope = RunScope.For(plan, options, azure, _time);
        var tools = ToolsOf(connection, scope.Run, observer);
        try
        {
            var result = await new FailoverExecution(tools).ExecuteAsync(plan, options.NoWait, cancellationToken).ConfigureAwait(false);
            scope.End(result.Outcome);
            return result;
        }
        catch (DrException e) when (e.ErrorId != "HfOutcomeUnknown" && !JournalTrouble.Is(e))
        {
            scope.End(StepOutcome.Failed);
            throw;
        }
    }

    public Task<DbReplica> ExecuteAsync(DrConnection connection, ReplicaPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        PlanRefused.ThrowIfAny(plan);
        return new ReplicaExecution(AzureConnection.From(connection), InventoryOf(connection, observer), OperationWatchOf(connection, observer), RunHandle.JournalOf(options.Run, _time), _time, observer)
            .ExecuteAsync(plan, options.NoWait, cancellationToken);
    }

    public Task<DbFence> ExecuteAsync(DrConnection connection, FencePlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        PlanRefused.ThrowIfAny(plan);
        var store = options.Run is RunHandle run ? run.Store : options.Pair is { } pair ? RunStores.For(pair, AzureConnection.From(connection), _time) : RunStores.ForServer(plan.Server!.Name, _time);
        return new FenceExecution(AzureConnection.From(connection), InventoryOf(connection, observer), OperationWatchOf(connection, observer), store, RunHandle.JournalOf(options.Run, _time), _time, observer)
            .ExecuteAsync(plan, cancellationToken);
    }

    public async Task<DrRunHandle> StartRunAsync(DrConnection connection, RunRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        var azure = AzureConnection.From(connection);
        await StoreRegion.CheckAsync(azure, request.Pair, request.To, observer, cancellationToken).ConfigureAwait(false);
        var run = await Task.Run(() => RunStores.For(request.Pair, azure, _time).Start(request.To, request.Mode, request.Before), cancellationToken).ConfigureAwait(false);
        try
        {
            run.Connection = azure;
            run.Pair = request.Pair;
            if (request.Pair.Notifications.Any) run.Notices = RunNotices.Begin(request.Pair, run, new Notifier(azure, _time), _time);
            azure.BeginTellingOnce();
            await new FenceSettlement(ToolsOf(connection, run, observer)).BeginAsync(request, cancellationToken).ConfigureAwait(false);
            await new LockSettlement(azure.Arm, run, _time, observer).BeginAsync(request.Pair, request.Mode, cancellationToken).ConfigureAwait(false);
            await KeepSettingsAsync(azure, run, observer, cancellationToken).ConfigureAwait(false);
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    public Task<IReadOnlyList<RunStatus>> GetRunsAsync(DrConnection? connection, RegionPair pair, CancellationToken cancellationToken) => Task.Run<IReadOnlyList<RunStatus>>(
        () => RunListing.Of(RunStores.For(pair, connection is null ? null : AzureConnection.From(connection), _time)), cancellationToken);

    public EvidenceCheck CheckEvidence(string path) => EvidenceVerification.Check(path);

    public async Task<DrRun> CompleteRunAsync(DrRunHandle run, StepOutcome outcome, IDrObserver observer, CancellationToken cancellationToken)
    {
        var handle = RunHandle.From(run);
        if (outcome == StepOutcome.Failed && handle.Connection is { } connection) await new FenceSettlement(ToolsOf(connection, handle, observer)).GiveUpAsync(cancellationToken).ConfigureAwait(false);
        // Whatever became of it: no lock that it took away stays away.
        if (handle is { Connection: { } azure, Pair: { } pair }) await new LockSettlement(azure.Arm, handle, _time, observer).EndAsync(pair, cancellationToken).ConfigureAwait(false);
        var ended = handle.Store.Complete(handle, outcome);
        handle.Connection?.EndTellingOnce();
        // The lease is given back already: the last notices hold nobody up.
        if (handle.Notices is { } notices) await notices.FinishAsync(observer, cancellationToken).ConfigureAwait(false);
        return ended;
    }

    public Task<IReadOnlyList<DrOperation>> GetJournaledOperationsAsync(DrConnection connection, RegionPair pair, CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<DrOperation>>(() => [.. RunStores.For(pair, AzureConnection.From(connection), _time).ReadRuns().SelectMany(r => r.State.Operations.Reverse())], cancellationToken);

    public Task RecordStepAsync(DrRunHandle run, StepResult step, CancellationToken cancellationToken)
    {
        RunHandle.From(run).Journal.RecordStep(step);
        return Task.CompletedTask;
    }

    public Task<RunEvidence> ExportEvidenceAsync(DrConnection? connection, DrRun run, RegionPair pair, string? path, IDrObserver observer, CancellationToken cancellationToken) =>
        new EvidenceExport(connection is null ? null : InventoryOf(connection, observer), RunStores.For(pair, connection is null ? null : AzureConnection.From(connection), _time), _time, observer,
            connection is null ? null : AzureConnection.From(connection).Names, connection is null ? null : BlobFilesOf(connection)).WriteAsync(run, pair, path, cancellationToken);

    public Task<IReadOnlyList<LostWrite>> FindLostWritesAsync(DrConnection connection, LostWriteRequest request, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken) =>
        LossAssessmentOf(connection, request, observer).FindAsync(request, run as RunHandle, cancellationToken);

    public Task<LostWriteExport> ExportLostWritesAsync(DrConnection connection, LostWriteRequest request, string? path, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken) =>
        LossAssessmentOf(connection, request, observer).ExportAsync(request, run as RunHandle, path, cancellationToken);

    public Task<WriterReport> CheckWritersAsync(DrConnection connection, RegionPair pair, IDrObserver observer, CancellationToken cancellationToken) =>
        new WriterCensus(AzureConnection.From(connection), InventoryOf(connection, observer), _time).TakeAsync(pair, cancellationToken);

    public Task<DrillReport> ExportDrillReportAsync(string scenario, RunEvidence evidence, LoadReport load, DrillWatchRequest? watch, string path, CancellationToken cancellationToken) =>
        Task.FromResult(DrillExport.Write(scenario, evidence, load, path, watch));

    /// <summary>What belongs to the end of an operation of a run, before it is handed over: a promotion is concluded and proven, an open step completed.</summary>
    private async IAsyncEnumerable<DrOperation> ConcludingAsync(DrConnection connection, IAsyncEnumerable<DrOperation> ended, DrRunHandle? run, IDrObserver observer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var operation in ended.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (run is null && operation is { Name: OperationNames.Promote, Outcome: StepOutcome.Failed })
                observer.Warning("This session holds no run: what the failover fenced stays fenced. Start-HfRun lifts it, once the replica is seen to be one still.");
            yield return run is RunHandle handle ? await new OperationEnding(ToolsOf(connection, handle, observer)).ConcludeAsync(operation, cancellationToken).ConfigureAwait(false) : operation;
        }
    }

    private FailoverTools ToolsOf(DrConnection connection, RunHandle run, IDrObserver observer) =>
        new(AzureConnection.From(connection), InventoryOf(connection, observer), OperationWatchOf(connection, observer), run, _time, observer);

    private LossAssessment LossAssessmentOf(DrConnection connection, LostWriteRequest request, IDrObserver observer) =>
        new(AzureConnection.From(connection), InventoryOf(connection, observer), RunStores.For(request.Pair, AzureConnection.From(connection), _time), observer);

    /// <summary>The connection's name servers, else the machine's.</summary>
    private static INameResolver CreateResolver(DrConnectionOptions options, TimeProvider time) => new DnsNameResolver(options.Resolvers, time);

    /// <summary>Sessions to the servers with the connection's database credential.</summary>
    private static IDatabases CreateDatabases(DrConnectionOptions options, INameResolver names, X509Certificate2Collection? trustedRoots, TimeProvider time) =>
        new NpgsqlDatabases(options, names, trustedRoots, time);
}
