using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// Gives a region the sizes that the pair file says for its role: node pools, application gateway, cache, database compute. A region that takes over is only ever
/// made larger; the one that was left gets exactly what the file says.
/// </summary>
[Cmdlet(VerbsCommon.Set, "HfRegionCapacity", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(CapacityChange))]
public sealed class SetHfRegionCapacityCommand : DrChangeCmdlet
{
    /// <summary>Region pair that the region belongs to: the pair, its status, its name or the path of its file. Default is the open run's, else the only imported pair.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Location of the region.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [ValidateNotNullOrEmpty]
    public string Location { get; set; } = "";

    /// <summary>Whose sizes the region gets: Active or Passive. Default is the role that it has now.</summary>
    [Parameter]
    public RegionRole? Role { get; set; }

    /// <summary>Only these parts: Pool, Gateway, Cache, Database. Default is all that the pair file names.</summary>
    [Parameter]
    public CapacityPart[] Part { get; set; } = [];

    /// <summary>Return as soon as Azure has accepted the changes. Running the same command again sees them through.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var pair = RequirePair(Pair);
        var request = new CapacityRequest { Pair = pair, Location = RequireRegion(pair, Location).Location, Role = Role, Parts = Part, AssumeTrafficMoved = WhatIf };
        var run = RunFor(pair);
        Change(
            pair.Name,
            (observer, token) => Engine.PlanCapacityAsync(connection, request, observer, token),
            (plan, observer, token) => Engine.ExecuteAsync(connection, plan, new ExecutionOptions(run, NoWait, pair), observer, token),
            (_, changes) =>
            {
                foreach (var change in changes)
                {
                    State.Seen.Add(change.Operation);
                    WriteObject(change);
                }
            });
    }
}
