using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Highflame.Dr.Sandbox.Postgres;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>
/// Gateways and applications of the pairs whose databases are documents: one program for all, with an address of its own for each region of each pair. What it answers is that region's: by the server that the
/// secrets of the region's vault name, which it reads at each request. As behind the real gateways, nothing but 503 comes while the application is not healthy.
/// </summary>
internal sealed class PairGateways : IAsyncDisposable
{
    private readonly SandboxLayout _layout;
    private readonly DocumentDatabases _databases;
    private readonly Dictionary<IPAddress, Front> _fronts;
    private readonly X509Certificate2 _certificate;
    private readonly WebApplication _web;

    private PairGateways(SandboxLayout layout, DocumentDatabases databases)
    {
        (_layout, _databases) = (layout, databases);
        _fronts = layout.DocumentPairs.SelectMany(p => p.Regions.Select(r => new Front(p.Name, r))).ToDictionary(f => f.Region.GatewayAddress);
        using var pem = X509Certificate2.CreateFromPemFile(layout.ServerCertificatePath, layout.ServerKeyPath);
        _certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        _web = Web.Build(kestrel =>
        {
            foreach (var front in _fronts.Values)
            {
                kestrel.Listen(front.Region.GatewayAddress, layout.GatewayPort, listen =>
                {
                    // Before TLS: a gateway that is down is no web server.
                    listen.Use(next => connection =>
                    {
                        if (!front.Down && !OutOfReach) return next(connection);
                        connection.Abort();
                        return Task.CompletedTask;
                    });
                    listen.UseHttps(_certificate);
                });
            }
        });
        _web.MapGet("/", (RequestDelegate)(context => AnswerAsync(context, (_, _) => Task.CompletedTask)));
        _web.MapGet("/livez", (RequestDelegate)(context => AnswerAsync(context, (_, _) => Task.CompletedTask)));
        _web.MapGet("/healthz", (RequestDelegate)(context => AnswerAsync(context, (_, health) => WriteAsync(context, 200, health, ChildJson.Default.HealthAnswer))));
        _web.MapPost("/v1/entries", (RequestDelegate)(context => AnswerAsync(context, (front, health) => WriteEntryAsync(context, front, health.Server!))));
        _web.MapGet("/v1/entries/{id}", (RequestDelegate)(context => AnswerAsync(context, (front, health) => ReadEntryAsync(context, front, health.Server!))));
    }

    /// <summary>The host that the secrets of a region name; set by the composition.</summary>
    public Func<SandboxRegion, string?> HostOf { get; set; } = _ => null;

    /// <summary>True while the network of who looks from here is dead.</summary>
    public bool OutOfReach { get; set; }

