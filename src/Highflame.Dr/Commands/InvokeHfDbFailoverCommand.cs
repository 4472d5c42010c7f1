using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// Promotes a read replica to a server of its own. Planned: the old primary is fenced first and the replica shown to have caught up, so that no
/// acknowledged write is lost. Forced: the primary is lost, and what it had not sent is lost with it; that needs -AllowDataLoss.
/// </summary>
[Cmdlet(VerbsLifecycle.Invoke, "HfDbFailover", DefaultParameterSetName = ParameterSets.Name, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(DbFailover))]
public sealed class InvokeHfDbFailoverCommand : DrChangeCmdlet
{
    /// <summary>Name of the replica to promote.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ParameterSets.Name)]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>Resource group of the replica; default is to look in all.</summary>
    [Parameter(ParameterSetName = ParameterSets.Name)]
    [ArgumentCompleter(typeof(ResourceGroupCompleter))]
    public string? ResourceGroup { get; set; }

    /// <summary>Resource id of the replica to promote.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.ResourceId, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string ResourceId { get; set; } = "";

    /// <summary>The replica to promote, as Get-HfDbServer shows it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.InputObject, ValueFromPipeline = true)]
    public DbServer? InputObject { get; set; }

    /// <summary>Planned: the primary is healthy. Forced: the primary is lost.</summary>
    [Parameter]
    public FailoverMode Mode { get; set; } = FailoverMode.Planned;

    /// <summary>Consent to the loss that a forced failover states beforehand.</summary>
    [Parameter]
    public SwitchParameter AllowDataLoss { get; set; }

    /// <summary>Return as soon as Azure has accepted the promotion; Wait-HfOperation waits for its end.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>Longest time in seconds that writes may stay fenced while the replica catches up, before the fence is lifted again; default is 120.</summary>
    [Parameter]
    [ValidateRange(1d, 86400d)]
    public double CatchUpTimeoutSeconds { get; set; } = 120;

    /// <summary>Region pair whose run store keeps lease, journal and fence debt. Default is the open run's, else the imported one.</summary>
    [Parameter]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var request = new FailoverRequest
        {
            Server = ParameterSetName switch
            {
                ParameterSets.ResourceId => ResourceId,
                ParameterSets.InputObject => InputObject!.ResourceId,
                _ => Name,
            },
            ResourceGroup = ResourceGroup,
            Mode = Mode,
            AllowDataLoss = AllowDataLoss,
            CatchUpTimeoutSeconds = CatchUpTimeoutSeconds,
        };
        var pair = FindPair(Pair, request.Server);
        var run = RunFor(pair);
        if (Approved((observer, token) => Engine.PlanFailoverAsync(connection, request, pair, run, observer, token)) is not { } plan) return;
        var result = Await((observer, token) => Engine.ExecuteAsync(connection, plan, new ExecutionOptions(run, NoWait, pair), observer, token));
        State.Seen.Add(result.Operation);
        WriteObject(result);
    }
}
