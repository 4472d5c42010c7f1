using System.Net.Sockets;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Rehearsal;

namespace Highflame.Dr.Engine.Rehearsal;

/// <summary>The sandbox's control endpoint: bearer key, TLS verified against the sandbox's own root and nothing else.</summary>
internal sealed class SandboxControl : IDisposable
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);
    private readonly HttpClient _client;
    private readonly string _path;

    public SandboxControl(SandboxFile file)
    {
        _path = file.Path;
        _client = new HttpClient(TrustedRoots.CreateHandler(TrustedRoots.Read(file.CaCertificate!)))
        {
            BaseAddress = new Uri(file.Control!),
            // Counting lost writes and restoring a region take the sandbox a while.
            Timeout = TimeSpan.FromMinutes(3),
        };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", file.ControlKey);
    }

    /// <summary>Opens the endpoint of a sandbox.json for one call.</summary>
    public static async Task<T> CallAsync<T>(string sandboxPath, Func<SandboxControl, Task<T>> call)
    {
        using var control = new SandboxControl(SandboxFile.Read(sandboxPath));
        return await call(control).ConfigureAwait(false);
    }

    public Task<SandboxFaultResult> InvokeFaultAsync(SandboxFault fault, CancellationToken cancellationToken) => PostAsync<SandboxFaultResult>("/faults", fault, cancellationToken);

    public Task<LoadReport> StartLoadAsync(LoadOptions options, CancellationToken cancellationToken) => PostAsync<LoadReport>("/load/start", options, cancellationToken);

    public Task<LoadReport> GetLoadAsync(CancellationToken cancellationToken) => SendAsync<LoadReport>(HttpMethod.Get, "/load", null, cancellationToken);

    public Task<LoadReport> StopLoadAsync(CancellationToken cancellationToken) => PostAsync<LoadReport>("/load/stop", null, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => SendRawAsync(HttpMethod.Post, "/stop", null, cancellationToken);

    public void Dispose() => _client.Dispose();

    private Task<T> PostAsync<T>(string path, object? body, CancellationToken cancellationToken) => SendAsync<T>(HttpMethod.Post, path, body, cancellationToken);

    private async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        var text = await SendRawAsync(method, path, body, cancellationToken).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize<T>(text, Format) ?? throw new JsonException("The answer is null.");
        }
        catch (JsonException failure)
        {
            throw new DrException("HfSandboxFailed", DrErrorKind.OperationFailed, $"The sandbox answered {method} {path} with something else than was expected: {failure.Message}", _path,
                "Check that sandbox and module are of one version.", failure);
        }
    }

    private async Task<string> SendRawAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        // Not System.Net.Http.Json: the framework's copy knows only the framework's System.Text.Json, and deps/ brings its own.
        if (body is not null) request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), Format)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        try
        {
            using var response = await _client.SendAsync(request, cancellationToken).ConfigureAwait(false);
            var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode) return text;
            var words = MessageIn(text);
            throw response.StatusCode == HttpStatusCode.BadRequest || response.StatusCode == HttpStatusCode.NotFound
                ? new DrException("HfSandboxRefused", DrErrorKind.InvalidArgument, $"The sandbox refused {path}: {words}", _path, "Correct the request; Get-Help Invoke-HfSandboxFault lists the faults.")
                : new DrException("HfSandboxFailed", DrErrorKind.OperationFailed, $"The sandbox failed on {path} with HTTP {(int)response.StatusCode}: {words}", _path, "See the logs beside sandbox.json.");
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException)
        {
            throw new DrException("HfSandboxNotRunning", DrErrorKind.ConnectionFailed, $"The sandbox does not answer at {_client.BaseAddress}: {failure.InnerException?.Message ?? failure.Message}", _path,
                "Start one with Start-HfSandbox.", failure);
        }
        catch (TaskCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DrException("HfSandboxFailed", DrErrorKind.TimedOut, $"The sandbox did not answer {path} in time.", _path, "See the logs beside sandbox.json.", failure);
        }
    }

    private static string MessageIn(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (ArmError.TryRead(document.RootElement) is { } error) return error.Message.Length > 0 ? error.Message : error.Code;
        }
        catch (JsonException)
        {
            // Plain text says it as well.
        }
        return text.Length <= 500 ? text : text[..500];
    }
}
