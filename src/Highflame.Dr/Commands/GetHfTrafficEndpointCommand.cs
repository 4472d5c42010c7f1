using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Commands;

/// <summary>Shows Traffic Manager endpoints as they are now: target, status, monitor status, always-serve.</summary>
[Cmdlet(VerbsCommon.Get, "HfTrafficEndpoint", DefaultParameterSetName = ParameterSets.Pair)]
[OutputType(typeof(TrafficEndpoint))]
public sealed class GetHfTrafficEndpointCommand : DrFleetCmdlet
{
    private const string ProfileSet = "Profile";

    /// <summary>Region pair whose endpoint is meant: the pair, its status, its name or the path of its file. Default is the only imported pair.</summary>
    [Parameter(Position = 0, ParameterSetName = ParameterSets.Pair, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Resource id of a profile: all its endpoints.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ProfileSet)]
    [ValidateNotNullOrEmpty]
    public string ProfileId { get; set; } = "";

    /// <summary>Name of one endpoint of the profile.</summary>
    [Parameter(ParameterSetName = ProfileSet)]
    [ArgumentCompleter(typeof(EndpointNameCompleter))]
    public string? Name { get; set; }

    /// <summary>Resource id of an endpoint; a profile's means all its endpoints.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.ResourceId, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string ResourceId { get; set; } = "";

    private protected override void Process()
    {
        var connection = Connection;
        var query = ParameterSetName switch
        {
            ProfileSet => new EndpointQuery(ProfileId, Name),
            ParameterSets.ResourceId when ResourceNames.ProfileOf(ResourceId) == ResourceId => new EndpointQuery(ResourceId),
            ParameterSets.ResourceId => new EndpointQuery(EndpointId: ResourceId),
            _ => OfPair(RequirePair(Pair)),
        };
        AwaitBeside((observer, token) => Engine.GetEndpointsAsync(connection, query, observer, token), found => WriteObject(Seen(found), enumerateCollection: true));
    }

    private static EndpointQuery OfPair(RegionPair pair) => new(pair.Traffic.ProfileId, pair.Traffic.EndpointName);
}
