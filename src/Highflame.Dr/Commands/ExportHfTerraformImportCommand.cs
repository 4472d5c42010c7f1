using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Provisioning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// After a failover: writes the import, moved and removed blocks and the variables for a region's highflame-iac folder, so that its next plan destroys no database; or shows that the state agrees.
/// </summary>
[Cmdlet(VerbsData.Export, "HfTerraformImport", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(TerraformImport))]
public sealed class ExportHfTerraformImportCommand : DrConnectedCmdlet
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

    /// <summary>The region pair: an imported one, its name, or the path of its file. Default is the only imported one.</summary>
    [Parameter(ValueFromPipeline = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Replace the files of an earlier failover.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var pair = RequirePair(Pair);
        RequireRegion(pair, Location);
        var request = new TerraformImportRequest
        {
            Pair = pair, Location = AzureLocation.Normalize(Location), Folder = FullPath(Path), StatePath = StatePath is null ? null : FullPath(StatePath), Overwrite = Force,
        };
        if (!ShouldProcess(request.Folder, $"Write the import, moved and removed blocks of {request.Location}")) return;
        WriteObject(Await((observer, token) => Engine.ExportTerraformImportAsync(connection, request, observer, token)));
    }
}
