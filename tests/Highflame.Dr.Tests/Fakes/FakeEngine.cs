using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Health;
using Highflame.Dr.Planning;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Tests.Fakes;

internal sealed class FakeConnection(DrContext context) : DrConnection
{
    public bool Disposed { get; private set; }

    public override DrContext Context { get; } = context;

    protected override void Dispose(bool disposing) => Disposed = true;
}

internal sealed class FakeRun(DrRun run) : DrRunHandle
{
    public bool Disposed { get; private set; }

    public List<Watch.DrNotice> Told { get; } = [];

    public override void Tell(Watch.DrNotice notice) => Told.Add(notice);

    public override DrRun Run { get; } = run;

    protected override void Dispose(bool disposing) => Disposed = true;
}

/// <summary>
/// Remembers what it was asked and answers with <see cref="Samples"/>. <see cref="On"/> comes before every answer: it may report, throw or hang. Pair files are
/// names here: <c>/any/where/NAME.json</c> is the pair NAME; one that begins with "bad" is malformed.
/// </summary>
internal sealed partial class FakeEngine : IDrEngine
{
    public ConcurrentQueue<(string Method, object? Request)> Calls { get; } = new();

    /// <summary>Called with method, request, observer and token.</summary>
    public Func<string, object?, IDrObserver?, CancellationToken, Task>? On { get; set; }

    public PlanStep[] Steps { get; set; } = [new PlanStep("First", "target-1", "do the first thing", StepClass.Reversible), new PlanStep("Second", "target-2", "do the second thing", StepClass.Irreversible)];

    public Refusal[] Refusals { get; set; } = [];

    public string[] Warnings { get; set; } = [];

    public DateTimeOffset ObservedAt { get; set; } = TimeProvider.System.GetUtcNow();

    public string[] FenceDebt { get; set; } = [];

    public List<DrOperation> Journaled { get; } = [];

    public List<RunStatus> Runs { get; } = [];

    public WriterReport Writers { get; set; } = new([Samples.Writer], []);

    public StepOutcome WaitEndsWith { get; set; } = StepOutcome.Succeeded;

    public string? WaitErrorId { get; set; }

    public StepOutcome FenceEndsWith { get; set; } = StepOutcome.Succeeded;

    public bool? ZeroLossProven { get; set; } = true;

    public StepResult[]? RunSteps { get; set; }

    public bool Healthy { get; set; } = true;

    public FakeRun? LastRun { get; private set; }

    public FakeConnection? LastConnection { get; private set; }

    public string[] Methods => [.. Calls.Select(c => c.Method)];

    public T Last<T>(string method) => (T)Calls.Last(c => c.Method == method).Request!;

    public async Task<DrConnection> ConnectAsync(DrConnectionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("Connect", options, observer, cancellationToken);
        return LastConnection = new FakeConnection(Samples.Context);
    }

    public RegionPair ReadPair(string path)
    {
        Calls.Enqueue(("ReadPair", path));
        string name = Path.GetFileNameWithoutExtension(path);
        if (name.StartsWith("bad", StringComparison.Ordinal))
            throw new DrException("HfPairFileMalformed", DrErrorKind.MalformedData, $"{path}(3): 'regions' expected.", path, "Correct the file.");
        return Samples.Pair(name, path) with { Capacity = Sizes };
    }

    public async Task<RegionPairStatus> GetPairStatusAsync(DrConnection connection, RegionPair pair, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("GetPairStatus", pair, observer, cancellationToken);
        return Samples.Status(pair) with { FenceDebt = FenceDebt, LockDebt = LocksOwed };
    }

    public async Task<IReadOnlyList<DbServer>> GetServersAsync(DrConnection connection, DbServerQuery query, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("GetServers", query, observer, cancellationToken);
        return [.. new[] { Samples.Primary, Samples.Replica }
            .Where(s => query.Name is null || query.Name.Contains('*', StringComparison.Ordinal) || s.Name == query.Name)
            .Where(s => query.ResourceId is null || s.ResourceId == query.ResourceId)];
    }

    public async Task<IReadOnlyList<ReplicationStatus>> GetReplicationAsync(DrConnection connection, DbServerQuery query, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("GetReplication", query, observer, cancellationToken);
        return [Samples.Replication];
    }

    public async Task<TrafficProfile> GetProfileAsync(DrConnection connection, string profileId, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("GetProfile", profileId, observer, cancellationToken);
        return Samples.Profile;
    }

    public async Task<IReadOnlyList<TrafficEndpoint>> GetEndpointsAsync(DrConnection connection, EndpointQuery query, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("GetEndpoints", query, observer, cancellationToken);
        return [Samples.Endpoint];
    }

    public async Task<IReadOnlyList<HealthVerdict>> TestHealthAsync(DrConnection connection, HealthRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("TestHealth", request, observer, cancellationToken);
        return [.. request.Via.Select(v => Samples.Verdict with { Via = v, Healthy = Healthy })];
    }

