using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Traffic;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine;

/// <summary>The part of the composition root that belongs to virtual endpoints.</summary>
public sealed partial class DrEngine
{
    public async Task<IReadOnlyList<VirtualEndpoint>> GetVirtualEndpointsAsync(DrConnection connection, DbServerQuery query, IDrObserver observer, CancellationToken cancellationToken)
    {
        var arm = AzureConnection.From(connection).Arm;
        var servers = await InventoryOf(connection, observer).GetServersAsync(query, cancellationToken).ConfigureAwait(false);
        // They are managed through the primary; a replica's are its primary's.
        string[] primaries = [.. servers.Select(s => s.Role == DbRole.Replica ? s.SourceServerResourceId : s.ResourceId).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)];
        var found = new List<VirtualEndpoint>();
        foreach (var primary in primaries) found.AddRange(await VirtualEndpoints.OfAsync(arm, primary, cancellationToken).ConfigureAwait(false));
        return found;
    }

    public Task<VirtualEndpointPlan> PlanVirtualEndpointAsync(DrConnection connection, VirtualEndpointRequest request, IDrObserver observer, CancellationToken cancellationToken) =>
        ChangeOf(connection, null, observer).PlanAsync(request, cancellationToken);

    public Task<VirtualEndpoint> ExecuteAsync(DrConnection connection, VirtualEndpointPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        PlanRefused.ThrowIfAny(plan);
        return ChangeOf(connection, options.Run, observer).ExecuteAsync(plan, cancellationToken);
    }

    private VirtualEndpointChange ChangeOf(DrConnection connection, DrRunHandle? run, IDrObserver observer) =>
        new(AzureConnection.From(connection), InventoryOf(connection, observer), OperationWatchOf(connection, observer), RunHandle.JournalOf(run, _time), _time);
}
