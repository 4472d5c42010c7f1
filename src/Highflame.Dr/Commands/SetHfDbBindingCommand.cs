using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// Lets a region's applications find a database server: private endpoint, DNS and the secrets in the region's vault. A replica that was built anew has another name
/// than the server before it.
/// </summary>
[Cmdlet(VerbsCommon.Set, "HfDbBinding", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DbBinding))]
public sealed class SetHfDbBindingCommand : DrChangeCmdlet
{
    /// <summary>Resource id or name of the server. Binds to the output of New-HfReadReplica and Get-HfDbServer. Default is the one that runs in the region.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("ResourceId")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Server { get; set; }

    /// <summary>Location of the region whose applications shall find it.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [ValidateNotNullOrEmpty]
    public string Location { get; set; } = "";

    /// <summary>Write the other region's credentials also where this region has some. Default is to fill empty ones only.</summary>
    [Parameter]
    public SwitchParameter CopyCredential { get; set; }

    /// <summary>Region pair that the region belongs to: the pair, its name or the path of its file. Default is the open run's, else the imported one.</summary>
    [Parameter]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var pair = RequirePair(FindPair(Pair, Server));
        var request = new BindingRequest { Pair = pair, Location = RequireRegion(pair, Location).Location, Server = Server, CopyCredential = CopyCredential };
        var run = RunFor(pair);
        Change(
            pair.Name,
            (observer, token) => Engine.PlanBindingAsync(connection, request, observer, token),
            (plan, observer, token) => Engine.ExecuteAsync(connection, plan, new ExecutionOptions(run, Pair: pair), observer, token));
    }
}