    public async Task<IReadOnlyList<TrafficRoute>> TestRouteAsync(DrConnection connection, RouteRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("TestRoute", request, observer, cancellationToken);
        return [Samples.Route];
    }

    public async Task<FailoverPlan> PlanFailoverAsync(DrConnection connection, FailoverRequest request, RegionPair? pair, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("PlanFailover", request, observer, cancellationToken);
        return new FailoverPlan { Title = $"Promote {request.Server}", Request = request, Steps = Steps, Refusals = Refusals, Warnings = Warnings, ObservedAt = ObservedAt };
    }

    public async Task<ReplicaPlan> PlanReplicaAsync(DrConnection connection, ReplicaRequest request, RegionPair? pair, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("PlanReplica", request, observer, cancellationToken);
        return new ReplicaPlan { Title = $"Build a replica in {request.Location}", Request = request, Steps = Steps, Refusals = Refusals, Warnings = Warnings, ObservedAt = ObservedAt };
    }

    public async Task<EndpointPlan> PlanEndpointAsync(DrConnection connection, EndpointRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("PlanEndpoint", request, observer, cancellationToken);
        return new EndpointPlan { Title = $"Change {request.EndpointId}", Request = request, Steps = Steps, Refusals = Refusals, Warnings = Warnings, ObservedAt = ObservedAt };
    }

    public async Task<ProfilePlan> PlanProfileAsync(DrConnection connection, ProfileRequest request, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("PlanProfile", request, observer, cancellationToken);
        return new ProfilePlan { Title = $"Change {request.ProfileId}", Request = request, Steps = Steps, Refusals = Refusals, Warnings = Warnings, ObservedAt = ObservedAt };
    }

    public async Task<FencePlan> PlanFenceAsync(DrConnection connection, FenceRequest request, RegionPair? pair, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("PlanFence", request, observer, cancellationToken);
        return new FencePlan { Title = $"Fence {request.Server}", Request = request, Steps = Steps, Refusals = Refusals, Warnings = Warnings, ObservedAt = ObservedAt };
    }

    public async Task<DbFailover> ExecuteAsync(DrConnection connection, FailoverPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExecuteFailover", options, observer, cancellationToken);
        return new DbFailover
        {
            Name = Samples.ReplicaName,
            ResourceId = Samples.ReplicaId,
            Location = "westus",
            Mode = plan.Request.Mode,
            Promotion = plan.Request.Promotion,
            Outcome = plan.NoChange ? StepOutcome.NoChange : options.NoWait ? StepOutcome.Pending : StepOutcome.Succeeded,
            OldPrimary = Samples.PrimaryName,
            OldPrimaryResourceId = Samples.PrimaryId,
            Fenced = true,
            ZeroLossProven = true,
            LagBytesBefore = 0,
            Operation = options.NoWait ? Samples.Operation("op-promote") : null,
        };
    }

    public async Task<DbReplica> ExecuteAsync(DrConnection connection, ReplicaPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExecuteReplica", options, observer, cancellationToken);
        return new DbReplica
        {
            Name = "highflame-prod-postgres-2",
            ResourceId = Samples.ServerId("highflame-prod-rg", "highflame-prod-postgres-2"),
            Location = plan.Request.Location,
            SourceServerResourceId = plan.Request.Source,
            Outcome = options.NoWait ? StepOutcome.Pending : StepOutcome.Succeeded,
            Operation = options.NoWait ? Samples.Operation("op-replica") : null,
        };
    }

    public async Task<TrafficEndpoint> ExecuteAsync(DrConnection connection, EndpointPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExecuteEndpoint", options, observer, cancellationToken);
        return Samples.Endpoint with { Target = plan.Request.Target, Outcome = StepOutcome.Succeeded };
    }

    public async Task<TrafficProfile> ExecuteAsync(DrConnection connection, ProfilePlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExecuteProfile", options, observer, cancellationToken);
        return Samples.Profile with { Ttl = plan.Request.Ttl };
    }

    public async Task<DbFence> ExecuteAsync(DrConnection connection, FencePlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExecuteFence", options, observer, cancellationToken);
        return new DbFence { Name = Samples.PrimaryName, ResourceId = plan.Request.Server, Outcome = FenceEndsWith, State = "Stopped", ReadOnly = true, SessionsEnded = 4 };
    }

    public async Task<DrOperation> GetOperationAsync(DrConnection connection, DrOperation operation, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("GetOperation", operation, observer, cancellationToken);
        return operation with { Outcome = StepOutcome.Succeeded, Status = "Succeeded" };
    }

    public async IAsyncEnumerable<DrOperation> WaitOperationsAsync(
        DrConnection connection, IReadOnlyList<DrOperation> operations, TimeSpan? timeout, DrRunHandle? run, IDrObserver observer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Note("WaitOperations", operations, observer, cancellationToken);
        foreach (var operation in operations) yield return operation with { Outcome = WaitEndsWith, Status = WaitEndsWith.ToString(), ErrorId = WaitErrorId };
    }

