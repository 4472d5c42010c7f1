using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>Pays a fence that is owed: an old primary is made to refuse writes, its sessions are ended, and it is stopped. One that does not answer stays owed.</summary>
[Cmdlet(VerbsLifecycle.Complete, "HfFence", DefaultParameterSetName = ParameterSets.Pair, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DbFence))]
public sealed class CompleteHfFenceCommand : DrChangeCmdlet
{
    /// <summary>Name of the old primary.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ParameterSets.Name)]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>Resource group of the old primary; default is to look in all.</summary>
    [Parameter(ParameterSetName = ParameterSets.Name)]
    [ArgumentCompleter(typeof(ResourceGroupCompleter))]
    public string? ResourceGroup { get; set; }

    /// <summary>
    /// Resource id of the old primary. Binds to the output of Invoke-HfDbFailover, whose own ResourceId is the promoted server: a property is looked for under
    /// the parameter's name before its aliases.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.ResourceId, ValueFromPipelineByPropertyName = true)]
    [Alias("ResourceId")]
    [ValidateNotNullOrEmpty]
    public string OldPrimaryResourceId { get; set; } = "";

    /// <summary>The old primary, as Get-HfDbServer shows it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.InputObject, ValueFromPipeline = true)]
    public DbServer? InputObject { get; set; }

    /// <summary>Region pair. Alone it means every fence that the pair owes; default is the open run's, else the only imported one.</summary>
    [Parameter(ParameterSetName = ParameterSets.Pair, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.Name)]
    [Parameter(ParameterSetName = ParameterSets.ResourceId)]
    [Parameter(ParameterSetName = ParameterSets.InputObject)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>How long to wait for a server that does not answer, in seconds; default is not to wait.</summary>
    [Parameter]
    [ValidateRange(0d, 604800d)]
    public double WaitSeconds { get; set; }

    /// <summary>Leave the server running, read-only, so that it can be compared.</summary>
    [Parameter]
    public SwitchParameter KeepRunning { get; set; }

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case ParameterSets.Name:
                Fence(Name, FindPair(Pair));
                break;
            case ParameterSets.ResourceId:
                Fence(OldPrimaryResourceId, FindPair(Pair, OldPrimaryResourceId));
                break;
            case ParameterSets.InputObject:
                Fence(InputObject!.ResourceId, FindPair(Pair, InputObject.ResourceId));
                break;
            default:
                FenceAll(RequirePair(Pair));
                break;
        }
    }

    private void FenceAll(RegionPair pair)
    {
        var connection = Connection;
        var status = Await((observer, token) => Engine.GetPairStatusAsync(connection, pair, observer, token));
        State.Seen.Add(status);
        if (status.FenceDebt.Length == 0) WriteVerbose($"The pair '{pair.Name}' owes no fence.");
        foreach (string name in status.FenceDebt)
        {
            var server = Array.Find(status.Servers, s => string.Equals(s.Name, name, StringComparison.OrdinalIgnoreCase));
            Guard(() => Fence(server?.ResourceId ?? name, pair));
        }
    }

    private void Fence(string server, RegionPair? pair)
    {
        var connection = Connection;
        var request = new FenceRequest
        {
            Server = server,
            ResourceGroup = ResourceGroup,
            KeepRunning = KeepRunning,
            WaitSeconds = WaitSeconds,
            AssumePromoted = WhatIf,
        };
        var run = RunFor(pair);
        Change(
            pair?.Name ?? server,
            (observer, token) => Engine.PlanFenceAsync(connection, request, pair, run, observer, token),
            (plan, observer, token) => Engine.ExecuteAsync(connection, plan, new ExecutionOptions(run, Pair: pair), observer, token));
    }
}
