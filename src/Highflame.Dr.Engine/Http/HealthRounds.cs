using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Health;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Http;

/// <summary>Carries a health request out: every way asked for, side by side.</summary>
internal sealed class HealthRounds
{
    private readonly AzureConnection _connection;
    private readonly IInventory _inventory;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public HealthRounds(AzureConnection connection, IInventory inventory, TimeProvider time, IDrObserver observer)
    {
        _connection = connection;
        _inventory = inventory;
        _time = time;
        _observer = observer;
    }

    public async Task<IReadOnlyList<HealthVerdict>> RunAsync(HealthRequest request, CancellationToken cancellationToken)
    {
        var pair = request.Pair;
        var profile = request.Location is null || request.Via.Contains(HealthPath.TrafficManager)
            ? await _inventory.GetProfileAsync(pair.Traffic.ProfileId, cancellationToken).ConfigureAwait(false)
            : null;
        var region = request.Location is { } location ? pair.RequireRegion(location) : await pair.FindRegionAtAsync(pair.EndpointIn(profile)?.Target, _connection.Names, null, cancellationToken).ConfigureAwait(false);
        if (region is null && request.Via.Contains(HealthPath.Gateway))
            throw new DrException("HfActiveRegionUnknown", DrErrorKind.InvalidState, $"Traffic of pair '{pair.Name}' goes to neither of its regions.", pair.Traffic.ProfileId, "Give -Location.");
        return await Task.WhenAll(request.Via.Select(via => RunAsync(request, via, via == HealthPath.Gateway ? region!.GatewayTarget : profile!.Fqdn, region, cancellationToken))).ConfigureAwait(false);
    }

    private async Task<HealthVerdict> RunAsync(HealthRequest request, HealthPath via, string connectTo, PairRegion? region, CancellationToken cancellationToken)
    {
        var health = request.Pair.Health;
        using var client = new ApplicationClient(connectTo, health.HostName ?? connectTo, health.Port, TimeSpan.FromSeconds(health.TimeoutSeconds), _connection.Names, _connection.TrustedRoots, _time);
        var url = $"https://{connectTo}{(health.Port == 443 ? "" : $":{health.Port}")}{health.Path}";
        var expected = new HealthExpectation(health.ExpectedStatus, region?.Location, request.ExpectedRole);
        return await new HealthTest(client, health, _time, _observer).RunAsync(via, url, expected, request.Function, TimeSpan.FromSeconds(request.WaitSeconds), cancellationToken).ConfigureAwait(false);
    }
}
