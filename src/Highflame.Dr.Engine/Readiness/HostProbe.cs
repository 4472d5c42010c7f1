using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Http;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Health;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>Every public host at one region's gateway: the certificate it shows, and whether the application behind it is healthy.</summary>
internal sealed class HostProbe
{
    // A gateway that has just come up may need a moment; one that is healthy is seen to be so within a second.
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(3);
    private readonly AzureConnection _connection;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public HostProbe(AzureConnection connection, TimeSpan patience, TimeProvider time, IDrObserver observer)
    {
        _connection = connection;
        _patience = patience;
        _time = time;
        _observer = observer;
    }

    /// <summary>The hosts that have a listener; where the gateway could not be looked at, the application's own. One that has none is told by the gateway's rules.</summary>
    public static IEnumerable<string> HostsOf(RegionPair pair, PairRegion region, GatewaySight? gateway)
    {
        var own = pair.Health.HostName ?? region.GatewayTarget;
        return gateway is null ? [own] : gateway.Hosts.Concat(gateway.Serves(own) ? [own] : []).Distinct(StringComparer.OrdinalIgnoreCase);
    }

    public async Task<HostSight> LookAsync(RegionPair pair, PairRegion region, string host, CancellationToken cancellationToken)
    {
        var health = pair.Health;
        var certificate = Glimpse.OfAsync(token => CertificateProbe.LookAsync(region.GatewayTarget, health.Port, host, _connection.Names, _connection.TrustedRoots, token), _patience, _time, cancellationToken);
        var verdict = Glimpse.OfAsync<HealthVerdict>(
            async token =>
            {
                using var client = new ApplicationClient(region.GatewayTarget, host, health.Port, TimeSpan.FromSeconds(Math.Min(health.TimeoutSeconds, _patience.TotalSeconds)), _connection.Names, _connection.TrustedRoots, _time);
                return await new HealthTest(client, health, _time, _observer).RunAsync(
                    HealthPath.Gateway, $"https://{host}:{health.Port}{health.Path}", new HealthExpectation(health.ExpectedStatus, region.Location, null), false, Wait, token).ConfigureAwait(false);
            },
            _patience * 2, _time, cancellationToken);
        return new HostSight(host) { Certificate = await certificate.ConfigureAwait(false), Health = await verdict.ConfigureAwait(false) };
    }
}
