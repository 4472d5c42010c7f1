using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Tests.Hosting;
using Highflame.Dr.Tests.Probe;

namespace Highflame.Dr.Tests.Drills;

/// <summary>The operator role on the two resource groups, and nothing more, is enough; less is not.</summary>
public sealed class OperatorTests
{
    [Fact]
    public void PlannedDrill_AsOperatorOnly_ReachesWhatItMust()
    {
        var output = Directory.CreateTempSubdirectory("hfdr-drill-").FullName;
        try
        {
            using var shell = new HostedShell(streamCommands: true);

            var result = shell.Invoke("& $drill -OutputPath $output -Scenario planned -TimeScale 0 -Role Operator", new { drill = RehearsalSession.Runbook("Invoke-HfDrill.ps1"), output });

            result.EnsureNoErrors();
            var report = Assert.Single(result.Output.Select(o => o.BaseObject).OfType<DrillReport>());
            Assert.True(report.Passed, string.Join("\n", report.Failures));
        }
        finally
        {
            Directory.Delete(output, true);
        }
    }

    /// <summary>One pair of regions, four failovers there and back, each signed in another way, all as operator.</summary>
    [Fact]
    public async Task PlannedFailover_SignedInEachWay_IsCarriedThroughAsOperatorOnly()
    {
        using var shell = new HostedShell(streamCommands: true);
        var sandbox = shell.Invoke("Start-HfSandbox -TimeScale 0 -Role Operator").One<Sandbox>();
        try
        {
            var file = JsonNode.Parse(File.ReadAllText(sandbox.Path))!;
            string Text(string name) => (string)file[name]!;
            var managed = file["managedIdentity"]!;
            (string, string)[] application = [("AZURE_TENANT_ID", Text("tenantId")), ("AZURE_CLIENT_ID", Text("clientId")), ("AZURE_CLIENT_SECRET", Text("clientSecret"))];
            // The replica that a failover leaves behind has a new name: somebody tells the region's application.
            void Rebind(string region) => shell.Invoke("$null = Invoke-HfSandboxFault SecretsRestored -Region $region -Sandbox $path", new { region, path = sandbox.Path }).EnsureNoErrors();
            (string, string)[] automation = [("IDENTITY_ENDPOINT", (string)managed["endpoint"]!), ("IDENTITY_HEADER", (string)managed["header"]!)];

            await FailOverAsync(sandbox, "westus", "-DefaultChain", "Default|environment variables", application);
            Rebind("eastus");
            await FailOverAsync(sandbox, "eastus", $"-Identity -ClientId {managed["userAssignedClientId"]}", "ManagedIdentity|", automation);
            Rebind("westus");
            await FailOverAsync(sandbox, "westus", "", "ClientSecret|");
            Rebind("eastus");
            await FailOverAsync(sandbox, "eastus", $"-CertificatePath '{Text("clientCertificate")}' -ClientId {Text("clientId")}", "ClientCertificate|");
        }
        finally
        {
            shell.Invoke("Stop-HfSandbox -Path $path", new { path = sandbox.Path });
        }
    }

    [Fact]
    public void Failover_AsReader_IsRefusedAndNothingIsChanged()
    {
        using var shell = new HostedShell(streamCommands: true);
        var sandbox = shell.Invoke("Start-HfSandbox -TimeScale 0 -Role Reader").One<Sandbox>();
        try
        {
            shell.Invoke("$null = Connect-HfAzure -Sandbox $path; $pair = Import-HfRegionPair $pairPath; $status = Get-HfRegionPair; $null = Get-HfReplication -Pair $pair; $null = Test-HfHealth", new { path = sandbox.Path, pairPath = sandbox.PairPath }).EnsureNoErrors();

            foreach (var script in new[] { "Set-HfTrafficProfile -Ttl 1 -Confirm:$false", "Set-HfTrafficEndpoint -Location westus -Confirm:$false", "Invoke-HfDbFailover -Pair $pair -ResourceId $status.ReplicaResourceId -NoWait -Confirm:$false" })
            {
                var error = shell.Invoke(script).Errors[0];
                Assert.StartsWith("HfPermissionDenied,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
                Assert.Contains("AuthorizationFailed", error.Exception.Message, StringComparison.Ordinal);
            }

            // The primary takes writes as before: the refusal came before the fence, or the fence was taken back.
            shell.Invoke("Test-HfHealth -Location eastus -Function -ExpectedRole Primary").EnsureNoErrors();
        }
        finally
        {
            shell.Invoke("Stop-HfSandbox -Path $path", new { path = sandbox.Path });
        }
    }

    private static async Task FailOverAsync(Sandbox sandbox, string to, string credential, string signedIn, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(OperatorTests).Assembly.Location);
        start.ArgumentList.Add("connect");
        start.ArgumentList.Add(
            $"Connect-HfAzure -Sandbox '{sandbox.Path}' {credential}; $null = Import-HfRegionPair '{sandbox.PairPath}'; $null = Set-HfTrafficProfile -Ttl 1 -Confirm:$false; "
            + $"& '{RehearsalSession.Runbook("Invoke-HfRegionFailover.ps1")}' -PairPath '{sandbox.PairPath}' -To {to} -Confirm:$false");
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("AZURE_", StringComparison.Ordinal) || k.StartsWith("IDENTITY_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(240));
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            var text = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, text + await errors);
            var seen = JsonSerializer.Deserialize<ConnectResult>(text)!;
            Assert.True(seen.Messages.Length == 0, $"{signedIn} to {to}: {string.Join("\n", seen.Messages)}");
            Assert.StartsWith($"Sandbox|{signedIn}", Assert.Single(seen.Contexts), StringComparison.Ordinal);
            Assert.Equal(["Succeeded"], seen.Outcomes);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
