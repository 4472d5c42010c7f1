using Highflame.Dr.Execution;
using Highflame.Dr.Provisioning;

namespace Highflame.Dr.Tests.Fakes;

internal sealed partial class FakeEngine
{
    /// <summary>What Azure says that a deployment would change.</summary>
    public RegionChange[] RegionChanges { get; set; } = [Samples.Change];

    public RegionDeployment Deployment { get; set; } = Samples.Deployment;

    public async Task<RegionPlan> PlanRegionAsync(DrConnection connection, RegionRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("PlanRegion", request, observer, cancellationToken);
        return new RegionPlan { Title = "Deploy the region", Request = request, ResourceGroup = "highflame-prod-rg", Steps = Steps, Refusals = Refusals, Warnings = Warnings, ObservedAt = ObservedAt, Changes = RegionChanges };
    }

    public async Task<RegionDeployment> ExecuteAsync(DrConnection connection, RegionPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExecuteRegion", options, observer, cancellationToken);
        return options.NoWait ? Deployment with { Outcome = StepOutcome.Pending, Operations = [Samples.Operation("op-region")] } : Deployment;
    }

    public async Task<IReadOnlyList<RegionSupport>> CheckRegionSupportAsync(DrConnection connection, SupportRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("CheckRegionSupport", request, observer, cancellationToken);
        return [Samples.Support, Samples.Support with { Location = "eastus", Verdict = SupportVerdict.Supported, Remedy = null }];
    }

    public async Task<TerraformVariables> ExportTerraformVariablesAsync(DrConnection connection, Topology.RegionPair pair, string location, string path, bool overwrite, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExportTerraformVariables", (location, path, overwrite), observer, cancellationToken);
        return Samples.Terraform with { Path = path, Location = location };
    }

    public async Task<TerraformImport> ExportTerraformImportAsync(DrConnection connection, TerraformImportRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExportTerraformImport", request, observer, cancellationToken);
        return Samples.Truce with { Location = request.Location, Settled = request.StatePath is null ? null : false };
    }
}
