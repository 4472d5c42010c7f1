using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Application;
using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Identity;
using Highflame.Dr.Sandbox.Postgres;
using Highflame.Dr.Sandbox.Seed;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Sandbox.Tests.Arm;

/// <summary>An answer of ARM.</summary>
internal sealed record Answer(int Status, JsonNode? Body, HttpResponseHeaders Headers)
{
    public string? Code => Body.Text("error.code");

    public string Header(string name) => Headers.GetValues(name).Single();
}

/// <summary>The whole ARM side over HTTPS on loopback, with fakes for the real parts and a clock that tests move.</summary>
internal sealed class RunningSandbox : IAsyncDisposable
{
    public const string V = "2025-08-01";
    private readonly SandboxCertificates _certificates;
    private readonly Composition _sandbox;
    private string? _token;

    private RunningSandbox(string root, SandboxCertificates certificates, Composition sandbox, FakeFleet fleet, FakeTraffic traffic, FakeRegions regions, FakeTimeProvider time)
    {
        (Root, _certificates, _sandbox, Fleet, Traffic, Regions, Time) = (root, certificates, sandbox, fleet, traffic, regions, time);
        Http = new HttpClient(Trusting(certificates.Authority));
    }

    public string Root { get; }

    public Composition Sandbox => _sandbox;

    public SandboxCertificates Certificates => _certificates;

    public FakeFleet Fleet { get; }

    public FakeTraffic Traffic { get; }

    public FakeRegions Regions { get; }

    public FakeTimeProvider Time { get; }

    public HttpClient Http { get; }

    public string Subscription => $"/subscriptions/{_sandbox.Identity.SubscriptionId}";

    public string Primary => Server("highflame-prod-rg", "highflame-prod-postgres");

    public string Replica => Server("highflame-prod-dr-rg", "highflame-prod-dr-postgres");

    public string Profile => SandboxFile.ProfileId(_sandbox);

    public static async Task<RunningSandbox> StartAsync(double timeScale = 0, bool empty = false, int pairs = 1)
    {
        var root = Directory.CreateTempSubdirectory("hfdr-arm-").FullName;
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var layout = new SandboxLayout
        {
            Root = root,
            Network = 77,
            GatewayPort = pairs > 1 ? FreePort() : 8443,
            DatabasePort = 5432,
            DnsPort = 5353,
            TimeScale = timeScale,
            Empty = empty,
            AdministratorPassword = "Secret123!",
            ApplicationPassword = "Appl1cation!",
            Regions = [Region(1, "eastus", "East US", "highflame-prod"), Region(2, "westus", "West US", "highflame-prod-dr")],
            FurtherPairs = [.. Enumerable.Range(2, pairs - 1).Select(n => LayoutPlan.Further(77, n))],
        };
        var (fleet, traffic, regions) = (new FakeFleet(), new FakeTraffic(), new FakeRegions());
        var certificates = SandboxCertificates.Create(layout.Pairs.SelectMany(p => p.Regions).Select(r => r.GatewayAddress), time);
        certificates.Write(layout);
        var documents = pairs > 1 ? new DocumentDatabases(77, layout.DatabasePort, (one, other) => ((IInterRegionLinks)regions).Get(one, other).Cut, time) : null;
        var parts = new RealParts
        {
            Databases = documents is null ? fleet : new MixedFleet(fleet, documents),
            Documents = documents,
            PairGateways = documents is null ? null : await PairGateways.StartAsync(layout, documents, fleet, CancellationToken.None),
            Traffic = traffic,
            Regions = regions,
            Links = regions,
            Load = regions,
        };
        var sandbox = await Composition.StartAsync(layout, SandboxIdentity.Create(1), certificates, parts, time, NullLoggerFactory.Instance, CancellationToken.None);
        if (empty) UsersEnvironment.Leave(sandbox);
        else await UsersEnvironment.BuildAsync(sandbox, CancellationToken.None);
        fleet.Calls.Clear();
        return new RunningSandbox(root, certificates, sandbox, fleet, traffic, regions, time);
    }

    public static HttpMessageHandler Trusting(X509Certificate2 authority) => new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        SslOptions = { CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck } },
    };

    public string Server(string group, string name) => $"{Subscription}/resourceGroups/{group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/{name}";

    /// <summary>A token of the service principal, from the token endpoint.</summary>
    public async Task<string> TokenAsync(string scope = "https://management.azure.com//.default")
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = _sandbox.Identity.ClientId,
            ["client_secret"] = _sandbox.Identity.ClientSecret,
            ["scope"] = scope,
        });
        using var response = await Http.PostAsync(new Uri($"{_sandbox.Authority.OriginalString}/{_sandbox.Identity.TenantId}/oauth2/v2.0/token"), form);
        response.EnsureSuccessStatusCode();
        return JsonNode.Parse(await response.Content.ReadAsStringAsync()).Text("access_token")!;
    }

    public Task<Answer> GetAsync(string path, string? version = V) => SendAsync("GET", path, null, version);

    /// <param name="path">A path, or a whole URL as a header gave it.</param>
    /// <param name="version">Null sends none.</param>
    /// <param name="token">Null takes a good one.</param>
    public async Task<Answer> SendAsync(string method, string path, string? body = null, string? version = V, string? token = null)
    {
        _token ??= await TokenAsync();
        var url = path.StartsWith("https", StringComparison.Ordinal) ? path : $"{_sandbox.Arm.OriginalString}{path}";
        if (version is not null && !url.Contains("api-version=", StringComparison.Ordinal)) url += $"{(url.Contains('?', StringComparison.Ordinal) ? '&' : '?')}api-version={version}";
        using var request = new HttpRequestMessage(new HttpMethod(method), url);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? _token);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), response.Headers);
    }

    /// <summary>Polls an accepted operation to its end; the end comes from work already allowed, so nothing is waited for but scheduling.</summary>
    public async Task<JsonNode> EndAsync(Answer accepted)
    {
        Assert.True(accepted.Headers.Contains("Azure-AsyncOperation"), $"{accepted.Status} {accepted.Body}");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            var poll = await SendAsync("GET", accepted.Header("Azure-AsyncOperation"));
            Assert.Equal(200, poll.Status);
            if (poll.Body.Text("status") != "InProgress") return poll.Body!;
            await Task.Yield();
        }
    }

    public async Task<Answer> ControlAsync(string method, string path, string? body = null, string? key = null, bool chunked = false)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), _sandbox.Control.OriginalString + path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? _sandbox.ControlKey);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), response.Headers);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _sandbox.DisposeAsync();
        if (_sandbox.Parts.PairGateways is { } gateways) await gateways.DisposeAsync();
        _certificates.Dispose();
        Directory.Delete(Root, true);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static SandboxRegion Region(byte number, string location, string display, string prefix) => new()
    {
        Number = number,
        Location = location,
        DisplayName = display,
        ResourceGroup = prefix + "-rg",
        NamePrefix = prefix,
        GatewayAddress = new IPAddress([127, 77, number, 1]),
        ApplicationAddress = new IPAddress([127, 77, number, 10]),
        ApplicationPort = 8080,
        DatabaseServer = prefix + "-postgres",
    };
}
