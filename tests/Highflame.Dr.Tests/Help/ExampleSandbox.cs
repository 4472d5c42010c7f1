using Highflame.Dr.Rehearsal;
using Highflame.Dr.Tests.Hosting;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Help;

/// <summary>
/// Where examples run: a real sandbox without modelled durations, and a directory that holds what the pages speak of: prod.json, its region-pair file,
/// and sandbox.json.
/// </summary>
public sealed class ExampleSandbox : IDisposable
{
    private readonly HostedShell _shell = new();
    private readonly Sandbox _sandbox;

    public ExampleSandbox()
    {
        Folder = Directory.CreateTempSubdirectory("hf-help-").FullName;
        _sandbox = _shell.Invoke("Start-HfSandbox -Root $root -TimeScale 0", new { root = Path.Combine(Folder, "regions") }).One<Sandbox>();
        File.Copy(_sandbox.Path, Path.Combine(Folder, "sandbox.json"));
        File.Copy(Path.Combine(Path.GetDirectoryName(_sandbox.Path)!, "federated-token"), Path.Combine(Folder, "federated-token"));
        var pair = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(_sandbox.PairPath))!;
        pair["capacity"] = System.Text.Json.Nodes.JsonNode.Parse("""{"regions":[{"location":"westus","active":{"pools":[{"name":"general","min":4,"max":6}],"gateway":{"min":3}}}]}""");
        File.WriteAllText(Path.Combine(Folder, "prod.json"), pair.ToJsonString());
    }

    public string Folder { get; }

    /// <summary>A session as the pages assume it: in the directory, connected, the pair imported, somebody there who answers yes.</summary>
    public HostedShell Open()
    {
        var shell = OpenIn(Folder);
        shell.Invoke("$null = Connect-HfAzure -Sandbox ./sandbox.json; $null = Import-HfRegionPair -Path ./prod.json").EnsureNoErrors();
        return shell;
    }

    /// <summary>A session that is not connected to anything.</summary>
    public static HostedShell OpenIn(string folder)
    {
        var shell = new HostedShell { Answer = "Y" };
        shell.Invoke("$null = $ExecutionContext.SessionState.Path.SetLocation($folder)", new { folder }).EnsureNoErrors();
        return shell;
    }

    /// <summary>Runs blocks in order, in one session. Each must end with the error that it announces, or with none.</summary>
    public static void Run(HostedShell shell, IEnumerable<ExampleBlock> blocks)
    {
        foreach (var block in blocks)
        {
            var result = shell.Invoke(block.Code);
            var ids = result.ErrorIds.Select(id => id.Split(',')[0]).Distinct().ToArray();
            var said = string.Join("\n", result.Errors.Select(error => $"{error.FullyQualifiedErrorId}: {error}\n{error.Exception?.StackTrace}").Concat(result.Warnings));
            Assert.True(ids.SequenceEqual(block.ErrorId is null ? [] : [block.ErrorId]), $"{block.Place} ended with [{string.Join(", ", ids)}], announced [{block.ErrorId}]\n{block.Code}\n{said}");
        }
    }

    /// <summary>An example of the shared sandbox leaves it to the next page as it found it.</summary>
    public void EnsureAsFound()
    {
        using var shell = Open();
        var status = shell.Invoke("Get-HfRegionPair -Name highflame-prod").One<RegionPairStatus>();
        Assert.Equal(
            ("eastus", PairState.Protected, "highflame-prod-postgres", 30L, (string?)null),
            (status.Active, status.State, status.PrimaryServer, status.Ttl, status.UnfinishedRun));
        Assert.Empty(status.FenceDebt);
    }

    public void Dispose()
    {
        _shell.Invoke("Stop-HfSandbox -InputObject $sandbox", new { sandbox = _sandbox }).EnsureNoErrors();
        _shell.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
