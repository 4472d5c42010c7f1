using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Execution;
using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Engine.Tests.Support;

/// <summary>A gateway over a scripted handler and a fake clock.</summary>
internal sealed class GatewayFixture
{
    public ScriptedHandler Http { get; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public RecordingCredential Credential { get; } = new();

    public ArmGateway Create(ArmTimings? timings = null) =>
        new(ArmPipeline.Build(new HttpClientTransport(new HttpClient(Http)), Credential, ArmPipeline.ScopeOf("https://management.azure.com/")), new Uri("https://arm.test/"), Time, timings);
}

internal sealed class RecordingCredential : TokenCredential
{
    public List<string> Scopes { get; } = [];

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        Scopes.AddRange(requestContext.Scopes);
        return new("token-of-the-test", DateTimeOffset.UtcNow.AddHours(1));
    }

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
}

/// <summary>ARM as a table of documents. A path that is not there is 404; one with a failure throws it.</summary>
internal sealed class ScriptedArm : IArm
{
    public Dictionary<string, Func<JsonElement>> Documents { get; } = new(StringComparer.OrdinalIgnoreCase);

    public Dictionary<string, Func<IReadOnlyList<JsonElement>>> Lists { get; } = new(StringComparer.OrdinalIgnoreCase);

    public Queue<Func<ArmPoll>> Polls { get; } = new();

    public List<(string Method, string Path, string Body)> Writes { get; } = [];

    public Func<string, string, JsonElement?>? OnWrite { get; set; }

    public static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    public static DrException Unavailable(string target) => new("HfArmUnavailable", DrErrorKind.OperationFailed, "Azure answered HTTP 503, ServiceUnavailable: The region is down.", target);

    public void Put(string path, string json) => Documents[path] = () => Json(json);

    public Task<JsonElement?> TryGetAsync(string path, string apiVersion, CancellationToken cancellationToken) =>
        Task.FromResult(Documents.TryGetValue(path, out var document) ? document() : (JsonElement?)null);

    public async Task<JsonElement> GetAsync(string path, string apiVersion, CancellationToken cancellationToken) =>
        await TryGetAsync(path, apiVersion, cancellationToken) ?? throw new DrException("HfResourceNotFound", DrErrorKind.NotFound, "Not found.", path);

    public Task<IReadOnlyList<JsonElement>> ListAsync(string path, string apiVersion, CancellationToken cancellationToken) =>
        Task.FromResult(Lists.TryGetValue(path.Split("?$filter")[0], out var list) ? list() : []);

    public Task<ArmAccepted> WriteAsync(HttpMethod method, string path, string apiVersion, object? body, CancellationToken cancellationToken)
    {
        var text = JsonSerializer.Serialize(body);
        Writes.Add((method.Method, path, text));
        return Task.FromResult(new ArmAccepted(200, null, OnWrite?.Invoke(path, text)));
    }

    public Task<ArmPoll> PollAsync(string operationUrl, CancellationToken cancellationToken)
    {
        var next = Polls.Count > 1 ? Polls.Dequeue() : Polls.Peek();
        return Task.FromResult(next());
    }

    public static ArmPoll Poll(StepOutcome outcome, string status, TimeSpan? retryAfter = null, string? code = null, string? message = null) => new(outcome, status, code, message, retryAfter);
}

internal sealed class RecordingObserver : IDrObserver
{
    public List<DrProgress> Reports { get; } = [];

    public List<string> Warnings { get; } = [];

    public List<string> Details { get; } = [];

    public List<DrException> Errors { get; } = [];

    public void Error(DrException error)
    {
        lock (Errors) Errors.Add(error);
    }

    public void Progress(DrProgress progress)
    {
        lock (Reports) Reports.Add(progress);
    }

    public void Verbose(string message)
    {
        lock (Details) Details.Add(message);
    }

    public void Warning(string message)
    {
        lock (Warnings) Warnings.Add(message);
    }

    public void Information(string message) { }
}
