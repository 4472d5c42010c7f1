using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Commands;

/// <summary>Shows a Traffic Manager profile as it is now: name, routing, TTL, monitor and endpoints.</summary>
[Cmdlet(VerbsCommon.Get, "HfTrafficProfile", DefaultParameterSetName = ParameterSets.Pair)]
[OutputType(typeof(TrafficProfile))]
public sealed class GetHfTrafficProfileCommand : DrFleetCmdlet
{
    /// <summary>Region pair whose profile is meant: the pair, its status, its name or the path of its file. Default is the only imported pair.</summary>
    [Parameter(Position = 0, ParameterSetName = ParameterSets.Pair, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Resource id of the profile, or of one of its endpoints.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.ResourceId, ValueFromPipelineByPropertyName = true)]
    [Alias("ProfileId", "ProfileResourceId")]
    [ValidateNotNullOrEmpty]
    public string ResourceId { get; set; } = "";

    private protected override void Process()
    {
        var connection = Connection;
        string profileId = ParameterSetName == ParameterSets.ResourceId ? ResourceNames.ProfileOf(ResourceId) : RequirePair(Pair).Traffic.ProfileId;
        AwaitBeside((observer, token) => Engine.GetProfileAsync(connection, profileId, observer, token), profile =>
        {
            Seen(profile.Endpoints);
            WriteObject(profile);
        });
    }
}
