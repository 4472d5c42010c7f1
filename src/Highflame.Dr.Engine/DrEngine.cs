using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Operations;
using Highflame.Dr.Engine.Rehearsal;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Engine.Traffic;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine;

/// <summary>
/// Composition root: the only type of this assembly that the cmdlets create, by name, in the engine's own load context. It holds no state but the clock;
/// every method hands its work to the class of the concept. Failovers, replicas, fences, runs, evidence, health and replication are in <c>DrEngine.Runs.cs</c>.
/// </summary>
public sealed partial class DrEngine : IDrEngine
{
    private readonly TimeProvider _time;

    public DrEngine()
        : this(TimeProvider.System)
    {
    }

    internal DrEngine(TimeProvider time) => _time = time;

    public async Task<DrConnection> ConnectAsync(DrConnectionOptions options, IDrObserver observer, CancellationToken cancellationToken) =>
        await new SignIn(_time, CreateResolver, CreateDatabases).OpenAsync(options, observer, cancellationToken).ConfigureAwait(false);

    public RegionPair ReadPair(string path) =>
        RegionPairFile.Read(path);

    public Task<RegionPairStatus> GetPairStatusAsync(DrConnection connection, RegionPair pair, IDrObserver observer, CancellationToken cancellationToken) =>
        PairObservationOf(connection, observer).ReadAsync(pair, cancellationToken);

    public Task<IReadOnlyList<DbServer>> GetServersAsync(DrConnection connection, DbServerQuery query, IDrObserver observer, CancellationToken cancellationToken) =>
        InventoryOf(connection, observer).GetServersAsync(query, cancellationToken);

    public Task<TrafficProfile> GetProfileAsync(DrConnection connection, string profileId, IDrObserver observer, CancellationToken cancellationToken) =>
        InventoryOf(connection, observer).GetProfileAsync(profileId, cancellationToken);

    public Task<IReadOnlyList<TrafficEndpoint>> GetEndpointsAsync(DrConnection connection, EndpointQuery query, IDrObserver observer, CancellationToken cancellationToken) =>
        TrafficObservation.Of(AzureConnection.From(connection), observer).GetEndpointsAsync(query, cancellationToken);

    public Task<EndpointPlan> PlanEndpointAsync(DrConnection connection, EndpointRequest request, IDrObserver observer, CancellationToken cancellationToken) =>
        TrafficObservation.Of(AzureConnection.From(connection), observer).PlanAsync(request, cancellationToken);

    public Task<ProfilePlan> PlanProfileAsync(DrConnection connection, ProfileRequest request, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken) =>
        TrafficObservation.Of(AzureConnection.From(connection), observer).PlanAsync(request, (run as RunHandle)?.Journal.State, cancellationToken);

    public Task<TrafficEndpoint> ExecuteAsync(DrConnection connection, EndpointPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken) =>
        TrafficExecutionOf(connection, options, observer).ExecuteAsync(plan, cancellationToken);

    public Task<TrafficProfile> ExecuteAsync(DrConnection connection, ProfilePlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken) =>
        TrafficExecutionOf(connection, options, observer).ExecuteAsync(plan, cancellationToken);

    public Task<DrOperation> GetOperationAsync(DrConnection connection, DrOperation operation, IDrObserver observer, CancellationToken cancellationToken) =>
        OperationWatchOf(connection, observer).GetAsync(operation, cancellationToken);

    public IAsyncEnumerable<DrOperation> WaitOperationsAsync(DrConnection connection, IReadOnlyList<DrOperation> operations, TimeSpan? timeout, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken) =>
        ConcludingAsync(connection, OperationWatchOf(connection, observer).WaitAsync(operations, timeout, RunHandle.JournalOf(run, _time), cancellationToken), run, observer, cancellationToken);

    public Task<Sandbox> StartSandboxAsync(SandboxOptions options, IDrObserver observer, CancellationToken cancellationToken) =>
        new SandboxProcess(_time).StartAsync(options, observer, cancellationToken);

    public Task StopSandboxAsync(string sandboxPath, IDrObserver observer, CancellationToken cancellationToken) =>
        new SandboxProcess(_time).StopAsync(sandboxPath, observer, cancellationToken);

    public async Task<SandboxFaultResult> InvokeFaultAsync(string sandboxPath, SandboxFault fault, CancellationToken cancellationToken) =>
        await SandboxControl.CallAsync(sandboxPath, c => c.InvokeFaultAsync(fault, cancellationToken)).ConfigureAwait(false);

    public async Task<LoadReport> StartLoadAsync(string sandboxPath, LoadOptions options, CancellationToken cancellationToken) =>
        await SandboxControl.CallAsync(sandboxPath, c => c.StartLoadAsync(options, cancellationToken)).ConfigureAwait(false);

    public async Task<LoadReport> GetLoadAsync(string sandboxPath, CancellationToken cancellationToken) =>
        await SandboxControl.CallAsync(sandboxPath, c => c.GetLoadAsync(cancellationToken)).ConfigureAwait(false);

    public async Task<LoadReport> StopLoadAsync(string sandboxPath, CancellationToken cancellationToken) =>
        await SandboxControl.CallAsync(sandboxPath, c => c.StopLoadAsync(cancellationToken)).ConfigureAwait(false);

    private static AzureInventory InventoryOf(DrConnection connection, IDrObserver observer) => AzureInventory.Of(AzureConnection.From(connection), observer);

    private static AzureInventory InventoryOf(AzureConnection connection, IDrObserver observer) => AzureInventory.Of(connection, observer);

    private PairObservation PairObservationOf(DrConnection connection, IDrObserver observer) =>
        new(InventoryOf(connection, observer), AzureConnection.From(connection).Names, pair => RunStores.For(pair, AzureConnection.From(connection), _time).Read(), _time, observer.Warning);

    private TrafficExecution TrafficExecutionOf(DrConnection connection, ExecutionOptions options, IDrObserver observer) =>
        new(AzureConnection.From(connection).Arm, InventoryOf(connection, observer), RunHandle.JournalOf(options.Run, _time), _time, observer);

    private OperationWatch OperationWatchOf(DrConnection connection, IDrObserver observer)
    {
        var azure = AzureConnection.From(connection);
        // Its warnings about a region in outage would repeat with every poll: the watch has its own.
        return new(azure.Arm, new ServerCrossCheck(AzureInventory.Of(azure), azure.Databases), _time, observer);
    }
}
