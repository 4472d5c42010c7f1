using System.Collections;
using System.Globalization;
using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>Builds a read replica of a primary in another region, under a name that is free: server names are globally unique and a server cannot be renamed.</summary>
[Cmdlet(VerbsCommon.New, "HfReadReplica", DefaultParameterSetName = SourceSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DbReplica))]
public sealed class NewHfReadReplicaCommand : DrChangeCmdlet
{
    private const string SourceSet = "Source";
    private const string SourceIdSet = "SourceServerResourceId";

    /// <summary>Name of the primary.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = SourceSet)]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string Source { get; set; } = "";

    /// <summary>Resource id of the primary. Binds to the output of Invoke-HfDbFailover.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SourceIdSet, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string SourceServerResourceId { get; set; } = "";

    /// <summary>The primary, as Get-HfDbServer shows it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.InputObject, ValueFromPipeline = true)]
    public DbServer? InputObject { get; set; }

    /// <summary>Location of the new replica. Never taken from the pipeline: an object there carries the location of the primary.</summary>
    [Parameter(Mandatory = true)]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [ValidateNotNullOrEmpty]
    public string Location { get; set; } = "";

    /// <summary>Name of the new replica; default is the pair's replicaName for the location, else the next free name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ReplicaName { get; set; }

    /// <summary>Resource group of the new replica; default is the pair's group of the location, else the primary's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ResourceGroupCompleter))]
    public string? ResourceGroup { get; set; }

    /// <summary>Tags of the new replica; default is the primary's.</summary>
    [Parameter]
    public Hashtable? Tag { get; set; }

    /// <summary>Return as soon as Azure has accepted the creation; Wait-HfOperation waits for its end.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>Region pair that the servers belong to. Default is the open run's, else the imported one.</summary>
    [Parameter]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var request = new ReplicaRequest
        {
            Source = ParameterSetName switch
            {
                SourceIdSet => SourceServerResourceId,
                ParameterSets.InputObject => InputObject!.ResourceId,
                _ => Source,
            },
            Location = AzureLocation.Normalize(Location),
            Name = ReplicaName,
            ResourceGroup = ResourceGroup,
            Tags = Tag?.Cast<DictionaryEntry>().ToDictionary(e => Text(e.Key), e => Text(e.Value)),
            AssumePromoted = WhatIf,
        };
        var pair = FindPair(Pair, request.Source);
        var run = RunFor(pair);
        Change(
            pair?.Name ?? request.Source,
            (observer, token) => Engine.PlanReplicaAsync(connection, request, pair, observer, token),
            (plan, observer, token) => Engine.ExecuteAsync(connection, plan, new ExecutionOptions(run, NoWait, pair), observer, token),
            (_, result) =>
            {
                State.Seen.Add(result.Operation);
                WriteObject(result);
            });
    }

    private static string Text(object? value) => Convert.ToString(value is PSObject wrapped ? wrapped.BaseObject : value, CultureInfo.InvariantCulture) ?? "";
}
