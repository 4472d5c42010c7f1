using System.Net.Http.Json;
using System.Net.Sockets;
using Highflame.Dr.Sandbox.Application;

namespace Highflame.Dr.Tests.Support;

/// <summary>Talks straight to a region's gateway under the Traffic Manager name, trusting the sandbox's CA only.</summary>
internal sealed class GatewayClient : IDisposable
{
    private readonly RealSandbox _sandbox;
    private readonly Dictionary<string, HttpClient> _clients;

    public GatewayClient(RealSandbox sandbox)
    {
        _sandbox = sandbox;
        _clients = sandbox.Layout.Regions.ToDictionary(r => r.Location, r => new HttpClient(new SocketsHttpHandler
        {
            SslOptions = PinnedCa.Options(sandbox.Layout.CaCertificatePath),
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    await socket.ConnectAsync(r.GatewayAddress, sandbox.Layout.GatewayPort, token);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        })
        {
            BaseAddress = new Uri($"https://{sandbox.Layout.TrafficManagerFqdn}:{sandbox.Layout.GatewayPort}"),
        });
    }

    public Task<HttpResponseMessage> GetAsync(string location, string path) => _clients[location].GetAsync(path);

    public Task<HttpResponseMessage> PostAsync(string location, string id, string value) =>
        _clients[location].PostAsJsonAsync("/v1/entries", new EntryRequest(id, value), ChildJson.Default.EntryRequest);

    public async Task<HealthAnswer> HealthAsync(string location)
    {
        using var answer = await GetAsync(location, "/healthz");
        return answer.Content.Headers.ContentType?.MediaType == "application/json"
            ? (await answer.Content.ReadFromJsonAsync(ChildJson.Default.HealthAnswer))!
            : new HealthAnswer("unhealthy", location, "", null, "", $"{(int)answer.StatusCode} by the gateway");
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values) client.Dispose();
    }
}
