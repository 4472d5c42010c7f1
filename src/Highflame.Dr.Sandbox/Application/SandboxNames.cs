using System.Net;
using System.Net.Sockets;
using DnsClient;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>Names as the sandbox's DNS has them, for programs inside a region.</summary>
internal sealed class SandboxNames(string dnsAddress, int dnsPort)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMilliseconds(500);

    private readonly LookupClient _dns = new(new LookupClientOptions(new IPEndPoint(IPAddress.Parse(dnsAddress), dnsPort)) { UseCache = false, Timeout = s_timeout, Retries = 1, ThrowDnsErrors = false });

    /// <summary>The first address of a name. Throws <see cref="IOException"/> when it has none.</summary>
    public async Task<IPAddress> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(name, out var address)) return address;
        IDnsQueryResponse answer;
        try
        {
            answer = await _dns.QueryAsync(name, QueryType.A, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (DnsResponseException failure)
        {
            throw new IOException($"The name '{name}' was not resolved: {failure.Message}", failure);
        }

        return answer.Answers.OfType<DnsClient.Protocol.ARecord>().FirstOrDefault()?.Address ?? throw new IOException($"The name '{name}' has no address.");
    }

    /// <summary>A handler that finds hosts through this DNS and trusts the sandbox's CA alone.</summary>
    public SocketsHttpHandler Handler(string caCertificate) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        SslOptions = PinnedCa.Options(caCertificate),
        ConnectCallback = async (context, token) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(await ResolveAsync(context.DnsEndPoint.Host, token).ConfigureAwait(false), context.DnsEndPoint.Port, token).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };
}
