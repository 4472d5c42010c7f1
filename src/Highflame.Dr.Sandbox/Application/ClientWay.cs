using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using DnsClient;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>
/// How a client finds the application and reaches it: the Traffic Manager name through DNS, kept for its TTL and not longer, then HTTPS to the address with
/// that name as SNI and Host. Connections stay open per address; none is opened before the name has led there.
/// </summary>
internal sealed class ClientWay : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromMilliseconds(500);

    private readonly LoadSettings _settings;
    private readonly LookupClient _dns;
    private readonly ConcurrentDictionary<IPAddress, HttpMessageInvoker> _clients = new();
    private readonly Lock _gate = new();

    public ClientWay(LoadSettings settings)
    {
        _settings = settings;
        _dns = new LookupClient(new LookupClientOptions(new IPEndPoint(IPAddress.Parse(settings.DnsAddress), settings.DnsPort))
        {
            // The cache honours the TTL of the answer; an answer with TTL 0 is not kept.
            UseCache = true,
            CacheFailedResults = false,
            Timeout = ConnectTimeout,
            Retries = 1,
            ThrowDnsErrors = false,
        });
        Target = new Uri($"https://{settings.Host}:{settings.Port}/v1/entries");
    }

    public Uri Target { get; }

    /// <summary>The client for the address that the name has now; null when it has none.</summary>
    public async Task<HttpMessageInvoker?> FindAsync(CancellationToken cancellationToken)
    {
        var answer = await _dns.QueryAsync(_settings.Host, QueryType.A, cancellationToken: cancellationToken).ConfigureAwait(false);
        foreach (var record in answer.Answers)
        {
            if (record is DnsClient.Protocol.ARecord a) return Client(a.Address);
        }

        return null;
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values) client.Dispose();
    }

    private HttpMessageInvoker Client(IPAddress address)
    {
        if (_clients.TryGetValue(address, out var known)) return known;
        lock (_gate)
        {
            return _clients.GetOrAdd(address, Make);
        }
    }

    private HttpMessageInvoker Make(IPAddress address) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectTimeout = ConnectTimeout,
        SslOptions = PinnedCa.Options(_settings.CaCertificate),
        ConnectCallback = async (_, token) =>
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address, _settings.Port, token).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    });
}
