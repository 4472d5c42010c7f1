using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Dns;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Health;
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

    public Task<DrConnection> ConnectAsync(DrConnectionOptions options, IDrObserver observer, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public RegionPair ReadPair(string path) =>
        throw new NotImplementedException();

    public Task<RegionPairStatus> GetPairStatusAsync(DrConnection connection, RegionPair pair, IDrObserver observer, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<IReadOnlyList<DbServer>> GetServersAsync(DrConnection connection, DbServerQuery query, IDrObserver observer, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<TrafficProfile> GetProfileAsync(DrConnection connection, string profileId, IDrObserver observer, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<IReadOnlyList<TrafficEndpoint>> GetEndpointsAsync(DrConnection connection, EndpointQuery query, IDrObserver observer, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<EndpointPlan> PlanEndpointAsync(DrConnection connection, EndpointRequest request, IDrObserver observer, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<ProfilePlan> PlanProfileAsync(DrConnection connection, ProfileRequest request, IDrObserver observer, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<TrafficEndpoint> ExecuteAsync(DrConnection connection, EndpointPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<TrafficProfile> ExecuteAsync(DrConnection connection, ProfilePlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<DrOperation> GetOperationAsync(DrConnection connection, DrOperation operation, IDrObserver observer, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public IAsyncEnumerable<DrOperation> WaitOperationsAsync(DrConnection connection, IReadOnlyList<DrOperation> operations, TimeSpan? timeout, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<Sandbox> StartSandboxAsync(SandboxOptions options, IDrObserver observer, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task StopSandboxAsync(string sandboxPath, IDrObserver observer, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<SandboxFaultResult> InvokeFaultAsync(string sandboxPath, SandboxFault fault, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<LoadReport> StartLoadAsync(string sandboxPath, LoadOptions options, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<LoadReport> GetLoadAsync(string sandboxPath, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<LoadReport> StopLoadAsync(string sandboxPath, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
