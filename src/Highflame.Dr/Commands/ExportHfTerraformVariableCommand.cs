using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Provisioning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>Writes env.auto.tfvars of one region for the highflame-iac modules, with the sizes, ranges and versions that the other, live region has now.</summary>
[Cmdlet(VerbsData.Export, "HfTerraformVariable", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(TerraformVariables))]
public sealed class ExportHfTerraformVariableCommand : DrConnectedCmdlet
{
    /// <summary>Location of the region that the file is for; the other one of the pair is read.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [ValidateNotNullOrEmpty]
    public string Location { get; set; } = "";

    /// <summary>Path of the file; default is env.auto.tfvars in the current directory.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "env.auto.tfvars";

    /// <summary>The region pair: an imported one, its name, or the path of its file. Default is the only imported one.</summary>
    [Parameter(ValueFromPipeline = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Replace a file that is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var pair = RequirePair(Pair);
        RequireRegion(pair, Location);
        var path = FullPath(Path);
        if (!ShouldProcess(path, $"Write the Terraform variables of {AzureLocation.Normalize(Location)}")) return;
        WriteObject(Await((observer, token) => Engine.ExportTerraformVariablesAsync(connection, pair, AzureLocation.Normalize(Location), path, Force, observer, token)));
    }
}
