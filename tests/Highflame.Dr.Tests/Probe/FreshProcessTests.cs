using System.Diagnostics;
using System.Text.Json;
using Xunit.Abstractions;

namespace Highflame.Dr.Tests.Probe;

/// <summary>The built module in a process of its own: what an import loads, and life beside another Azure.Core.</summary>
public class FreshProcessTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Import_FreshProcess_LoadsNoEngineAndNoPackage()
    {
        var seen = await ProbeAsync("import");

        output.WriteLine($"import took {seen.ImportMilliseconds:0} ms");
        Assert.Empty(seen.ErrorIds);
        Assert.Contains(seen.Assemblies, a => a.StartsWith("Default|Highflame.Dr|", StringComparison.Ordinal));
        string[] packages = [.. Directory.EnumerateFiles(Hosting.BuiltModule.Deps, "*.dll").Select(Path.GetFileNameWithoutExtension)!];
        Assert.Contains("Azure.Core", packages);
        Assert.Contains("Highflame.Dr.Engine", packages);
        Assert.DoesNotContain(seen.Assemblies, a => a.StartsWith("Highflame.Dr.Engine|", StringComparison.Ordinal));
        Assert.DoesNotContain(seen.Assemblies, a => a.Split('|')[1] is "Highflame.Dr.Engine" or "Npgsql" or "DnsClient" || a.Split('|')[1].StartsWith("Azure.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connect_OtherAzureCoreInTheDefaultContext_WorksOnItsOwn()
    {
        var seen = await ProbeAsync("beside-azure-core");

        // The engine got as far as the network with its own Azure.Core; a clash would have been HfUnexpected or HfEngineNotLoaded.
        string id = Assert.Single(seen.ErrorIds);
        Assert.Contains(id.Split(',')[0], new[] { "HfSignInFailed", "HfArmUnreachable" });
        var cores = seen.Assemblies.Where(a => a.Contains("|Azure.Core|", StringComparison.Ordinal)).Select(a => a.Split('|')).ToDictionary(a => a[0], a => Version.Parse(a[2]));
        Assert.Equal(["Default", "Highflame.Dr.Engine"], cores.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(new Version(1, 36, 0, 0), cores["Default"]);
        Assert.NotEqual(cores["Default"], cores["Highflame.Dr.Engine"]);
        Assert.Single(seen.Assemblies, a => a.Contains("|Highflame.Dr.Model|", StringComparison.Ordinal));
    }

    private static async Task<ProbeResult> ProbeAsync(string what)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(FreshProcessTests).Assembly.Location);
        start.ArgumentList.Add(what);
        using var process = Process.Start(start)!;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            string text = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, text + await errors);
            return JsonSerializer.Deserialize<ProbeResult>(text)!;
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
