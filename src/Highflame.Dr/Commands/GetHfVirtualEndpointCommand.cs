using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>Shows the virtual endpoints of primaries: two names of which the writer leads to the primary and the reader to one server.</summary>
[Cmdlet(VerbsCommon.Get, "HfVirtualEndpoint", DefaultParameterSetName = ParameterSets.Pair)]
[OutputType(typeof(VirtualEndpoint))]
public sealed class GetHfVirtualEndpointCommand : DrFleetCmdlet
{
    /// <summary>Resource id or name of a primary, or of one of its replicas. Binds to Get-HfDbServer.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ParameterSets.Name, ValueFromPipelineByPropertyName = true)]
    [Alias("ResourceId")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string Server { get; set; } = "";

    /// <summary>Every server of this region pair: the pair, its name or the path of its file. Default is the only imported pair.</summary>
    [Parameter(ParameterSetName = ParameterSets.Pair, ValueFromPipeline = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var query = ParameterSetName == ParameterSets.Pair ? new DbServerQuery(Pair: RequirePair(Pair))
            : Server.StartsWith('/') ? new DbServerQuery(ResourceId: Server) : new DbServerQuery(Server);
        AwaitBeside((observer, token) => Engine.GetVirtualEndpointsAsync(connection, query, observer, token), found => WriteObject(found, enumerateCollection: true));
    }
}
