using System.Diagnostics;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm.Deployments;

namespace Highflame.Dr.Sandbox.Tests.Arm;

/// <summary>The shipped automation.json, as the real bicep engine evaluates it.</summary>
public sealed class AutomationTemplateTests
{
    private const string Subscription = "11111111-2222-3333-4444-555555555555";

    private static string Template
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Highflame.Dr.sln"))) folder = folder.Parent!;
            return Directory.GetFiles(Path.Combine(folder.FullName, "artifacts", "module", "Highflame.Dr"), "automation.json", SearchOption.AllDirectories).Single();
        }
    }

    [Fact]
    public async Task Evaluate_TwoPairs_HasAllOfItOutsideOfTheActiveRegionAndNoMoreRightsThanTheOperatorRole()
    {
        var (code, said, resources) = await EvaluateAsync("westus");

        Assert.True(code == 0, said);
        string[] Names(string type) => [.. resources.Where(r => (string)r["type"]! == type).Select(r => (string)r["name"]!)];
        Assert.Equal(["Start-HfFailover", "Start-HfFailoverFromAlert", "Test-HfReadiness"], Names("Microsoft.Automation/automationAccounts/runbooks").Select(n => n.Split('/')[1]));
        Assert.Equal(2, Names("Microsoft.Automation/automationAccounts/webhooks").Length);
        Assert.All(resources, r => Assert.Contains((string?)r["location"], (string?[])[null, "westus", "global"]));
        // The second pair has no URL to probe: nothing would ever fire.
        Assert.Single(Names("Microsoft.Insights/webtests"));
        Assert.Equal(["hfd-failed-jobs", "hfd-unreachable-prod"], Names("Microsoft.Insights/metricAlerts").Order(StringComparer.Ordinal));

        JsonNode One(string type, string name) => resources.Single(r => (string)r["type"]! == type && ((string)r["name"]!).EndsWith(name, StringComparison.Ordinal))["properties"]!;
        var runtime = One("Microsoft.Automation/automationAccounts/runtimeEnvironments", "Highflame-PowerShell-7_4");
        Assert.Equal(("PowerShell", "7.4"), ((string?)runtime["runtime"]!["language"], (string?)runtime["runtime"]!["version"]));
        Assert.All(resources.Where(r => (string)r["type"]! == "Microsoft.Automation/automationAccounts/runbooks"), r => Assert.Equal("Highflame-PowerShell-7_4", (string?)r["properties"]!["runtimeEnvironment"]));
        var storage = One("Microsoft.Storage/storageAccounts", "hfdrstate");
        Assert.Equal((false, false), ((bool)storage["allowSharedKeyAccess"]!, (bool)storage["allowBlobPublicAccess"]!));

        // What a job is handed: a list is text, and the region is left to the runbook.
        var scheduled = (JsonObject)resources.Single(r => (string)r["type"]! == "Microsoft.Automation/automationAccounts/jobSchedules")["properties"]!["parameters"]!;
        Assert.Equal(["https://hfdrstate.blob.core.windows.net/pairs/prod.json", "https://hfdrstate.blob.core.windows.net/pairs/other.json"], JsonNode.Parse((string)scheduled["PairPath"]!)!.AsArray().Select(p => (string)p!));
        var alerted = (JsonObject)One("Microsoft.Automation/automationAccounts/webhooks", "failover-other-1")["parameters"]!;
        Assert.Equal(("Planned", "https://hfdrstate.blob.core.windows.net/pairs/other.json", "https://kv.vault.azure.net"), ((string?)alerted["Mode"], (string?)alerted["PairPath"], (string?)alerted["DatabaseVault"]));
        var receiver = One("Microsoft.Insights/actionGroups", "failover-prod")["automationRunbookReceivers"]![0]!;
        Assert.True((bool)receiver["useCommonAlertSchema"]!);
        var actions = One("Microsoft.Insights/metricAlerts", "unreachable-prod")["actions"]!.AsArray().Select(a => ((string)a!["actionGroupId"]!).Split('/')[^1]);
        Assert.Equal(["hfd-failover-prod", "hfd-people"], actions);

        // The parameters that jobs are handed are the runbooks' own.
        var runbooks = Path.Combine(Path.GetDirectoryName(Template)!, "..", "Runbooks");
        foreach (var (runbook, parameters) in new[] { ("Test-HfReadiness", scheduled), ("Start-HfFailoverFromAlert", alerted) })
        {
            var script = await File.ReadAllTextAsync(Path.Combine(runbooks, runbook + ".ps1"));
            Assert.All(parameters, p => Assert.Contains($"${p.Key}", script, StringComparison.Ordinal));
        }

        var roles = resources.Where(r => (string)r["type"]! == "Microsoft.Authorization/roleDefinitions").ToArray();
        Assert.Equal(["r1", "r2"], roles.Select(r => ((string)r["id"]!).Split('/')[4]).Order(StringComparer.Ordinal));
        var operatorRole = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(Template)!, "..", "Roles", "operator.json")))!;
        foreach (var role in roles)
        {
            Assert.True(JsonNode.DeepEquals(operatorRole["Actions"], role["properties"]!["permissions"]![0]!["actions"]));
            Assert.True(JsonNode.DeepEquals(operatorRole["DataActions"], role["properties"]!["permissions"]![0]!["dataActions"]));
        }

        // Two on the resource groups, one each for journal and pair files.
        Assert.Equal(4, Names("Microsoft.Authorization/roleAssignments").Length);
    }

    [Fact]
    public async Task Evaluate_AccountInTheActiveRegion_IsRefused()
    {
        var (code, said, _) = await EvaluateAsync("East US");

        Assert.NotEqual(0, code);
        Assert.Contains("it would be lost with it", said, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Said, JsonObject[] Resources)> EvaluateAsync(string location)
    {
        var folder = Directory.CreateTempSubdirectory("hfdr-bicep-").FullName;
        try
        {
            File.Copy(Template, Path.Combine(folder, "automation.json"));
            await File.WriteAllTextAsync(Path.Combine(folder, "main.bicepparam"), $$"""
                using './automation.json'
                param location = '{{location}}'
                param name = 'hfd'
                param storageName = 'hfdrstate'
                param storageSuffix = 'core.windows.net'
                param pairs = [
                  { name: 'prod', activeLocation: 'eastus', probeUrl: 'https://control.example.com/healthz', answer: 'Judged' }
                  { name: 'other', activeLocation: 'East US', probeUrl: '', answer: 'Planned' }
                ]
                param resourceGroups = [ 'r1', 'r2' ]
                param contentUri = 'https://content.example.com/hfdr'
                param moduleVersion = '0.1.0'
                param databaseVault = 'https://kv.vault.azure.net'
                param emails = [ 'oncall@example.com' ]
                param stamp = '1'
                param readinessStart = '2026-03-01T12:00:00Z'
                param webhookExpiry = '2027-03-01T12:00:00Z'
                """);
            var start = new ProcessStartInfo(BicepEngine.Find()!) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
            foreach (var argument in (string[])["snapshot", "main.bicepparam", "--mode", "overwrite", "--subscription-id", Subscription, "--resource-group", "highflame-dr", "--location", "westus"]) start.ArgumentList.Add(argument);
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            var snapshot = Path.Combine(folder, "main.snapshot.json");
            var said = await output + await errors;
            if (!File.Exists(snapshot)) return (process.ExitCode == 0 ? 1 : process.ExitCode, said, []);
            var document = JsonNode.Parse(await File.ReadAllTextAsync(snapshot))!;
            var troubles = document["diagnostics"]!.AsArray();
            return (troubles.Count > 0 ? 1 : process.ExitCode, said + troubles.ToJsonString(), [.. document["predictedResources"]!.AsArray().OfType<JsonObject>()]);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }
}
