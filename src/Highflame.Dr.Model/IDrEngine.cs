using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Health;
using Highflame.Dr.Planning;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr;

/// <summary>Which servers to read. All null means: every server of the subscription.</summary>
/// <param name="Name">Server name; wildcards * and ? allowed.</param>
/// <param name="ResourceGroup">Resource group; null means all.</param>
/// <param name="ResourceId">One server by resource id.</param>
/// <param name="Pair">Only the servers in the two resource groups of a pair.</param>
public sealed record DbServerQuery(string? Name = null, string? ResourceGroup = null, string? ResourceId = null, RegionPair? Pair = null);

/// <summary>Which endpoints to read.</summary>
public sealed record EndpointQuery(string? ProfileId = null, string? Name = null, string? EndpointId = null);

/// <summary>What Test-HfHealth asks for.</summary>
public sealed record HealthRequest
{
    public required RegionPair Pair { get; init; }

    /// <summary>Region that is expected to serve; null means the one that is active.</summary>
    public string? Location { get; init; }

    /// <summary>Ways to take.</summary>
    public HealthPath[] Via { get; init; } = [HealthPath.Gateway, HealthPath.TrafficManager];

    /// <summary>Role that the answering database must have; null means any.</summary>
    public DbRole? ExpectedRole { get; init; }

    /// <summary>Write an entry and read it back, when the pair file gives a function path.</summary>
    public bool Function { get; init; }

    /// <summary>Keep probing until healthy or until this many seconds have gone by; 0 judges once.</summary>
    public double WaitSeconds { get; init; }
}

/// <summary>What Test-HfTrafficRoute asks for.</summary>
/// <param name="Pair">The pair whose Traffic Manager name is asked for.</param>
/// <param name="Resolvers">Name servers to ask; empty means the connection's, else the machine's.</param>
/// <param name="Location">Region that the answer should lead to; null means whatever the endpoint says now.</param>
/// <param name="WaitSeconds">Keep asking until all agree or this time has gone by.</param>
public sealed record RouteRequest(RegionPair Pair, DnsServer[] Resolvers, string? Location = null, double WaitSeconds = 0);

/// <summary>
/// The one port between the cmdlets and the engine. The engine lives in a load context of its own with all its packages; only types of this
/// assembly and of the base library cross, and only <see cref="DrException"/> and <see cref="OperationCanceledException"/> are thrown across.
/// The engine holds no state between calls besides what it is handed.
/// </summary>
public partial interface IDrEngine
{
    // Connection -----------------------------------------------------------------------------------------------------------------

    /// <summary>Signs in and proves it with one call. Errors: HfSignInFailed, HfArmUnreachable, HfSandboxFileInvalid, HfSubscriptionNotFound.</summary>
    Task<DrConnection> ConnectAsync(DrConnectionOptions options, IDrObserver observer, CancellationToken cancellationToken);

    // Topology -------------------------------------------------------------------------------------------------------------------

    /// <summary>Reads and checks a region-pair file. Errors: HfPairFileNotFound, HfPairFileMalformed (with path, line and what was expected).</summary>
    RegionPair ReadPair(string path);

    Task<RegionPairStatus> GetPairStatusAsync(DrConnection connection, RegionPair pair, IDrObserver observer, CancellationToken cancellationToken);