    public static async Task<PairGateways> StartAsync(SandboxLayout layout, DocumentDatabases databases, CancellationToken cancellationToken)
    {
        var made = new PairGateways(layout, databases);
        try
        {
            await made._web.StartAsync(cancellationToken).ConfigureAwait(false);
            return made;
        }
        catch
        {
            await made.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes gateways down or up: those of a location, or of one pair there.</summary>
    public void SetGateway(string location, string? pair, bool running)
    {
        foreach (var front in At(location, pair)) front.Down = !running;
    }

    public void SetHealthFailing(string location, string? pair, bool failing)
    {
        foreach (var front in At(location, pair)) front.Failing = failing;
    }

    /// <summary>Every application as healthy as its database again.</summary>
    public void ClearHealth()
    {
        foreach (var front in _fronts.Values) front.Failing = false;
    }

    /// <summary>How the gateway and the application of a resource group's region do; null when the group is no document pair's.</summary>
    public RegionState? StateOf(string group)
    {
        var front = _fronts.Values.FirstOrDefault(f => string.Equals(f.Region.ResourceGroup, group, StringComparison.OrdinalIgnoreCase));
        return front is null ? null : new RegionState(front.Region.Location, !front.Down, !front.Down, front.Failing || Health(front).Status != "healthy");
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _web.StopAsync(limit.Token).ConfigureAwait(false);
        await _web.DisposeAsync().ConfigureAwait(false);
        _certificate.Dispose();
    }

    private IEnumerable<Front> At(string location, string? pair) =>
        _fronts.Values.Where(f => f.Region.Location == location && (pair is null || string.Equals(f.Pair, pair, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Answers for the region whose address was called; 503 while it is not healthy.</summary>
    private async Task AnswerAsync(HttpContext context, Func<Front, HealthAnswer, Task> answer)
    {
        var front = _fronts[context.Connection.LocalIpAddress!];
        var health = Health(front);
        if (health.Status != "healthy") await WriteAsync(context, 503, health, ChildJson.Default.HealthAnswer).ConfigureAwait(false);
        else await answer(front, health).ConfigureAwait(false);
    }

    private HealthAnswer Health(Front front)
    {
        var server = HostOf(front.Region)?.Split('.')[0];
        var health = new HealthAnswer("unhealthy", front.Region.Location, server, null, _layout.ApplicationRole, null);
        if (string.IsNullOrEmpty(server)) return health with { Reason = "The secret 'host' is empty or missing." };
        if (!_databases.Has(server)) return health with { Reason = $"There is no server '{server}'." };
        var state = _databases.GetStateAsync(server, CancellationToken.None).GetAwaiter().GetResult();
        if (!state.Running) return health with { Reason = $"The server '{server}' does not answer." };
        health = health with { Role = state.InRecovery ? "Replica" : "Primary" };
        return front.Failing ? health with { Reason = "It was told to fail." } : health with { Status = "healthy" };
    }

    private async Task WriteEntryAsync(HttpContext context, Front front, string server)
    {
        EntryRequest? entry;
        try
        {
            entry = await context.Request.ReadFromJsonAsync(ChildJson.Default.EntryRequest, context.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException malformed)
        {
            await FailAsync(context, 400, malformed.Message).ConfigureAwait(false);
            return;
        }

        if (entry is not { Id: { Length: > 0 } id })
        {
            await FailAsync(context, 400, "An entry needs an id.").ConfigureAwait(false);
            return;
        }

        try
        {
            var committed = _databases.Write(server, id, entry.Value ?? "", front.Region.Location);
            await WriteAsync(context, 200, new EntryAnswer(id, front.Region.Location, server, committed.CreatedAt), ChildJson.Default.EntryAnswer).ConfigureAwait(false);
        }
        catch (InvalidOperationException refused)
        {
            await FailAsync(context, 503, refused.Message).ConfigureAwait(false);
        }
    }

    private async Task ReadEntryAsync(HttpContext context, Front front, string server)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        try
        {
            if (_databases.Read(server, id) is { } entry) await WriteAsync(context, 200, new EntryView(id, entry.Value, entry.Region, server, entry.CreatedAt), ChildJson.Default.EntryView).ConfigureAwait(false);
            else await FailAsync(context, 404, $"There is no entry '{id}' in {front.Region.Location}.").ConfigureAwait(false);
        }
        catch (InvalidOperationException refused)
        {
            await FailAsync(context, 503, refused.Message).ConfigureAwait(false);
        }
    }

    private static Task FailAsync(HttpContext context, int status, string message) => WriteAsync(context, status, new FailureAnswer(message), ChildJson.Default.FailureAnswer);

    private static Task WriteAsync<T>(HttpContext context, int status, T body, JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(body, type);
    }

    /// <summary>One region of one pair.</summary>
    private sealed class Front(string pair, SandboxRegion region)
    {
        private volatile bool _down;
        private volatile bool _failing;

        public string Pair => pair;

        public SandboxRegion Region => region;

        public bool Down
        {
            get => _down;
            set => _down = value;
        }

        public bool Failing
        {
            get => _failing;
            set => _failing = value;
        }
    }
}
