using System.Text.Json;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Tests.Hosting;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Rehearsal;

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

    /// <summary>Lines of the ARM server's request log so far, without reads of the operation URLs' own.</summary>
    public IReadOnlyList<string> Methods()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Sandbox.Path));
        using var log = new FileStream(file.RootElement.GetProperty("requestLog").GetString()!, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(log);
        var methods = new List<string>();
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            using var entry = JsonDocument.Parse(line);
            methods.Add(entry.RootElement.GetProperty("method").GetString()!);
        }

        return methods;
    }

    public int Writes() => Methods().Count(m => m is not ("GET" or "HEAD"));

    public RegionPairStatus Status() => Shell.Invoke("Get-HfRegionPair").One<RegionPairStatus>();

    public void Dispose()
    {
        Shell.Invoke("Stop-HfSandbox -Path $path", new { path = Sandbox.Path });
        Shell.Dispose();
    }
}
