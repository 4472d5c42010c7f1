using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>
/// The gateway of one region: a reverse proxy with TLS in front of the application, which answers 503 while the application's /healthz is not 200. It adds
/// nothing else.
/// </summary>
internal static class GatewayProgram
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(ChildChannel channel, TimeProvider time)
    {
        var settings = await channel.ReadSettingsAsync(ChildJson.Default.GatewaySettings).ConfigureAwait(false);
        using var certificate = LoadCertificate(settings);
        await using var web = Web.Build(
            kestrel => kestrel.Listen(IPAddress.Parse(settings.Address), settings.Port, listen => listen.UseHttps(certificate)),
            services => services.AddReverseProxy().LoadFromMemory([Route], [Cluster(settings.Application)]));
        web.MapReverseProxy();
        await web.StartAsync().ConfigureAwait(false);
        await channel.SayReadyAsync().ConfigureAwait(false);

        using var stop = new CancellationTokenSource();
        var warming = WarmUpAsync(settings, time, stop.Token);
        await channel.ServeAsync(command => throw new NotSupportedException($"The gateway knows no '{command.Command}'.")).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await warming.ConfigureAwait(false);
        return 0;
    }

    private static RouteConfig Route => new() { RouteId = "all", ClusterId = "application", Match = new RouteMatch { Path = "{**rest}" } };

    private static ClusterConfig Cluster(string application) => new()
    {
        ClusterId = "application",
        Destinations = new Dictionary<string, DestinationConfig> { ["application"] = new() { Address = application } },
        HealthCheck = new HealthCheckConfig
        {
            // The default goes on sending to an unhealthy application when there is no other.
            AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyAndUnknown,
            Active = new ActiveHealthCheckConfig { Enabled = true, Interval = ProbeInterval, Timeout = ProbeTimeout, Path = "/healthz", Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures },
        },
        Metadata = new Dictionary<string, string> { [ConsecutiveFailuresHealthPolicyOptions.ThresholdMetadataName] = "2" },
        HttpRequest = new ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromSeconds(4) },
    };

    private static X509Certificate2 LoadCertificate(GatewaySettings settings)
    {
        using var pem = X509Certificate2.CreateFromPemFile(settings.Certificate, settings.Key);
        // Windows cannot serve with a key that was never in a key store.
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>Runs the way of a request through TLS, proxy and application before the first client does.</summary>
    private static async Task WarmUpAsync(GatewaySettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        var address = IPAddress.Parse(settings.Address);
        handler.ConnectCallback = async (_, token) =>
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address, settings.Port, token).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };
#pragma warning disable CA5359 // It talks to itself, at its own address.
        handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true };
#pragma warning restore CA5359
        using var client = new HttpClient(handler) { BaseAddress = new Uri($"https://localhost:{settings.Port}") };
        try
        {
            var rounds = 0;
            while (rounds < 20)
            {
                using var refused = await client.PostAsJsonAsync("/v1/entries", new EntryRequest("", ""), ChildJson.Default.EntryRequest, cancellationToken).ConfigureAwait(false);
                if (refused.StatusCode == HttpStatusCode.BadRequest) rounds++;
                else await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or HttpRequestException)
        {
            // The program ends.
        }
    }
}
