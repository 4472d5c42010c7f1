using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Soak.World;

/// <summary>A sandbox as a program of its own, and its control endpoint. Its directory goes with it, unless it is kept.</summary>
internal sealed class SandboxWorld : IAsyncDisposable
{
    private static readonly JsonSerializerOptions s_web = new(JsonSerializerDefaults.Web);
    private readonly Process _process;
    private readonly HttpClient _control;

    private SandboxWorld(Process process, string root, SandboxFacts facts)
    {
        (_process, Root, Facts) = (process, root, facts);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(facts.CaCertificate);
        var handler = new SocketsHttpHandler { UseProxy = false, SslOptions = { CertificateChainPolicy = policy } };
        _control = new HttpClient(handler) { BaseAddress = new Uri(facts.Control), Timeout = TimeSpan.FromSeconds(60) };
        _control.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", facts.ControlKey);
    }

    public string Root { get; }

    public SandboxFacts Facts { get; }

    public string File => Path.Combine(Root, "sandbox.json");

    /// <summary>Folder of the pair's runs.</summary>
    public string Store => Path.Combine(Root, "runs");

    /// <param name="root">An empty or absent folder.</param>
    /// <param name="timeScale">Modelled durations are divided by it.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    public static async Task<SandboxWorld> StartAsync(string root, double timeScale, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(root);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        string[] arguments =
        [
            "exec", BuiltModule.SandboxProgram, "--root", root, "--time-scale", timeScale.ToString(CultureInfo.InvariantCulture), "--parent", Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        // Short lives: what the compiler would make better is not run often enough.
        start.Environment["DOTNET_TieredPGO"] = "0";
        var process = Process.Start(start)!;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(TimeSpan.FromMinutes(2));
            var line = await process.StandardOutput.ReadLineAsync(patience.Token);
            if (line?.StartsWith("ready ", StringComparison.Ordinal) != true)
                throw new InvalidOperationException($"The sandbox did not start: {line} {await process.StandardError.ReadToEndAsync(patience.Token)}");
            // Read to their ends for as long as it runs: a full pipe would stop it.
            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
            return new SandboxWorld(process, root, SandboxFacts.Read(Path.Combine(root, "sandbox.json")));
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
            throw;
        }
    }

    public Task<SandboxFaultResult> FaultAsync(SandboxFault fault) => PostAsync<SandboxFaultResult>("/faults", fault);

    public Task<LoadReport> StartLoadAsync() => PostAsync<LoadReport>("/load/start", new LoadOptions { Writers = 2, IntervalMilliseconds = 100 });

    public Task<LoadReport> StopLoadAsync() => PostAsync<LoadReport>("/load/stop", new { });

    public async Task<LoadReport> GetLoadAsync() => (await _control.GetFromJsonAsync<LoadReport>("/load", s_web))!;

    /// <summary>Every server of the sandbox with its role as the database itself shows it.</summary>
    public async Task<IReadOnlyList<ServerState>> GetServersAsync()
    {
        using var status = JsonDocument.Parse(await _control.GetStringAsync("/status"));
        return status.RootElement.GetProperty("servers").Deserialize<ServerState[]>(s_web)!;
    }

    /// <summary>Requests that ARM has answered, from the first on.</summary>
    public async Task<IReadOnlyList<ArmRequest>> GetRequestsAsync() => (await _control.GetFromJsonAsync<ArmRequest[]>("/requests?after=0", s_web))!;

    /// <summary>Changes a member of DIR/behaviour.json, which the sandbox reads again.</summary>
    public void Behave(string member, JsonElement value)
    {
        var path = Path.Combine(Root, "behaviour.json");
        var document = System.Text.Json.Nodes.JsonNode.Parse(System.IO.File.ReadAllText(path))!;
        document[member] = System.Text.Json.Nodes.JsonNode.Parse(value.GetRawText());
        System.IO.File.WriteAllText(path, document.ToJsonString());
    }

    /// <summary>Stops it and waits until it is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_process.HasExited)
            {
                using var answer = await _control.PostAsync(new Uri("/stop", UriKind.Relative), null);
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
                await _process.WaitForExitAsync(patience.Token);
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
        finally
        {
            _control.Dispose();
            _process.Dispose();
        }
    }

    private async Task<T> PostAsync<T>(string path, object body)
    {
        using var answer = await _control.PostAsJsonAsync(path, body, s_web);
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return (await answer.Content.ReadFromJsonAsync<T>(s_web))!;
    }
}

/// <summary>A server as the control endpoint shows it.</summary>
internal sealed record ServerState(string Name, string Location, bool? Running, bool? InRecovery, string? Host, int? Port);

/// <summary>A request as ARM answered it.</summary>
internal sealed record ArmRequest(long N, string Method, string Path, int Status);