    Task<IReadOnlyList<DbServer>> GetServersAsync(DrConnection connection, DbServerQuery query, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>One status per replica of the servers asked for; a primary stands for all its replicas.</summary>
    Task<IReadOnlyList<ReplicationStatus>> GetReplicationAsync(DrConnection connection, DbServerQuery query, IDrObserver observer, CancellationToken cancellationToken);

    // Traffic and health -----------------------------------------------------------------------------------------------------------

    Task<TrafficProfile> GetProfileAsync(DrConnection connection, string profileId, IDrObserver observer, CancellationToken cancellationToken);

    Task<IReadOnlyList<TrafficEndpoint>> GetEndpointsAsync(DrConnection connection, EndpointQuery query, IDrObserver observer, CancellationToken cancellationToken);

    Task<IReadOnlyList<HealthVerdict>> TestHealthAsync(DrConnection connection, HealthRequest request, IDrObserver observer, CancellationToken cancellationToken);

    Task<IReadOnlyList<TrafficRoute>> TestRouteAsync(DrConnection connection, RouteRequest request, IDrObserver observer, CancellationToken cancellationToken);

    // Plans: observe, then decide; nothing is changed --------------------------------------------------------------------------------

    Task<FailoverPlan> PlanFailoverAsync(DrConnection connection, FailoverRequest request, RegionPair? pair, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken);

    Task<ReplicaPlan> PlanReplicaAsync(DrConnection connection, ReplicaRequest request, RegionPair? pair, IDrObserver observer, CancellationToken cancellationToken);

    Task<EndpointPlan> PlanEndpointAsync(DrConnection connection, EndpointRequest request, IDrObserver observer, CancellationToken cancellationToken);

    Task<ProfilePlan> PlanProfileAsync(DrConnection connection, ProfileRequest request, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken);

    Task<FencePlan> PlanFenceAsync(DrConnection connection, FenceRequest request, RegionPair? pair, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken);

    // Execution: carry a plan out; never re-plan ------------------------------------------------------------------------------------

    Task<DbFailover> ExecuteAsync(DrConnection connection, FailoverPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken);

    Task<DbReplica> ExecuteAsync(DrConnection connection, ReplicaPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken);

    Task<TrafficEndpoint> ExecuteAsync(DrConnection connection, EndpointPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken);

    Task<TrafficProfile> ExecuteAsync(DrConnection connection, ProfilePlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken);

    Task<DbFence> ExecuteAsync(DrConnection connection, FencePlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>Asks once how an operation stands.</summary>
    Task<DrOperation> GetOperationAsync(DrConnection connection, DrOperation operation, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>
    /// Waits for operations side by side, each handed over as it ends. A promotion or a replica counts as ended when Azure's operation, the server's
    /// state and role, and, where it can be reached, the database itself agree.
    /// </summary>
    IAsyncEnumerable<DrOperation> WaitOperationsAsync(DrConnection connection, IReadOnlyList<DrOperation> operations, TimeSpan? timeout, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken);

    // Runs and evidence -----------------------------------------------------------------------------------------------------------

    /// <summary>Takes the pair's lease and opens the journal, or resumes the unfinished run. Errors: HfRunHeld, HfRunMismatch, HfRunStoreUnusable, HfRunStoreInLostRegion.</summary>
    Task<DrRunHandle> StartRunAsync(DrConnection connection, RunRequest request, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>
    /// Gives the lease back. Succeeded, NoChange and Failed end the run for good; Pending leaves it unfinished (something is owed): the next
    /// StartRun of the pair resumes it.
    /// </summary>
    Task<DrRun> CompleteRunAsync(DrRunHandle run, StepOutcome outcome, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>Operations that the journals of a pair's runs hold, newest run first.</summary>
    Task<IReadOnlyList<DrOperation>> GetJournaledOperationsAsync(DrConnection connection, RegionPair pair, CancellationToken cancellationToken);

    /// <summary>The pair's runs, newest first: who holds the lease, since when, at which step. Nothing is taken. The connection is needed for a blob store only.</summary>
    Task<IReadOnlyList<RunStatus>> GetRunsAsync(DrConnection? connection, RegionPair pair, CancellationToken cancellationToken);

    /// <summary>Proves a journal or an evidence file on a disk, offline. Errors: HfEvidenceNotFound, HfEvidenceUnknown.</summary>
    EvidenceCheck CheckEvidence(string path);

    /// <summary>Appends one step, made outside the engine's own plans (a health check, a note), to the run's journal.</summary>
    Task RecordStepAsync(DrRunHandle run, StepResult step, CancellationToken cancellationToken);

    /// <summary>Writes what an auditor gets of a run, open or finished: to a path, to the https URL of a blob, or (null) beside the journal.</summary>
    Task<RunEvidence> ExportEvidenceAsync(DrConnection? connection, DrRun run, RegionPair pair, string? path, IDrObserver observer, CancellationToken cancellationToken);

    // Loss ----------------------------------------------------------------------------------------------------------------------

    /// <summary>
    /// Transactions that an old primary committed and the promoted server does not have. Both are only read. Errors: HfNoForcedFailover, HfLossUnknown, HfServerStopped,
    /// HfOldPrimaryNotFenced, HfNotSameHistory.
    /// </summary>
    Task<IReadOnlyList<LostWrite>> FindLostWritesAsync(DrConnection connection, LostWriteRequest request, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>
    /// Writes the rows of the lost transactions as JSON lines: to a path, to the https URL of a blob, or (null) beside the run's journal. Errors: those of finding them, HfSalvageNotWritten.
    /// </summary>
    Task<LostWriteExport> ExportLostWritesAsync(DrConnection connection, LostWriteRequest request, string? path, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>Asks every server of a pair whether it takes writes now.</summary>
    Task<WriterReport> CheckWritersAsync(DrConnection connection, RegionPair pair, IDrObserver observer, CancellationToken cancellationToken);

    // Rehearsal -----------------------------------------------------------------------------------------------------------------

    Task<Sandbox> StartSandboxAsync(SandboxOptions options, IDrObserver observer, CancellationToken cancellationToken);

    Task StopSandboxAsync(string sandboxPath, IDrObserver observer, CancellationToken cancellationToken);

    Task<SandboxFaultResult> InvokeFaultAsync(string sandboxPath, SandboxFault fault, CancellationToken cancellationToken);

    Task<LoadReport> StartLoadAsync(string sandboxPath, LoadOptions options, CancellationToken cancellationToken);

    Task<LoadReport> GetLoadAsync(string sandboxPath, CancellationToken cancellationToken);

    Task<LoadReport> StopLoadAsync(string sandboxPath, CancellationToken cancellationToken);

    /// <summary>Joins a run's evidence with what the clients saw into the drill's report, judges it and writes it.</summary>
    Task<DrillReport> ExportDrillReportAsync(string scenario, RunEvidence evidence, LoadReport load, DrillWatchRequest? watch, string path, CancellationToken cancellationToken);
}
