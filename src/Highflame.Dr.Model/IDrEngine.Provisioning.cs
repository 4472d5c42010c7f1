using Highflame.Dr.Execution;
using Highflame.Dr.Provisioning;

namespace Highflame.Dr;

/// <summary>The part of the port that belongs to the build of the regions.</summary>
public partial interface IDrEngine
{
    /// <summary>
    /// Asks Azure what a region's deployment would change. Nothing is changed. Errors: HfLocationUnknown, HfTemplateNotFound, HfTemplateNotCompiled, HfTemplateInvalid,
    /// HfAdministratorRequired and those of reading.
    /// </summary>
    Task<RegionPlan> PlanRegionAsync(DrConnection connection, RegionRequest request, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>Deploys the region, or follows the deployment that runs already. A resource that fails is in the answer, not thrown.</summary>
    Task<RegionDeployment> ExecuteAsync(DrConnection connection, RegionPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>Asks Azure whether two locations have what an environment needs: one object for each requirement and location. Errors: HfLocationUnknown.</summary>
    Task<IReadOnlyList<RegionSupport>> CheckRegionSupportAsync(DrConnection connection, SupportRequest request, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>
    /// Writes env.auto.tfvars of one region for the highflame-iac modules, from the other, live one. Errors: HfRegionNotBuilt, HfTerraformFileExists, HfTerraformNotWritten.
    /// </summary>
    Task<TerraformVariables> ExportTerraformVariablesAsync(DrConnection connection, Topology.RegionPair pair, string location, string path, bool overwrite, IDrObserver observer, CancellationToken cancellationToken);

    /// <summary>
    /// Writes the import, moved and removed blocks and the variables that let the next plan of a region's Terraform destroy no database, or finds that the state given agrees already.
    /// Errors: HfRegionNotBuilt, HfTerraformFileExists, HfTerraformNotWritten, HfTerraformStateUnreadable.
    /// </summary>
    Task<TerraformImport> ExportTerraformImportAsync(DrConnection connection, TerraformImportRequest request, IDrObserver observer, CancellationToken cancellationToken);
}
