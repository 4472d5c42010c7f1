using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Highflame.Dr.Sandbox.Postgres;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>
/// Gateways and applications of the further pairs: one program for all, with an address of its own for each region of each pair. What it answers is that region's: by the server that the secrets of the
/// region's vault name, which it reads at each request, be that a real one or a document. As behind the real gateways, nothing but 503 comes while the application is not healthy.
/// </summary>
internal sealed class PairGateways : IAsyncDisposable
{
    private readonly SandboxLayout _layout;
    private readonly DocumentDatabases _documents;
    private readonly IDatabaseFleet _real;
    private readonly Dictionary<IPAddress, Front> _fronts;
    private readonly X509Certificate2 _certificate;
    private readonly WebApplication _web;

    private PairGateways(SandboxLayout layout, DocumentDatabases documents, IDatabaseFleet real)
    {
        (_layout, _documents, _real) = (layout, documents, real);
        _fronts = layout.FurtherPairs.SelectMany(p => p.Regions.Select(r => new Front(p.Name, r))).ToDictionary(f => f.Region.GatewayAddress);
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
        _web.MapGet("/", (RequestDelegate)(context => AnswerAsync(context, (_, _, _) => Task.CompletedTask)));
        _web.MapGet("/livez", (RequestDelegate)(context => AnswerAsync(context, (_, _, _) => Task.CompletedTask)));
        _web.MapGet("/healthz", (RequestDelegate)(async context =>
        {
            var (health, _) = await HealthAsync(Of(context)).ConfigureAwait(false);
            await WriteAsync(context, health.Status == "healthy" ? 200 : 503, health, ChildJson.Default.HealthAnswer).ConfigureAwait(false);
        }));
        _web.MapPost("/v1/entries", (RequestDelegate)(context => AnswerAsync(context, (server, front, entries) => WriteEntryAsync(context, server, front, entries))));
        _web.MapGet("/v1/entries/{id}", (RequestDelegate)(context => AnswerAsync(context, (server, front, entries) => ReadEntryAsync(context, server, front, entries))));
    }

    /// <summary>A secret of a region's vault; set by the composition.</summary>
    public Func<SandboxRegion, string, string?> SecretOf { get; set; } = (_, _) => null;

    /// <summary>True while the network of who looks from here is dead.</summary>
    public bool OutOfReach { get; set; }

