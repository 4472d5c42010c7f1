using System.Management.Automation;
using Highflame.Dr.Completion;
using Highflame.Dr.Provisioning;

namespace Highflame.Dr.Commands;

/// <summary>Writes env.auto.tfvars of one region for the highflame-iac modules, with the sizes, ranges and versions that the other, live region has now.</summary>
[Cmdlet(VerbsData.Export, "HfTerraformVariable", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(TerraformVariables))]
public sealed class ExportHfTerraformVariableCommand : DrTerraformCmdlet<TerraformVariables>
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

    private protected override void Process() => Write(
        Location,
        Path,
        "Terraform variables",
        (connection, pair, location, path, observer, token) => Engine.ExportTerraformVariablesAsync(connection, pair, location, path, Force, observer, token));
}
