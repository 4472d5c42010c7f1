using System.Net.Sockets;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Application;
using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Elsewhere;

/// <summary>
/// A place that is neither of the regions: a vantage point that really probes a gateway, a webhook that keeps what it is told, and Application Insights' track endpoint. Nothing
/// here asks for a token, as the real ones do not.
/// </summary>
internal sealed class ElsewhereEndpoints(SandboxLayout layout, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);
    private readonly Lock _gate = new();
    private readonly StreamWriter _notices = new(new FileStream(Path.Combine(layout.Root, "logs", "notices.jsonl"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };

    public void Map(WebApplication application)
    {
        application.MapGet("/vantage", LookAsync);
        application.MapPost("/webhook", context => KeepAsync(context, "webhook", _ => null, new JsonObject { ["ok"] = true }));
        application.MapPost("/v2.1/track", context => KeepAsync(context, "customEvents", Wrong, new JsonObject { ["itemsReceived"] = 1, ["itemsAccepted"] = 1, ["errors"] = new JsonArray() }));
    }

    public void Dispose() => _notices.Dispose();

    /// <summary>How a gateway looks from here: 200 when its application is healthy, 503 when it is not or does not answer.</summary>
    private async Task LookAsync(HttpContext context)
    {
        if (!IPAddress.TryParse(context.Request.Query["target"], out var target) || layout.Pairs.SelectMany(p => p.Regions).All(r => !r.GatewayAddress.Equals(target)))
        {
            await WriteAsync(context, 400, new JsonObject { ["error"] = "target must be the address of a gateway of this sandbox." });
            return;
        }

        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            SslOptions = PinnedCa.Options(layout.CaCertificatePath),
            ConnectCallback = async (_, token) =>
            {
                var socket = new System.Net.Sockets.Socket(target.AddressFamily, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(target, layout.GatewayPort, token);
                    return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        using var client = new HttpClient(handler) { Timeout = s_patience };
        string? trouble;
        try
        {
            using var answer = await client.GetAsync(new Uri($"https://{layout.ApplicationHost}:{layout.GatewayPort}/healthz"), context.RequestAborted);
            trouble = answer.IsSuccessStatusCode ? null : $"HTTP {(int)answer.StatusCode}";
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException or OperationCanceledException)
        {
            trouble = (failure.InnerException ?? failure).Message;
        }

        await WriteAsync(context, trouble is null ? 200 : 503, new JsonObject { ["healthy"] = trouble is null, ["detail"] = trouble });
    }

    private async Task KeepAsync(HttpContext context, string to, Func<JsonNode, string?> wrong, JsonObject thanks)
    {
        JsonNode? body;
        try
        {
            body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        }
        catch (JsonException)
        {
            body = null;
        }

        if (body is null || wrong(body) is { Length: > 0 })
        {
            await WriteAsync(context, 400, new JsonObject { ["itemsReceived"] = 1, ["itemsAccepted"] = 0, ["errors"] = new JsonArray(new JsonObject { ["index"] = 0, ["statusCode"] = 400, ["message"] = body is null ? "Invalid JSON" : wrong(body) }) });
            return;
        }

        var line = new JsonObject { ["at"] = time.GetUtcNow(), ["to"] = to, ["body"] = body }.ToJsonString(Json.Plain);
        lock (_gate) _notices.WriteLine(line);
        await WriteAsync(context, 200, thanks);
    }

    /// <summary>What Application Insights would refuse: an envelope without its name, time, key or event.</summary>
    private static string? Wrong(JsonNode body)
    {
        var envelopes = body is JsonArray many ? many.ToArray() : [body];
        foreach (var envelope in envelopes)
        {
            foreach (var member in new[] { "name", "time", "iKey", "data.baseType", "data.baseData.name" })
                if (envelope.Text(member) is not { Length: > 0 }) return $"Field '{member}' on type 'Envelope' is required but missing or empty.";
            if (!Guid.TryParse(envelope.Text("iKey"), out _)) return "Invalid instrumentation key";
        }

        return null;
    }

    private static async Task WriteAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body.ToJsonString(Json.Plain), context.RequestAborted);
    }
}
