using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>Measures replication now: the lag of each replica in bytes and in seconds, and where the figures come from. A primary stands for all its replicas.</summary>
[Cmdlet(VerbsCommon.Get, "HfReplication", DefaultParameterSetName = ParameterSets.Pair)]
[OutputType(typeof(ReplicationStatus))]
public sealed class GetHfReplicationCommand : DrFleetCmdlet
{
    /// <summary>Name of a primary or replica.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ParameterSets.Name)]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Resource group to look in; default is all.</summary>
    [Parameter(ParameterSetName = ParameterSets.Name)]
    [ArgumentCompleter(typeof(ResourceGroupCompleter))]
    public string? ResourceGroup { get; set; }

    /// <summary>Resource id of a primary or replica.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.ResourceId, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string ResourceId { get; set; } = "";

    /// <summary>A primary or replica, as Get-HfDbServer shows it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.InputObject, ValueFromPipeline = true)]
    public DbServer? InputObject { get; set; }

    /// <summary>Every replica of this region pair: the pair, its status, its name or the path of its file. Default is the only imported pair.</summary>
    [Parameter(ParameterSetName = ParameterSets.Pair, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    private protected override void Process()
    {
        DbServerQuery[] queries = ParameterSetName switch
        {
            ParameterSets.Name => [.. Name.Select(n => new DbServerQuery(n, ResourceGroup))],
            ParameterSets.ResourceId => [new DbServerQuery(ResourceId: ResourceId)],
            ParameterSets.InputObject => [new DbServerQuery(ResourceId: InputObject!.ResourceId)],
            _ => [new DbServerQuery(Pair: RequirePair(Pair))],
        };
        foreach (var query in queries) Guard(() => Show(query));
    }

    private void Show(DbServerQuery query)
    {
        var connection = Connection;
        AwaitBeside((observer, token) => Engine.GetReplicationAsync(connection, query, observer, token), found =>
        {
            foreach (var status in found) WriteObject(status);
        });
    }
}
