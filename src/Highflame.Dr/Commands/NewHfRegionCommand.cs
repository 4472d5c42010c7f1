using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Errors;
using Highflame.Dr.Execution;
using Highflame.Dr.Provisioning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// Builds a region of a pair, or brings it to what the pair file says: one ARM deployment, with Azure's own what-if before. Run again, it follows a deployment
/// that runs, completes one that failed, and changes nothing when all is there.
/// </summary>
[Cmdlet(VerbsCommon.New, "HfRegion", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(RegionDeployment), typeof(RegionChange))]
public sealed class NewHfRegionCommand : DrChangeCmdlet
{
    /// <summary>Location of the region: one of the pair's.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [ValidateNotNullOrEmpty]
    public string Location { get; set; } = "";

    /// <summary>The region pair: an imported one, its name, or the path of its file. Default is the only imported one.</summary>
    [Parameter(ValueFromPipeline = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Administrator of a new primary, also put into the vault. Default is the database credential of the connection.</summary>
    [Parameter]
    [Credential]
    public PSCredential? AdministratorCredential { get; set; }

    /// <summary>Another template, .json or .bicep, that takes the parameters of the module's own, or some of them.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TemplatePath { get; set; }

    /// <summary>Return as soon as Azure has accepted the deployment; Wait-HfOperation waits for its end, and so does this command when it is run again.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var pair = RequirePair(Pair);
        RequireRegion(pair, Location);
        var request = new RegionRequest
        {
            Pair = pair,
            Location = AzureLocation.Normalize(Location),
            TemplatePath = TemplatePath is null ? null : FullPath(TemplatePath),
            AdministratorLogin = AdministratorCredential?.UserName,
            AdministratorPassword = AdministratorCredential?.Password,
        };
        var run = RunFor(pair);
        Execute(
            pair.Name,
            () =>
            {
                RegionPlan? seen = null;
                var plan = Approved(async (observer, token) => seen = await Engine.PlanRegionAsync(connection, request, observer, token).ConfigureAwait(false));
                if (WhatIf) foreach (var change in seen?.Changes ?? []) WriteObject(change);
                return plan;
            },
            (plan, observer, token) => Engine.ExecuteAsync(connection, plan, new ExecutionOptions(run, NoWait, pair), observer, token),
            (_, result) =>
            {
                foreach (var operation in result.Operations) State.Seen.Add(operation);
                foreach (var failed in result.Resources.Where(r => r.Outcome == StepOutcome.Failed)) Report(DrErrors.ResourceNotMade(failed));
                WriteObject(result);
            });
    }
}
