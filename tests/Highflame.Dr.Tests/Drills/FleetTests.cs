using System.Diagnostics;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Drills;

/// <summary>Several pairs failed over together by the shipped runbook: two with real databases and some whose databases are documents, under Azure's request limits.</summary>
public sealed class FleetTests
{
    private const string Job = """
        $ErrorActionPreference = 'Stop'
        $sandbox = Start-HfSandbox -Root $root -TimeScale 0 -Pairs 4 -RealPairs 2 -Throttling
        try {
            $null = $sandbox | Connect-HfAzure
            $identity = [System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText($sandbox.Path))['managedIdentity']
            [System.Environment]::SetEnvironmentVariable('IDENTITY_ENDPOINT', $identity['endpoint'].ToString())
            [System.Environment]::SetEnvironmentVariable('IDENTITY_HEADER', $identity['header'].ToString())
            $pairs = @($sandbox.PairPaths | Import-HfRegionPair)
            $moved = $pairs[0..2]
            $runbook = [System.IO.Path]::Combine((Get-Module Highflame.Dr).ModuleBase, 'Runbooks', 'Start-HfFailover.ps1')
            & $runbook -PairPath $moved.Path -To westus -ThrottleLimit 3 -Sandbox $sandbox.Path -WarningAction SilentlyContinue | ForEach-Object {
                "ended $($_.Pair) $($_.ExitCode)"
                $evidence = [System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText($_.Evidence))
                "proof $($_.Pair) $($evidence['zeroLossProven'])"
            }
            Get-HfRegionPair -ThrottleLimit 2 | ForEach-Object {
                "state $($_.Name) $($_.Active) $($_.State) $($_.EndpointTarget -eq $_.Pair.FindRegion($_.Active).GatewayTarget) $(@(Get-HfRun -Pair $_.Pair).Count)"
                foreach ($server in $_.Servers) { "server $($_.Name) $($server.Name) $($server.ResourceGroup) $($server.Role) $($server.State)" }
            }
            $pairs | Test-HfHealth -Location westus -Via Gateway -ThrottleLimit 2 | ForEach-Object { "health $($_.Healthy)" }
            $log = [System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText($sandbox.Path))['requestLog'].ToString()
            "refused $(@([System.IO.File]::ReadAllLines($log) -match '"status":429').Count)"
        }
        finally { Stop-HfSandbox -InputObject $sandbox }
        """;

    [Fact]
    public void StartHfFailover_ManyPairs_EachEndsInItsNewRegionAndNoneTouchesAnother()
    {
        var lines = Run();
        string[] Of(string word) => [.. lines.Where(l => l.StartsWith(word + " ", StringComparison.Ordinal)).Select(l => l[(word.Length + 1)..]).Order(StringComparer.Ordinal)];

        string[] moved = ["highflame-02", "highflame-03", "highflame-prod"];
        Assert.Equal(moved.Select(p => $"{p} 0"), Of("ended"));
        // What the databases were not asked is not proven.
        Assert.Equal(["highflame-02 true", "highflame-03", "highflame-prod true"], Of("proof"));
        Assert.Equal([.. moved.Select(p => $"{p} westus Protected True 1").Append("highflame-04 eastus Protected True 0").Order(StringComparer.Ordinal)], Of("state"));
        Assert.Equal(
            moved.SelectMany(p => new[] { $"{p} {p}-dr-postgres {p}-dr-rg Primary Ready", $"{p} {p}-postgres {p}-rg Primary Stopped", $"{p} {p}-postgres-2 {p}-rg Replica Ready" })
                .Concat(["highflame-04 highflame-04-dr-postgres highflame-04-dr-rg Replica Ready", "highflame-04 highflame-04-postgres highflame-04-rg Primary Ready"]).Order(StringComparer.Ordinal),
            Of("server"));
        Assert.Equal(Enumerable.Repeat("True", 4), Of("health"));
        Assert.Equal(["0"], Of("refused"));
    }

    /// <summary>In a process of its own: sessions that a script opens beside each other share what belongs to a process.</summary>
    private static string[] Run()
    {
        var root = Directory.CreateTempSubdirectory("hfdr-fleet-").FullName;
        try
        {
            var script = Path.Combine(root, "job.ps1");
            File.WriteAllText(script, $"Import-Module '{BuiltModule.Manifest}'\n$root = '{Path.Combine(root, "sandbox")}'\n{Job}");
            var start = new ProcessStartInfo(Environment.ProcessPath!) { WorkingDirectory = root, RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var argument in (string[])["exec", Path.ChangeExtension(typeof(Shell.Commands.WriteHostCommand).Assembly.Location, ".dll"), "-File", script]) start.ArgumentList.Add(argument);
            using var process = Process.Start(start)!;
            try
            {
                var output = process.StandardOutput.ReadToEndAsync();
                var errors = process.StandardError.ReadToEndAsync();
                Assert.True(process.WaitForExit(120_000), "It has not ended after two minutes.");
                process.WaitForExit();
                var text = output.GetAwaiter().GetResult();
                Assert.True(process.ExitCode == 0, text + errors.GetAwaiter().GetResult());
                return text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            }
            finally
            {
                if (!process.HasExited) process.Kill(entireProcessTree: true);
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
