using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Highflame.Dr.Sandbox.Seed;

/// <summary>Waits until both regions really serve: /healthz answers 200 through each gateway.</summary>
internal static class Readiness
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <summary>Throws <see cref="TimeoutException"/> when a region does not serve within a minute.</summary>
    public static async Task WaitAsync(SandboxLayout layout, X509Certificate2 authority, TimeProvider time, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler
        {
            SslOptions = { CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck } },
        };
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(5) };
        await Task.WhenAll(layout.Regions.Select(r => ServesAsync(client, layout, r, time, cancellationToken)));
    }

    private static async Task ServesAsync(HttpClient client, SandboxLayout layout, SandboxRegion region, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var last = "no answer";
        while (time.GetElapsedTime(start) < s_limit)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{region.GatewayAddress}:{layout.GatewayPort}/healthz");
                request.Headers.Host = layout.ApplicationHost;
                using var response = await client.SendAsync(request, cancellationToken);
                if (response.StatusCode == HttpStatusCode.OK) return;
                last = $"HTTP {(int)response.StatusCode}";
            }
            catch (HttpRequestException error)
            {
                last = error.Message;
            }
            catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                last = "no answer within 5 s";
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken);
        }

        throw new TimeoutException($"Region {region.Location} did not serve within {s_limit.TotalSeconds} s ({last}). See {Path.Combine(layout.Root, "logs")}.");
    }
}
