using System.Management.Automation;
using Highflame.Dr.Completion;
using Highflame.Dr.Provisioning;

namespace Highflame.Dr.Commands;

/// <summary>
/// After a failover: writes the import, moved and removed blocks and the variables for a region's highflame-iac folder, so that its next plan destroys no database; or shows that the state agrees.
/// </summary>
[Cmdlet(VerbsData.Export, "HfTerraformImport", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(TerraformImport))]
public sealed class ExportHfTerraformImportCommand : DrTerraformCmdlet<TerraformImport>
{
    /// <summary>Location of the region whose Terraform folder the files are for.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [ValidateNotNullOrEmpty]
    public string Location { get; set; } = "";

    /// <summary>The folder that Terraform runs in (infra-setup); default is the current directory.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = ".";

    /// <summary>File with the folder's state, as 'terraform state pull' writes it. When it agrees nothing is written, and the region's Terraform is no longer owed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? StatePath { get; set; }

    private protected override void Process()
    {
        string? state = StatePath is null ? null : FullPath(StatePath);
        Write(
            Location,
            Path,
            "import, moved and removed blocks",
            (connection, pair, location, folder, observer, token) => Engine.ExportTerraformImportAsync(
                connection, new TerraformImportRequest { Pair = pair, Location = location, Folder = folder, StatePath = state, Overwrite = Force }, observer, token));
    }
}
