using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace Highflame.Dr.Sandbox.Faults;

/// <summary>The control endpoint: status, faults, client load, request log, stop. Every call needs <c>Authorization: Bearer {controlKey}</c>.</summary>
internal sealed class ControlApi(Composition sandbox, FaultDesk desk)
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web) { WriteIndented = false };

    private sealed record LoadRequest(int? Writers, double? IntervalMilliseconds);

    public void Map(WebApplication application)
    {
        application.Use(async (context, next) =>
        {
            var given = Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString());
            if (!CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes($"Bearer {sandbox.ControlKey}")))
            {
                await Refuse(401, "Unauthorized", "The Authorization header must be 'Bearer ' and the controlKey of sandbox.json.").ExecuteAsync(context);
                return;
            }

            try
            {
                await next(context);
            }
            catch (Exception error) when (error is ArgumentException or JsonException or BadHttpRequestException)
            {
                await Refuse(400, "InvalidRequest", error.Message).ExecuteAsync(context);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                await Refuse(error is InvalidOperationException or KeyNotFoundException ? 409 : 500, "Failed", error.Message).ExecuteAsync(context);
            }
        });
        application.MapGet("/status", (Delegate)StatusAsync);
        application.MapPost("/faults", (Delegate)FaultAsync);
        application.MapPost("/load/start", (Delegate)StartLoadAsync);
        application.MapGet("/load", (Delegate)GetLoadAsync);
        application.MapPost("/load/stop", (Delegate)StopLoadAsync);
        application.MapGet("/requests", (long? after) => Results.Json(sandbox.Requests.After(after ?? 0), s_options));
        application.MapPost("/stop", (HttpContext context) =>
        {
            context.Response.OnCompleted(() =>
            {
                sandbox.StopAsked.TrySetResult();
                return Task.CompletedTask;
            });
            return Results.Json(new { stopping = true }, s_options);
        });
    }

    /// <summary>The same error shape as ARM's.</summary>
    private static IResult Refuse(int status, string code, string message) => Results.Json(new { error = new { code, message } }, s_options, statusCode: status);

    private async Task<IResult> StatusAsync(HttpContext context)
    {
        var servers = new List<object>();
        foreach (var server in sandbox.Store.Where(r => string.Equals(r.Type, "Microsoft.DBforPostgreSQL/flexibleServers", StringComparison.OrdinalIgnoreCase)))
        {
            var state = await StateAsync(server.Name, context.RequestAborted);
            servers.Add(new { name = server.Name, location = server.Location, running = state?.Running, inRecovery = state?.InRecovery, host = state?.Address, port = state?.Port });
        }

        return Results.Json(
            new
            {
                version = 1,
                processId = Environment.ProcessId,
                timeScale = sandbox.Layout.TimeScale,
                regions = sandbox.Parts.Regions.GetStates().Select(r => new { r.Location, r.GatewayRunning, r.ApplicationRunning, r.HealthFailing, lost = sandbox.Faults.IsLost(r.Location) }),
                servers,
                armFaults = sandbox.Faults.Snapshot().Where(f => f.Remaining > 0).Select(f => new { kind = f.Kind.ToString(), f.Remaining }),
                links = sandbox.Layout.Regions.SelectMany(a => sandbox.Layout.Regions.Where(b => b.Location != a.Location).Select(b => new { from = a.Location, to = b.Location, settings = sandbox.Parts.Links.Get(a.Location, b.Location) })),
            },
            s_options);
    }

    private async Task<Postgres.DatabaseState?> StateAsync(string server, CancellationToken cancellationToken)
    {
        try
        {
            return await sandbox.Parts.Databases.GetStateAsync(server, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // A server that is being built or removed has no state yet.
            return null;
        }
    }

    private async Task<IResult> FaultAsync(HttpContext context) => Results.Json(await desk.PutAsync(await ReadAsync<FaultRequest>(context), context.RequestAborted), s_options);

    private async Task<IResult> GetLoadAsync(HttpContext context) => Results.Json(await sandbox.Parts.Load.GetAsync(context.RequestAborted), s_options);

    private async Task<IResult> StopLoadAsync(HttpContext context) => Results.Json(await sandbox.Parts.Load.StopAsync(context.RequestAborted), s_options);

    private async Task<IResult> StartLoadAsync(HttpContext context)
    {
        // A body may come in chunks, without a length.
        var said = context.Request.ContentLength is not 0 && context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };
        var request = said ? await ReadAsync<LoadRequest>(context) : new LoadRequest(null, null);
        if (request.Writers is < 1 or > 64) throw new ArgumentException("writers must be from 1 to 64.");
        if (request.IntervalMilliseconds is < 0 or > 60_000) throw new ArgumentException("intervalMilliseconds must be from 0 to 60000.");
        await sandbox.Parts.Load.StartAsync(request.Writers ?? 4, request.IntervalMilliseconds ?? 5, context.RequestAborted);
        return Results.Json(await sandbox.Parts.Load.GetAsync(context.RequestAborted), s_options);
    }

    private static async Task<T> ReadAsync<T>(HttpContext context)
        where T : class =>
        await JsonSerializer.DeserializeAsync<T>(context.Request.Body, s_options, context.RequestAborted) ?? throw new ArgumentException("A JSON body is needed.");
}
