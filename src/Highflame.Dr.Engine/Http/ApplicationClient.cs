using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Dns;

namespace Highflame.Dr.Engine.Http;

/// <summary>An HTTP answer of the application, or why there was none.</summary>
internal sealed record ApplicationReply(int? Status, string Body, string? Address, double Milliseconds, string? Failure);

/// <summary>
/// One way to the application: connects to where a name leads now (asked anew for each connection, as no client of ours keeps DNS), and speaks TLS and HTTP under the
/// application's own host name. The certificate must be valid for that name.
/// </summary>
internal sealed class ApplicationClient : IDisposable
{
    private static readonly HttpRequestOptionsKey<string> ConnectedTo = new("highflame-dr-address");
    private readonly HttpClient _client;
    private readonly Uri _base;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    /// <param name="connectTo">Name or address to connect to.</param>
    /// <param name="hostName">Host name of the application, for TLS and the Host header.</param>
    /// <param name="port">TCP port.</param>
    /// <param name="timeout">Longest time for one request, connecting included.</param>
    /// <param name="names">Resolves <paramref name="connectTo"/>.</param>
    /// <param name="trustedRoots">The only roots to trust; null means the machine's own.</param>
    /// <param name="time">Clock.</param>
    public ApplicationClient(string connectTo, string hostName, int port, TimeSpan timeout, INameResolver names, X509Certificate2Collection? trustedRoots, TimeProvider time)
        : this(new Uri($"https://{Bracketed(hostName)}:{port}"), CreateHandler(connectTo, port, names, trustedRoots), timeout, time)
    {
    }

    internal ApplicationClient(Uri baseAddress, HttpMessageHandler handler, TimeSpan timeout, TimeProvider time)
    {
        _base = baseAddress;
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _timeout = timeout;
        _time = time;
    }

    public Task<ApplicationReply> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    public Task<ApplicationReply> PostAsync(string path, object body, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, body, cancellationToken);

    public void Dispose() => _client.Dispose();

    private static string Bracketed(string host) => IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : host;

    private static SocketsHttpHandler CreateHandler(string connectTo, int port, INameResolver names, X509Certificate2Collection? trustedRoots)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = async (context, token) =>
            {
                var addresses = await names.ResolveAsync(connectTo, token).ConfigureAwait(false);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    context.InitialRequestMessage.Options.Set(ConnectedTo, string.Join(", ", addresses.Select(a => a.ToString())));
                    await socket.ConnectAsync(addresses, port, token).ConfigureAwait(false);
                    if (socket.RemoteEndPoint is IPEndPoint remote) context.InitialRequestMessage.Options.Set(ConnectedTo, (remote.Address.IsIPv4MappedToIPv6 ? remote.Address.MapToIPv4() : remote.Address).ToString());
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        if (trustedRoots is not null) handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = TrustedRoots.PolicyOf(trustedRoots) };
        return handler;
    }

    private async Task<ApplicationReply> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(_base, path)) { Version = HttpVersion.Version11 };
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("highflame-dr", "1"));
        request.Headers.ConnectionClose = true;
        if (body is not null) request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var deadline = new CancellationTokenSource(_timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var start = _time.GetTimestamp();
        try
        {
            using var response = await _client.SendAsync(request, both.Token).ConfigureAwait(false);
            var text = await response.Content.ReadAsStringAsync(both.Token).ConfigureAwait(false);
            return new ApplicationReply((int)response.StatusCode, text, Address(request), Elapsed(start), null);
        }
        catch (Exception e) when (Explain(e, cancellationToken) is { } failure)
        {
            return new ApplicationReply(null, "", Address(request), Elapsed(start), failure);
        }
    }

    private string? Explain(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        OperationCanceledException when cancellationToken.IsCancellationRequested => null,
        OperationCanceledException => $"no answer within {_timeout.TotalSeconds:0.#} s",
        DrException e => e.Message,
        HttpRequestException { InnerException: DrException e } => e.Message,
        HttpRequestException { InnerException: AuthenticationException } => "its certificate is not trusted for this host name",
        HttpRequestException e => (e.InnerException ?? e).Message,
        IOException or SocketException => exception.Message,
        _ => null,
    };

    private static string? Address(HttpRequestMessage request) => request.Options.TryGetValue(ConnectedTo, out var address) ? address : null;

    private double Elapsed(long start) => Math.Round(_time.GetElapsedTime(start).TotalMilliseconds, 3);
}