    public async Task<DrRunHandle> StartRunAsync(DrConnection connection, RunRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("StartRun", request, observer, cancellationToken);
        return LastRun = new FakeRun(Samples.Run with { Pair = request.Pair.Name, To = request.To, Mode = request.Mode, Before = request.Before, Steps = RunSteps ?? [], Owed = [.. LocksOwed.Select(l => $"Lock {l}")] });
    }

    public async Task<DrRun> CompleteRunAsync(DrRunHandle run, StepOutcome outcome, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("CompleteRun", outcome, observer, cancellationToken);
        return run.Run with { Outcome = outcome, Finished = Samples.Noon.AddMinutes(1) };
    }

    public async Task<IReadOnlyList<DrOperation>> GetJournaledOperationsAsync(DrConnection connection, RegionPair pair, CancellationToken cancellationToken)
    {
        await Note("GetJournaledOperations", pair, null, cancellationToken);
        return Journaled;
    }

    public async Task<IReadOnlyList<RunStatus>> GetRunsAsync(DrConnection? connection, RegionPair pair, CancellationToken cancellationToken)
    {
        await Note("GetRuns", pair, null, cancellationToken);
        return Runs;
    }

    public EvidenceCheck CheckEvidence(string path) => File.Exists(path)
        ? Samples.Check with { Path = path, Intact = !path.Contains("changed", StringComparison.Ordinal) }
        : throw new DrException("HfEvidenceNotFound", DrErrorKind.NotFound, "not there", path, "next");

    public async Task<IReadOnlyList<LostWrite>> FindLostWritesAsync(DrConnection connection, LostWriteRequest request, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("FindLostWrites", request, observer, cancellationToken);
        return [Samples.Lost, Samples.Lost with { TransactionId = 1001, Rows = 0 }];
    }

    public async Task<LostWriteExport> ExportLostWritesAsync(DrConnection connection, LostWriteRequest request, string? path, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExportLostWrites", (request, path), observer, cancellationToken);
        return Samples.Salvage with { Path = path ?? "/runs/lost-writes.jsonl" };
    }

    public async Task<WriterReport> CheckWritersAsync(DrConnection connection, RegionPair pair, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("CheckWriters", pair, observer, cancellationToken);
        return Writers;
    }

    public Task RecordStepAsync(DrRunHandle run, StepResult step, CancellationToken cancellationToken) => Note("RecordStep", step, null, cancellationToken);

    public async Task<RunEvidence> ExportEvidenceAsync(DrConnection? connection, DrRun run, RegionPair pair, string? path, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExportEvidence", (run, pair, path), observer, cancellationToken);
        return Samples.Evidence with { RunId = run.Id, Path = path ?? $"/runs/{pair.Name}/evidence.json", ZeroLossProven = ZeroLossProven };
    }

    public async Task<Sandbox> StartSandboxAsync(SandboxOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("StartSandbox", options, observer, cancellationToken);
        return Samples.Sandbox;
    }

    public Task StopSandboxAsync(string sandboxPath, IDrObserver observer, CancellationToken cancellationToken) => Note("StopSandbox", sandboxPath, observer, cancellationToken);

    public async Task<SandboxFaultResult> InvokeFaultAsync(string sandboxPath, SandboxFault fault, CancellationToken cancellationToken)
    {
        await Note("InvokeFault", (sandboxPath, fault), null, cancellationToken);
        return new SandboxFaultResult { Fault = fault.Fault, Target = fault.Region, At = Samples.Noon };
    }

    public async Task<LoadReport> StartLoadAsync(string sandboxPath, LoadOptions options, CancellationToken cancellationToken)
    {
        await Note("StartLoad", (sandboxPath, options), null, cancellationToken);
        return Samples.Load;
    }

    public async Task<LoadReport> GetLoadAsync(string sandboxPath, CancellationToken cancellationToken)
    {
        await Note("GetLoad", sandboxPath, null, cancellationToken);
        return Samples.Load;
    }

    public async Task<LoadReport> StopLoadAsync(string sandboxPath, CancellationToken cancellationToken)
    {
        await Note("StopLoad", sandboxPath, null, cancellationToken);
        return Samples.Load;
    }

    public async Task<DrillReport> ExportDrillReportAsync(string scenario, RunEvidence evidence, LoadReport load, DrillWatchRequest? watch, string path, CancellationToken cancellationToken)
    {
        await Note("ExportDrillReport", (scenario, evidence, load, path), null, cancellationToken);
        return Samples.Drill with { Scenario = scenario, Path = path };
    }

    private async Task Note(string method, object? request, IDrObserver? observer, CancellationToken cancellationToken)
    {
        Calls.Enqueue((method, request));
        if (On is { } on) await on(method, request, observer, cancellationToken);
    }
}
