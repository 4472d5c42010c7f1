using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Tests.Drills;

/// <summary>Azure's own calls to a sandbox, by somebody else than the one who is tested: its managed identity, which owns the subscription.</summary>
public sealed class SandboxWire : IDisposable
{
    private readonly JsonNode _file;
    private readonly HttpClient _client;

    public SandboxWire(string sandboxPath)
    {
        _file = JsonNode.Parse(File.ReadAllText(sandboxPath))!;
        using var authority = X509CertificateLoader.LoadCertificateFromFile((string)_file["caCertificate"]!);
        _client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { X509CertificateLoader.LoadCertificate(authority.RawData) }, RevocationMode = X509RevocationMode.NoCheck } },
            // Vaults have names that only the sandbox's DNS knows; everything here listens on loopback.
            ConnectCallback = async (context, token) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(context.DnsEndPoint.Host.EndsWith(".azure.net", StringComparison.Ordinal) ? "127.0.0.1" : context.DnsEndPoint.Host, context.DnsEndPoint.Port, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
    }

    public string Subscription => $"/subscriptions/{_file["subscriptionId"]}";

    public void Dispose() => _client.Dispose();

    /// <summary>A call to Azure Resource Manager; the path has its query.</summary>
    public Task<JsonNode?> ArmAsync(string method, string path, object? body = null) => SendAsync(method, $"{_file["arm"]}{path}", "https://management.azure.com/", body);

    /// <summary>A call to the data plane of a vault.</summary>
    public async Task<JsonNode?> VaultAsync(string method, string vaultId, string path, object? body = null)
    {
        var vault = await ArmAsync("GET", $"{vaultId}?api-version=2024-11-01");
        return await SendAsync(method, $"{vault!["properties"]!["vaultUri"]}{path}?api-version=7.5", "https://vault.azure.net", body);
    }

    /// <summary>Object id of the application that sandbox.json signs in as: its token tells.</summary>
    public async Task<string> ApplicationAsync()
    {
        using var content = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = (string)_file["clientId"]!,
            ["client_secret"] = (string)_file["clientSecret"]!,
            ["scope"] = "https://management.azure.com/.default",
        });
        using var response = await _client.PostAsync($"{_file["authority"]}/{_file["tenantId"]}/oauth2/v2.0/token", content);
        var claims = ((string)(await response.Content.ReadFromJsonAsync<JsonNode>())!["access_token"]!).Split('.')[1].Replace('-', '+').Replace('_', '/');
        return (string)JsonNode.Parse(Convert.FromBase64String(claims.PadRight((claims.Length + 3) / 4 * 4, '=')))!["oid"]!;
    }

    private async Task<JsonNode?> SendAsync(string method, string url, string audience, object? body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), url);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(audience));
        if (body is not null) request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var response = await _client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {url}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }

    private async Task<string> TokenAsync(string audience)
    {
        var identity = _file["managedIdentity"]!;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{identity["endpoint"]}?api-version=2019-08-01&resource={Uri.EscapeDataString(audience)}");
        request.Headers.Add("X-IDENTITY-HEADER", (string)identity["header"]!);
        using var response = await _client.SendAsync(request);
        return (string)(await response.Content.ReadFromJsonAsync<JsonNode>())!["access_token"]!;
    }
}