    public static async Task<PairGateways> StartAsync(SandboxLayout layout, DocumentDatabases documents, IDatabaseFleet real, CancellationToken cancellationToken)
    {
        var made = new PairGateways(layout, documents, real);
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

    /// <summary>How the gateway and the application of a resource group's region do; null when the group is no further pair's.</summary>
    public RegionState? StateOf(string group)
    {
        var front = _fronts.Values.FirstOrDefault(f => string.Equals(f.Region.ResourceGroup, group, StringComparison.OrdinalIgnoreCase));
        return front is null ? null : new RegionState(front.Region.Location, !front.Down, !front.Down, front.Failing || HealthAsync(front).GetAwaiter().GetResult().Health.Status != "healthy");
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _web.StopAsync(limit.Token).ConfigureAwait(false);
        await _web.DisposeAsync().ConfigureAwait(false);
        foreach (var front in _fronts.Values) await front.DisposeAsync().ConfigureAwait(false);
        _certificate.Dispose();
    }

    private IEnumerable<Front> At(string location, string? pair) =>
        _fronts.Values.Where(f => f.Region.Location == location && (pair is null || string.Equals(f.Pair, pair, StringComparison.OrdinalIgnoreCase)));

    private Front Of(HttpContext context) => _fronts[context.Connection.LocalIpAddress!];

    /// <summary>Answers for the region whose address was called; 503 while it is not healthy.</summary>
    private async Task AnswerAsync(HttpContext context, Func<string, Front, IEntries, Task> answer)
    {
        var front = Of(context);
        var (health, entries) = await HealthAsync(front).ConfigureAwait(false);
        if (entries is null) await WriteAsync(context, 503, health, ChildJson.Default.HealthAnswer).ConfigureAwait(false);
        else await answer(health.Server!, front, entries).ConfigureAwait(false);
    }

    /// <summary>How a region's application does, and its table while it is healthy.</summary>
    private async Task<(HealthAnswer Health, IEntries? Entries)> HealthAsync(Front front)
    {
        var server = SecretOf(front.Region, "host")?.Split('.')[0];
        var health = new HealthAnswer("unhealthy", front.Region.Location, server, null, _layout.ApplicationRole, null);
        if (string.IsNullOrEmpty(server)) return (health with { Reason = "The secret 'host' is empty or missing." }, null);
        try
        {
            var entries = _documents.Has(server) ? new DocumentEntries(_documents, server, front.Region.Location) : StoreOf(front, server);
            health = health with { Role = await entries.IsReplicaAsync(CancellationToken.None).ConfigureAwait(false) ? "Replica" : "Primary" };
            return front.Failing ? (health with { Reason = "It was told to fail." }, null) : (health with { Status = "healthy" }, entries);
        }
        catch (KeyNotFoundException unknown)
        {
            return (health with { Reason = unknown.Message }, null);
        }
        catch (Exception failure) when (EntryStore.IsFailure(failure))
        {
            return (health with { Reason = failure.Message }, null);
        }
    }

    private IEntries StoreOf(Front front, string server)
    {
        string Secret(string name) => SecretOf(front.Region, name) is { Length: > 0 } value ? value : throw new KeyNotFoundException($"The secret '{name}' is empty or missing.");
        if (!int.TryParse(Secret("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) throw new KeyNotFoundException("The secret 'port' is no port.");
        var secrets = new DatabaseSecrets(Secret("host"), port, Secret("dbname"), Secret("username"), Secret("password"));
        return front.StoreFor(secrets, () => new EntryStore(front.Region.Location, secrets, IPAddress.Parse(_real.AddressOf(server)), _layout.CaCertificatePath));
    }

    private async Task WriteEntryAsync(HttpContext context, string server, Front front, IEntries entries)
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
            var committedAt = await entries.WriteAsync(id, entry.Value ?? "").ConfigureAwait(false);
            await WriteAsync(context, 200, new EntryAnswer(id, front.Region.Location, server, committedAt), ChildJson.Default.EntryAnswer).ConfigureAwait(false);
        }
        catch (Exception refused) when (EntryStore.IsFailure(refused))
        {
            await FailAsync(context, 503, refused.Message).ConfigureAwait(false);
        }
    }

    private async Task ReadEntryAsync(HttpContext context, string server, Front front, IEntries entries)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        try
        {
            if (await entries.ReadAsync(id, context.RequestAborted).ConfigureAwait(false) is { } entry)
                await WriteAsync(context, 200, new EntryView(id, entry.Value, entry.Region, server, entry.CreatedAt), ChildJson.Default.EntryView).ConfigureAwait(false);
            else await FailAsync(context, 404, $"There is no entry '{id}' in {front.Region.Location}.").ConfigureAwait(false);
        }
        catch (Exception refused) when (EntryStore.IsFailure(refused))
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
    private sealed class Front(string pair, SandboxRegion region) : IAsyncDisposable
    {
        private readonly Lock _gate = new();
        private EntryStore? _store;
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

        /// <summary>The sessions of the real database that the secrets name; those of former secrets end.</summary>
        public EntryStore StoreFor(DatabaseSecrets secrets, Func<EntryStore> make)
        {
            lock (_gate)
            {
                if (_store?.Secrets == secrets) return _store;
                var former = _store;
                _store = make();
                if (former is not null) _ = former.DisposeAsync().AsTask();
                return _store;
            }
        }

        public ValueTask DisposeAsync() => _store?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
