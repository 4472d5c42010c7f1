using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Tests.Documents;

/// <summary>A headless Chromium over its own protocol. It can reach nothing: every name is unknown to it.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _profile;
    private readonly int _port;

    private Chromium(Process process, string profile, int port) => (_process, _profile, _port) = (process, profile, port);

    /// <summary>The program; null when there is none on this machine.</summary>
    public static string? Program { get; } = Find();

    public static async Task<Chromium> StartAsync()
    {
        var profile = Directory.CreateTempSubdirectory("hfdr-chromium-").FullName;
        var start = new ProcessStartInfo(Program!) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--hide-scrollbars", "--remote-debugging-port=0", $"--user-data-dir={profile}", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "about:blank"])
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var file = Path.Combine(profile, "DevToolsActivePort");
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (File.Exists(file) && File.ReadAllText(file).Split('\n') is [{ Length: > 0 } port, ..]) return new Chromium(process, profile, int.Parse(port, System.Globalization.CultureInfo.InvariantCulture));
            if (process.HasExited || TimeProvider.System.GetElapsedTime(begun) > TimeSpan.FromSeconds(60))
            {
                process.Kill(entireProcessTree: true);
                throw new InvalidOperationException("Chromium did not start.");
            }

            await Task.Delay(50);
        }
    }

    /// <summary>Opens a file in a tab of its own.</summary>
    /// <param name="path">File to open.</param>
    /// <param name="width">Width of the window in CSS pixels.</param>
    /// <param name="dark">The reader's system is dark.</param>
    /// <param name="media">screen or print.</param>
    public async Task<Tab> OpenAsync(string path, int width, bool dark = false, string media = "screen")
    {
        using var http = new HttpClient();
        using var answer = await http.PutAsync(new Uri($"http://127.0.0.1:{_port}/json/new?about:blank"), null);
        var target = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        var tab = await Tab.ConnectAsync(new Uri((string)target["webSocketDebuggerUrl"]!));
        await tab.SendAsync("Network.enable");
        await tab.SendAsync("Page.enable");
        await tab.SendAsync("Runtime.enable");
        await tab.SendAsync("Emulation.setDeviceMetricsOverride", new JsonObject { ["width"] = width, ["height"] = 900, ["deviceScaleFactor"] = 1, ["mobile"] = false });
        await tab.SendAsync("Emulation.setEmulatedMedia", new JsonObject
        {
            ["media"] = media,
            ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" }),
        });
        await tab.NavigateAsync(new Uri(path));
        return tab;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                Directory.Delete(_profile, recursive: true);
                return;
            }
            catch (IOException) when (attempt < 50)
            {
                // A child that is just ending still writes.
                await Task.Delay(100);
            }
        }
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("HFDR_CHROMIUM") is { Length: > 0 } given) return given;
        string[] names = OperatingSystem.IsWindows() ? ["chrome.exe", "msedge.exe"] : ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }
}

/// <summary>One tab: what it asked for, and what it says when it is asked.</summary>
public sealed class Tab : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly List<JsonNode> _events = [];
    private int _id;

    private Tab()
    {
    }

    /// <summary>Addresses of everything that the page asked for, itself included.</summary>
    public IReadOnlyList<string> Requests => [.. _events.Where(e => (string?)e["method"] == "Network.requestWillBeSent").Select(e => (string)e["params"]!["request"]!["url"]!)];

    /// <summary>What went wrong while the page was laid out and run: errors of scripts and of its policy.</summary>
    public IReadOnlyList<string> Complaints => [.. _events.Where(e => (string?)e["method"] is "Runtime.exceptionThrown" or "Log.entryAdded").Select(e => e.ToJsonString())];

    public static async Task<Tab> ConnectAsync(Uri address)
    {
        var tab = new Tab();
        await tab._socket.ConnectAsync(address, CancellationToken.None);
        return tab;
    }

    public async Task NavigateAsync(Uri address)
    {
        await SendAsync("Page.navigate", new JsonObject { ["url"] = address.AbsoluteUri });
        while (!_events.Exists(e => (string?)e["method"] == "Page.loadEventFired")) await ReadAsync();
    }

    /// <summary>Value of an expression in the page.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        var answer = await SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        Assert.True(answer["exceptionDetails"] is null, answer.ToJsonString());
        return answer["result"]!["value"];
    }

    /// <summary>The whole page as it looks.</summary>
    public async Task ScreenshotAsync(string path)
    {
        var answer = await SendAsync("Page.captureScreenshot", new JsonObject { ["captureBeyondViewport"] = true, ["format"] = "png" });
        await File.WriteAllBytesAsync(path, Convert.FromBase64String((string)answer["data"]!));
    }

    public async Task<byte[]> PrintAsync() =>
        Convert.FromBase64String((string)(await SendAsync("Page.printToPDF", new JsonObject { ["preferCSSPageSize"] = true, ["printBackground"] = false }))["data"]!);

    public async Task<JsonNode> SendAsync(string method, JsonObject? parameters = null)
    {
        var id = ++_id;
        var text = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] }.ToJsonString();
        await _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);
        while (true)
        {
            var message = await ReadAsync();
            if ((int?)message["id"] != id) continue;
            return message["result"] ?? throw new InvalidOperationException(message.ToJsonString());
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_socket.State == WebSocketState.Open) await SendAsync("Page.close");
        _socket.Dispose();
    }

    private async Task<JsonNode> ReadAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var text = new MemoryStream();
        var part = new byte[64 * 1024];
        while (true)
        {
            var read = await _socket.ReceiveAsync(part, patience.Token);
            text.Write(part, 0, read.Count);
            if (read.EndOfMessage) break;
        }

        var message = JsonNode.Parse(Encoding.UTF8.GetString(text.ToArray()))!;
        if (message["method"] is not null) _events.Add(message);
        return message;
    }
}
