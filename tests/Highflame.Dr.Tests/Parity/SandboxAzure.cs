using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Tests.Parity;

/// <summary>Changes a sandbox as somebody in the portal would: plain REST to ARM and to the vaults, beside the module.</summary>
internal sealed class SandboxAzure : IDisposable
{
    private readonly HttpClient _client;
    private readonly JsonNode _file;
    private readonly Dictionary<string, string> _tokens = [];

    public SandboxAzure(string sandboxPath)
    {
        _file = JsonNode.Parse(File.ReadAllText(sandboxPath))!;
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile((string)_file["caCertificate"]!);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(roots);
        _client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
            // The names of vaults are known to the sandbox's name server only: they all stand for this computer.
            ConnectCallback = async (context, token) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        Subscription = $"/subscriptions/{_file["subscriptionId"]}";
    }

    public string Subscription { get; }

    /// <summary>Object id of who is signed in, from the token.</summary>
    public async Task<string> PrincipalAsync()
    {
        var part = (await TokenAsync("https://management.azure.com//.default")).Split('.')[1].Replace('-', '+').Replace('_', '/');
        return (string)JsonNode.Parse(Convert.FromBase64String(part.PadRight((part.Length + 3) / 4 * 4, '=')))!["oid"]!;
    }

    public string Second => $"{Subscription}/resourceGroups/highflame-prod-dr-rg";

    public string First => $"{Subscription}/resourceGroups/highflame-prod-rg";

    public Task<JsonObject> GetAsync(string id, string version) => ArmAsync(HttpMethod.Get, id, version, null);

    /// <summary>Sends a document and waits until the resource has settled.</summary>
    public async Task PutAsync(string id, string version, JsonObject document, HttpMethod? method = null)
    {
        await ArmAsync(method ?? HttpMethod.Put, id, version, document);
        for (var i = 0; i < 200; i++)
        {
            var seen = await GetAsync(id, version);
            if ((string?)seen["properties"]?["provisioningState"] is not ("Updating" or "Creating") && (string?)seen["properties"]?["state"] is null or "Ready") return;
            await Task.Delay(20);
        }
    }

    public Task DeleteAsync(string id, string version) => ArmAsync(HttpMethod.Delete, id, version, null);

    public Task<JsonObject> VaultAsync(HttpMethod method, string vaultUri, string path, JsonObject? body = null) =>
        SendAsync(method, new Uri($"{vaultUri}{path}?api-version=7.5"), "https://vault.azure.net/.default", body);

    public Task<JsonObject> ArmAsync(HttpMethod method, string id, string version, JsonObject? body) =>
        SendAsync(method, new Uri($"{_file["arm"]}{id}?api-version={version}"), "https://management.azure.com//.default", body);

    public void Dispose() => _client.Dispose();

    private async Task<JsonObject> SendAsync(HttpMethod method, Uri uri, string scope, JsonObject? body)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(method, uri);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(scope));
            if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            using var response = await _client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
            {
                await Task.Delay(response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1));
                continue;
            }

            Assert.True(response.IsSuccessStatusCode, $"{method} {uri}: {(int)response.StatusCode} {text}");
            return text.Length == 0 ? [] : (JsonObject)JsonNode.Parse(text)!;
        }
    }

    private async Task<string> TokenAsync(string scope)
    {
        if (_tokens.TryGetValue(scope, out var known)) return known;
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = (string)_file["clientId"]!,
            ["client_secret"] = (string)_file["clientSecret"]!,
            ["scope"] = scope,
        });
        using var response = await _client.PostAsync(new Uri($"{_file["authority"]}/{_file["tenantId"]}/oauth2/v2.0/token"), form);
        return _tokens[scope] = (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["access_token"]!;
    }
}
