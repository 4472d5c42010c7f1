using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Commands;

/// <summary>
/// Changes how long resolvers may keep a Traffic Manager profile's answer. Lower it before a planned failover and wait the old time out while
/// everything still serves, and clients follow the switch at once.
/// </summary>
[Cmdlet(VerbsCommon.Set, "HfTrafficProfile", DefaultParameterSetName = ParameterSets.Pair, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(TrafficProfile))]
public sealed class SetHfTrafficProfileCommand : DrChangeCmdlet
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

    /// <summary>The profile, as Get-HfTrafficProfile shows it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.InputObject, ValueFromPipeline = true)]
    public TrafficProfile? InputObject { get; set; }

    /// <summary>Seconds that a resolver may keep an answer, 0 to 2147483647.</summary>
    [Parameter(Mandatory = true)]
    [ValidateRange(0L, 2147483647L)]
    public long Ttl { get; set; }

    /// <summary>Return only when every answer that was given under the old TTL has expired.</summary>
    [Parameter]
    public SwitchParameter WaitForOldTtl { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var pair = ParameterSetName == ParameterSets.Pair ? RequirePair(Pair) : null;
        string profileId = ParameterSetName switch
        {
            ParameterSets.ResourceId => ResourceNames.ProfileOf(ResourceId),
            ParameterSets.InputObject => InputObject!.ResourceId,
            _ => pair!.Traffic.ProfileId,
        };
        pair ??= PairOfProfile(profileId);
        var run = RunFor(pair);
        var request = new ProfileRequest { ProfileId = profileId, Ttl = Ttl, WaitForOldTtl = WaitForOldTtl };
        Change(
            pair?.Name ?? profileId,
            (observer, token) => Engine.PlanProfileAsync(connection, request, run, observer, token),
            (plan, observer, token) => Engine.ExecuteAsync(connection, plan, new ExecutionOptions(run, Pair: pair), observer, token));
    }
}
