using System.Net.Sockets;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>
/// The application of one region: a small HTTP service over its region's database. It reads where that is, and how to log in, from its region's vault at its
/// start and never again, as a pod does: until the secrets can be read, and with an empty or wrong one for good, it serves nothing.
/// </summary>
internal sealed class AppProgram : IAsyncDisposable
{
    private const int LongestId = 200;

    private readonly AppSettings _settings;
    private volatile EntryStore? _store;
    private volatile string _missing = "The secrets have not been read yet.";
    private volatile bool _failing;

    private AppProgram(AppSettings settings) => _settings = settings;

    public static async Task<int> RunAsync(ChildChannel channel, TimeProvider time)
    {
        var settings = await channel.ReadSettingsAsync(ChildJson.Default.AppSettings).ConfigureAwait(false);
        await using var program = new AppProgram(settings);
        await using var web = Web.Build(kestrel => kestrel.Listen(IPAddress.Parse(settings.Address), settings.Port));
        web.MapGet("/", (RequestDelegate)Live);
        web.MapGet("/livez", (RequestDelegate)Live);
        web.MapGet("/healthz", (RequestDelegate)program.HealthAsync);
        web.MapPost("/v1/entries", (RequestDelegate)program.WriteAsync);
        web.MapGet("/v1/entries/{id}", (RequestDelegate)program.ReadAsync);
        await web.StartAsync().ConfigureAwait(false);
        await channel.SayReadyAsync().ConfigureAwait(false);

        using var stop = new CancellationTokenSource();
        var warming = program.WarmUpAsync(time, stop.Token);
        await channel.ServeAsync(command => Task.FromResult(program.Command(command))).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await warming.ConfigureAwait(false);
        return 0;
    }

    public ValueTask DisposeAsync() => _store?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static Task Live(HttpContext context)
    {
        context.Response.StatusCode = 200;
        return Task.CompletedTask;
    }

    private static Task AnswerAsync<T>(HttpContext context, int status, T body, JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(body, type);
    }

    private static Task FailAsync(HttpContext context, int status, string message) => AnswerAsync(context, status, new FailureAnswer(message), ChildJson.Default.FailureAnswer);

    private JsonElement? Command(ChildCommand command)
    {
        if (command.Command != "health") throw new NotSupportedException($"The application knows no '{command.Command}'.");
        _failing = command.On is true;
        return null;
    }

    private async Task HealthAsync(HttpContext context)
    {
        if (_store is not { } store)
        {
            await AnswerAsync(context, 503, new HealthAnswer("unhealthy", _settings.Region, null, null, null, _missing), ChildJson.Default.HealthAnswer).ConfigureAwait(false);
            return;
        }

        var healthy = new HealthAnswer("healthy", _settings.Region, store.Secrets.Server, null, store.Secrets.Database, null);
        try
        {
            var role = await store.IsReplicaAsync(context.RequestAborted).ConfigureAwait(false) ? "Replica" : "Primary";
            if (!_failing)
            {
                await AnswerAsync(context, 200, healthy with { Role = role }, ChildJson.Default.HealthAnswer).ConfigureAwait(false);
                return;
            }

            healthy = healthy with { Role = role, Reason = "It was told to fail." };
        }
        catch (Exception failure) when (EntryStore.IsFailure(failure))
        {
            healthy = healthy with { Reason = failure.Message };
        }

        await AnswerAsync(context, 503, healthy with { Status = "unhealthy" }, ChildJson.Default.HealthAnswer).ConfigureAwait(false);
    }

    private async Task WriteAsync(HttpContext context)
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

        if (entry is not { Id: { Length: > 0 and <= LongestId } id })
        {
            await FailAsync(context, 400, $"An entry needs an id of 1 to {LongestId} characters.").ConfigureAwait(false);
            return;
        }

        if (_store is not { } store)
        {
            await FailAsync(context, 503, _missing).ConfigureAwait(false);
            return;
        }

        try
        {
            var committed = await store.WriteAsync(id, entry.Value ?? "").ConfigureAwait(false);
            await AnswerAsync(context, 200, new EntryAnswer(id, _settings.Region, store.Secrets.Server, committed), ChildJson.Default.EntryAnswer).ConfigureAwait(false);
        }
        catch (Exception failure) when (EntryStore.IsFailure(failure))
        {
            await FailAsync(context, 503, failure.Message).ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        if (_store is not { } store)
        {
            await FailAsync(context, 503, _missing).ConfigureAwait(false);
            return;
        }

        try
        {
            if (await store.ReadAsync(id, context.RequestAborted).ConfigureAwait(false) is { } entry)
                await AnswerAsync(context, 200, new EntryView(id, entry.Value, entry.Region, store.Secrets.Server, entry.CreatedAt), ChildJson.Default.EntryView).ConfigureAwait(false);
            else
                await FailAsync(context, 404, $"There is no entry '{id}'.").ConfigureAwait(false);
        }
        catch (Exception failure) when (EntryStore.IsFailure(failure))
        {
            await FailAsync(context, 503, failure.Message).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the secrets, again until they are there; null when one of them is of no use, which only a restart changes.</summary>
    private async Task<EntryStore?> OpenAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var names = new SandboxNames(_settings.DnsAddress, _settings.DnsPort);
        using var client = new HttpClient(names.Handler(_settings.CaCertificate)) { Timeout = TimeSpan.FromSeconds(5) };
        DatabaseSecrets? secrets = null;
        while (true)
        {
            try
            {
                secrets ??= await DatabaseSecrets.ReadAsync(_settings, client, cancellationToken).ConfigureAwait(false);
                return _store = new EntryStore(_settings.Region, secrets, await names.ResolveAsync(secrets.Host, cancellationToken).ConfigureAwait(false), _settings.CaCertificate);
            }
            catch (InvalidDataException useless)
            {
                _missing = useless.Message;
                return null;
            }
            catch (Exception notYet) when (notYet is HttpRequestException or SocketException or IOException || (notYet is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                _missing = notYet.Message;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Runs the code of a health check and of a write before the first client does: a standby that has just been promoted answers its first write as fast as
    /// its hundredth. Waits until the database is there.
    /// </summary>
    private async Task WarmUpAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var own = new Uri($"http://{_settings.Address}:{_settings.Port}");
        using var client = new HttpClient { BaseAddress = own };
        try
        {
            if (await OpenAsync(time, cancellationToken).ConfigureAwait(false) is not { } store) return;
            while (!await store.TryWarmUpAsync(cancellationToken).ConfigureAwait(false)) await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken).ConfigureAwait(false);
            for (var n = 0; n < 20; n++)
            {
                // Refused for its empty id, after the whole way through the server and the reader.
                using var refused = await client.PostAsJsonAsync("/v1/entries", new EntryRequest("", ""), ChildJson.Default.EntryRequest, cancellationToken).ConfigureAwait(false);
                using var health = await client.GetAsync("/healthz", cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or HttpRequestException or SocketException)
        {
            // The program ends.
        }
    }
}
