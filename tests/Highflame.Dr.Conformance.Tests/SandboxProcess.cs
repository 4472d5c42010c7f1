using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Conformance.Tests;

/// <summary>A sandbox as a user starts it: the program in a process of its own, in a directory that goes with it.</summary>
internal sealed class SandboxProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _root;

    private SandboxProcess(Process process, DirectoryInfo root) => (_process, _root) = (process, root);

    public string File => Path.Combine(_root.FullName, "sandbox.json");

    public string CaCertificate => Path.Combine(_root.FullName, "ca.pem");

    /// <param name="timeScale">Modelled durations are divided by this; 0 takes them away.</param>
    public static async Task<SandboxProcess> StartAsync(int timeScale = 0)
    {
        var root = Directory.CreateTempSubdirectory("hfdr-conformance-");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        string[] arguments =
        [
            "exec", Path.Combine(AppContext.BaseDirectory, "Highflame.Dr.Sandbox.dll"), "--root", root.FullName, "--time-scale", timeScale.ToString(CultureInfo.InvariantCulture), "--parent", Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var sandbox = new SandboxProcess(Process.Start(start)!, root);
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            var line = await sandbox._process.StandardOutput.ReadLineAsync(patience.Token);
            if (line?.StartsWith("ready ", StringComparison.Ordinal) == true) return sandbox;
            throw new InvalidOperationException($"The sandbox did not start: {line} {await sandbox._process.StandardError.ReadToEndAsync(patience.Token)}");
        }
        catch
        {
            await sandbox.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks the sandbox to stop, as Stop-HfSandbox does, and takes its directory away.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            try
            {
                await StopAsync();
            }
            catch (Exception error) when (error is IOException or HttpRequestException or System.Net.Sockets.SocketException or OperationCanceledException)
            {
                _process.Kill();
            }
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _process.WaitForExitAsync(patience.Token);
        _process.Dispose();
        _root.Delete(recursive: true);
    }

    private async Task StopAsync()
    {
        var document = JsonNode.Parse(await System.IO.File.ReadAllTextAsync(File))!;
        using var authority = X509CertificateLoader.LoadCertificateFromFile(CaCertificate);
        using var handler = new SocketsHttpHandler
        {
            SslOptions = { CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck } },
        };
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30) };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{(string)document["control"]!}/stop");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (string)document["controlKey"]!);
        using var response = await client.SendAsync(request);
        response.EnsureSuccessStatusCode();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _process.WaitForExitAsync(patience.Token);
    }
}
