using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Commands;

/// <summary>
/// Changes a Traffic Manager endpoint: its target, enabled or disabled, priority, weight, always-serve. Pointing the endpoint at the other region's
/// gateway is what moves the traffic.
/// </summary>
[Cmdlet(VerbsCommon.Set, "HfTrafficEndpoint", DefaultParameterSetName = ParameterSets.Pair, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(TrafficEndpoint))]
public sealed class SetHfTrafficEndpointCommand : DrChangeCmdlet
{
    private const string Enabled = "Enabled";
    private const string Disabled = "Disabled";

    /// <summary>Region pair: its endpoint is changed, and -Location looks there. Default is the open run's, else the only imported one.</summary>
    [Parameter(ParameterSetName = ParameterSets.Pair, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.ResourceId)]
    [Parameter(ParameterSetName = ParameterSets.InputObject)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Resource id of the endpoint.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.ResourceId, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string ResourceId { get; set; } = "";

    /// <summary>The endpoint, as Get-HfTrafficEndpoint shows it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.InputObject, ValueFromPipeline = true)]
    public TrafficEndpoint? InputObject { get; set; }

    /// <summary>
    /// New target: a gateway's FQDN, a Private Link FQDN, an IPv4 or IPv6 address, or the resource id of a public IP or gateway. A name that resolves privately needs
    /// -AlwaysServe Enabled: Traffic Manager cannot probe it.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Target { get; set; }

    /// <summary>Instead of -Target: the gateway target that the pair declares for this location.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Location { get; set; }

    /// <summary>Enabled or Disabled.</summary>
    [Parameter]
    [ValidateSet(Enabled, Disabled)]
    public string? Status { get; set; }

    /// <summary>Priority, 1 (first) to 1000. Other endpoints of the profile are moved out of the way: two never collide.</summary>
    [Parameter]
    [ValidateRange(1L, 1000L)]
    public long? Priority { get; set; }

    /// <summary>Weight, 1 to 1000.</summary>
    [Parameter]
    [ValidateRange(1L, 1000L)]
    public long? Weight { get; set; }

    /// <summary>Enabled: answer with this endpoint whatever the monitor says. Disabled: only while it is healthy.</summary>
    [Parameter]
    [ValidateSet(Enabled, Disabled)]
    public string? AlwaysServe { get; set; }

    /// <summary>Send a private IP address although Azure documents that it refuses one.</summary>
    [Parameter]
    public SwitchParameter AllowPrivateAddress { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        if (Target is not null && Location is not null)
        {
            throw new DrException(
                "HfTargetAmbiguous", DrErrorKind.InvalidArgument, "Both -Target and -Location were given.", Target, "Give one of the two.");
        }

        string? endpointId = ParameterSetName switch
        {
            ParameterSets.ResourceId => ResourceId,
            ParameterSets.InputObject => InputObject!.ResourceId,
            _ => null,
        };
        var pair = endpointId is null || Location is not null ? RequirePair(Pair)
            : Pair is not null ? FindPair(Pair)
            : PairOfProfile(ResourceNames.ProfileOf(endpointId));
        var request = new EndpointRequest
        {
            EndpointId = endpointId ?? EndpointOf(connection, pair!),
            Target = Location is null ? Target : RequireRegion(pair!, Location).GatewayTarget,
            Enabled = Status is null ? null : Is(Status),
            Priority = Priority,
            Weight = Weight,
            AlwaysServe = AlwaysServe is null ? null : Is(AlwaysServe),
            AllowPrivateAddress = AllowPrivateAddress,
        };
        if (request is { Target: null, Enabled: null, Priority: null, Weight: null, AlwaysServe: null })
        {
            throw new DrException(
                "HfNothingAsked",
                DrErrorKind.InvalidArgument,
                "No change was asked for.",
                request.EndpointId,
                "Give -Target or -Location, -Status, -Priority, -Weight or -AlwaysServe.");
        }

        var run = RunFor(pair);
        Change(
            // Priorities are moved in the whole profile.
            pair?.Name ?? ResourceNames.ProfileOf(request.EndpointId),
            (observer, token) => Engine.PlanEndpointAsync(connection, request, observer, token),
            (plan, observer, token) => Engine.ExecuteAsync(connection, plan, new ExecutionOptions(run, Pair: pair), observer, token),
            (_, result) =>
            {
                State.Seen.Add(result);
                WriteObject(result);
            });
    }

    private static bool Is(string value) => string.Equals(value, Enabled, StringComparison.OrdinalIgnoreCase);

    // The pair file names the endpoint; its id also holds its type, which only Azure knows. One read, kept for the session.
    private string EndpointOf(DrConnection connection, RegionPair pair)
    {
        var (profileId, name) = (pair.Traffic.ProfileId, pair.Traffic.EndpointName);
        if (State.Seen.FindEndpoint(profileId, name) is { } known) return known.ResourceId;
        var found = Seen(Await((observer, token) => Engine.GetEndpointsAsync(connection, new EndpointQuery(profileId, name), observer, token)));
        return found.Length > 0
            ? found[0].ResourceId
            : throw new DrException(
                "HfEndpointNotFound", DrErrorKind.NotFound, $"The profile has no endpoint '{name}'.", $"{profileId}/{name}", "See Get-HfTrafficEndpoint -ProfileId, and correct traffic.endpointName in the pair file.");
    }
}
