using System.Text.Json;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Tests.Hosting;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Drills;

/// <summary>One rehearsal for a class of tests that leave the regions as they found them.</summary>
public sealed class SharedRehearsal : IDisposable
{
    public RehearsalSession Session { get; } = new();

    public void Dispose() => Session.Dispose();
}

/// <summary>A real sandbox and a runspace that is connected to it, both gone at the end.</summary>
public sealed class RehearsalSession : IDisposable
{
    public RehearsalSession(double timeScale = 0)
    {
        Shell = new HostedShell(streamCommands: true);
        Sandbox = Shell.Invoke("Start-HfSandbox -TimeScale $timeScale", new { timeScale }).One<Sandbox>();
        Shell.Invoke("Connect-HfAzure -Sandbox $path", new { path = Sandbox.Path }).EnsureNoErrors();
        Pair = Shell.Invoke("Import-HfRegionPair $path", new { path = Sandbox.PairPath }).One<RegionPair>();
    }

    public HostedShell Shell { get; }

    public Sandbox Sandbox { get; }

    public RegionPair Pair { get; }

    public static string Runbook(string name) => Path.Combine(BuiltModule.Directory, "Runbooks", name);

    /// <summary>The ARM server's request log so far: method and path of each call.</summary>
    public IReadOnlyList<(string Method, string Path)> Requests()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Sandbox.Path));
        using var log = new FileStream(file.RootElement.GetProperty("requestLog").GetString()!, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(log);
        var requests = new List<(string, string)>();
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            // The last line may be half written.
            if (!line.EndsWith('}')) break;
            using var entry = JsonDocument.Parse(line);
            requests.Add((entry.RootElement.GetProperty("method").GetString()!, entry.RootElement.GetProperty("path").GetString()!));
        }

        return requests;
    }

    /// <summary>How many calls so far could change something.</summary>
    public int Writes() => Requests().Count(r => r.Method is not ("GET" or "HEAD") && !r.Path.EndsWith("/checkNameAvailability", StringComparison.OrdinalIgnoreCase));

    /// <summary>The sandbox's pair with more in its file, imported from a file of its own beside it.</summary>
    public RegionPair PairWith(string member, string json)
    {
        var document = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Sandbox.PairPath))!.AsObject();
        document[member] = System.Text.Json.Nodes.JsonNode.Parse(json);
        var path = Path.Combine(Path.GetDirectoryName(Sandbox.PairPath)!, $"region-pair-{member}.json");
        File.WriteAllText(path, document.ToJsonString());
        return Shell.Invoke("Import-HfRegionPair $path", new { path }).EnsureNoErrors().One<RegionPair>();
    }

    /// <summary>Until the clients' writes are acknowledged in a region.</summary>
    public void WaitForWrites(string location, long writes)
    {
        var limit = System.Diagnostics.Stopwatch.StartNew();
        while (Shell.Invoke("Get-HfSandboxLoad -Sandbox $path", new { path = Sandbox.Path }).One<LoadReport>().Shares.Where(s => s.Region == location).Sum(s => s.Acknowledged) < writes)
        {
            Assert.True(limit.Elapsed < TimeSpan.FromSeconds(60), $"No {writes} writes were acknowledged in {location}.");
            Thread.Sleep(50);
        }
    }

    public RegionPairStatus Status() => Shell.Invoke("Get-HfRegionPair").One<RegionPairStatus>();

    public void Dispose()
    {
        Shell.Invoke("Stop-HfSandbox -Path $path", new { path = Sandbox.Path });
        Shell.Dispose();
    }
}
