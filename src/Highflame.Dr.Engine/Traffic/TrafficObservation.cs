using System.IO.Enumeration;
using System.Net;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Dns;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Planning;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Traffic;

/// <summary>Reads what the traffic planners need, and the lists that people ask for.</summary>
internal sealed class TrafficObservation
{
    private readonly IArm _arm;
    private readonly AzureInventory _inventory;
    private readonly INameResolver _names;
    private readonly TimeProvider _time;
    private readonly bool _sandbox;

    public TrafficObservation(IArm arm, AzureInventory inventory, INameResolver names, TimeProvider time, bool sandbox)
    {
        _arm = arm;
        _inventory = inventory;
        _names = names;
        _time = time;
        _sandbox = sandbox;
    }

    public static TrafficObservation Of(AzureConnection connection, IDrObserver observer) =>
        new(connection.Arm, AzureInventory.Of(connection, observer), connection.Names, connection.Time, connection.IsSandbox);

    public async Task<IReadOnlyList<TrafficEndpoint>> GetEndpointsAsync(EndpointQuery query, CancellationToken cancellationToken)
    {
        if (query.EndpointId is not null) return [await _inventory.GetEndpointAsync(query.EndpointId, cancellationToken).ConfigureAwait(false)];
        IReadOnlyList<TrafficProfile> profiles = query.ProfileId is not null
            ? [await _inventory.GetProfileAsync(query.ProfileId, cancellationToken).ConfigureAwait(false)]
            : await _inventory.GetProfilesAsync(cancellationToken).ConfigureAwait(false);
        var endpoints = profiles.SelectMany(p => p.Endpoints).Where(e => query.Name is null || FileSystemName.MatchesSimpleExpression(query.Name, e.Name, ignoreCase: true)).ToArray();
        if (endpoints.Length == 0 && query.Name is not null && !ServerListing.IsWildcard(query.Name))
            throw new DrException("HfEndpointNotFound", DrErrorKind.NotFound, $"No endpoint is named '{query.Name}'.", query.Name, "See the endpoints with Get-HfTrafficEndpoint.");
        return endpoints;
    }

    public async Task<EndpointPlan> PlanAsync(EndpointRequest request, CancellationToken cancellationToken)
    {
        var observedAt = _time.GetUtcNow();
        var finding = request.Target is null ? Task.FromResult(new FoundTarget(null, null)) : TargetLookup.FindAsync(_arm, request.Target, cancellationToken);
        var profile = await _inventory.GetProfileAsync(AzureInventory.ProfileIdOf(request.EndpointId), cancellationToken).ConfigureAwait(false);
        var endpoint = Array.Find(profile.Endpoints, e => AzureId.Same(e.ResourceId, request.EndpointId))
            ?? await _inventory.GetEndpointAsync(request.EndpointId, cancellationToken).ConfigureAwait(false);
        var found = await finding.ConfigureAwait(false);
        var effective = found.Target ?? endpoint.Target;
        IReadOnlyList<IPAddress> addresses = [];
        if (effective is not null && EndpointTarget.TryRead(effective, out var target) is null)
            addresses = target.Address is { } literal ? [literal] : await TryResolveAsync(target.Text, cancellationToken).ConfigureAwait(false);
        return EndpointPlanner.Plan(profile, endpoint, request, new(found.Target, found.Problem, addresses, _sandbox, observedAt));
    }

    /// <param name="request">The profile and its TTL.</param>
    /// <param name="state">What the open run's journal tells; null outside a run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ProfilePlan> PlanAsync(ProfileRequest request, JournalState? state, CancellationToken cancellationToken)
    {
        var observedAt = _time.GetUtcNow();
        var profile = await _inventory.GetProfileAsync(request.ProfileId, cancellationToken).ConfigureAwait(false);
        return ProfilePlanner.Plan(profile, request, observedAt, state is null ? null : OldTtl.UntilOf(state, profile.ResourceId, observedAt));
    }

    private async Task<IPAddress[]> TryResolveAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await _names.ResolveAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (DrException)
        {
            return [];
        }
    }
}
