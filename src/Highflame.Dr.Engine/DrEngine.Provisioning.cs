using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Provisioning;
using Highflame.Dr.Engine.Traffic;
using Highflame.Dr.Execution;
using Highflame.Dr.Provisioning;

namespace Highflame.Dr.Engine;

/// <summary>The part of the composition root that belongs to the build of the regions.</summary>
public sealed partial class DrEngine
{
    public Task<RegionPlan> PlanRegionAsync(DrConnection connection, RegionRequest request, IDrObserver observer, CancellationToken cancellationToken) =>
        new RegionPlanning(AzureConnection.From(connection), InventoryOf(connection, observer), _time, observer).PlanAsync(request, cancellationToken);

    public async Task<RegionDeployment> ExecuteAsync(DrConnection connection, RegionPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        PlanRefused.ThrowIfAny(plan);
        return await new RegionExecution(AzureConnection.From(connection), _time, observer).ExecuteAsync(plan, options.NoWait, cancellationToken).ConfigureAwait(false);
    }

    public Task<IReadOnlyList<RegionSupport>> CheckRegionSupportAsync(DrConnection connection, SupportRequest request, IDrObserver observer, CancellationToken cancellationToken) =>
        new SupportSurvey(AzureConnection.From(connection), observer).CheckAsync(request, cancellationToken);

    public Task<TerraformVariables> ExportTerraformVariablesAsync(DrConnection connection, Highflame.Dr.Topology.RegionPair pair, string location, string path, bool overwrite, IDrObserver observer, CancellationToken cancellationToken) =>
        new TerraformExport(AzureConnection.From(connection), InventoryOf(connection, observer)).WriteAsync(pair, location, path, overwrite, cancellationToken);

    public Task<TerraformImport> ExportTerraformImportAsync(DrConnection connection, TerraformImportRequest request, IDrObserver observer, CancellationToken cancellationToken) =>
        new TerraformImportExport(AzureConnection.From(connection), InventoryOf(connection, observer), RunStores.For(request.Pair, AzureConnection.From(connection), _time), _time).WriteAsync(request, cancellationToken);
}
