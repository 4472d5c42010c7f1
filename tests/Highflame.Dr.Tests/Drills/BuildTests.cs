using System.Diagnostics;
using Highflame.Dr.Documentation;
using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Parity;
using Highflame.Dr.Provisioning;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Tests.Hosting;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Drills;

/// <summary>The build phase from an empty subscription, with the real bicep engine and real databases.</summary>
public sealed class BuildTests
{
    private static string Example => Path.Combine(BuiltModule.RepoRoot, "docs", "examples", "build-then-fail-over.ps1");

    [Fact]
    public void Example_FromAnEmptySubscription_BuildsProvesTagsDocumentsAndFailsOver()
    {
        using var shell = new HostedShell(streamCommands: true);
        var folder = Directory.CreateTempSubdirectory("hfdr-build-").FullName;
        try
        {
            var result = shell.Invoke("& $example -DocumentPath $folder", new { example = Example, folder }).EnsureNoErrors();

            var output = result.Output.Select(o => o.BaseObject).ToArray();
            Assert.Equal([("eastus", StepOutcome.Succeeded), ("westus", StepOutcome.Succeeded)], output.OfType<RegionDeployment>().Select(d => (d.Location, d.Outcome)));
            Assert.All(output.OfType<RegionDeployment>(), d => Assert.All(d.Resources, r => Assert.Equal(StepOutcome.Succeeded, r.Outcome)));
            // Clean: not even a declaration that no longer holds.
            Assert.Empty(output.OfType<ParityDrift>());
            var tagged = output.OfType<TagChange>().ToArray();
            Assert.Equal(["eastus", "westus"], tagged.Select(t => t.Location).Where(l => l != "global").Distinct().Order(StringComparer.Ordinal));
            Assert.InRange(tagged.Length, 30, 60);
            Assert.All(tagged, t => Assert.True(t.Outcome == StepOutcome.Succeeded && t.Added["dr-pair"] == "highflame-prod" && t.Added["dr-tier"] == "1" && t.Added["dr-owner"] == "platform" && t.Changed.Count == 0, t.Name));
            var document = Assert.Single(output.OfType<RegionDocument>());
            Assert.Equal(("eastus", "westus"), (document.Active, document.Passive));
            Assert.Empty(document.Unread);
            var text = File.ReadAllText(document.MarkdownPath!);
            Assert.Contains("**No drift**", text, StringComparison.Ordinal);
            Assert.Contains("highflame-prod-dr-postgres", text, StringComparison.Ordinal);
            var run = Assert.Single(output.OfType<RunEvidence>());
            Assert.Equal(StepOutcome.Succeeded, run.Outcome);
            var status = Assert.Single(output.OfType<RegionPairStatus>());
            Assert.Equal(("westus", PairState.Protected), (status.Active, status.State));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void NewHfRegion_BadInputAndAHalfFailedDeployment_EachItsOwnErrorAndThenCompleted()
    {
        using var shell = new HostedShell(streamCommands: true);
        var sandbox = shell.Invoke("Start-HfSandbox -Empty -TimeScale 0").One<Sandbox>();
        try
        {
            shell.Invoke("$null = Connect-HfAzure -Sandbox $path; $null = Import-HfRegionPair $pair", new { path = sandbox.Path, pair = sandbox.PairPath }).EnsureNoErrors();
            string[] Errors(string script) => [.. shell.Invoke(script).Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0])];

            // Nothing is there, and -WhatIf makes nothing.
            var planned = shell.Invoke("New-HfRegion eastus -WhatIf").EnsureNoErrors().As<RegionChange>().ToArray();
            Assert.Contains(planned, c => c.Type == "Microsoft.DBforPostgreSQL/flexibleServers" && c.Change == ResourceChange.Create);
            Assert.Equal(["HfTemplateNotFound"], Errors("New-HfRegion eastus -TemplatePath /no/such.json -Confirm:$false"));
            var folder = Directory.CreateDirectory(Path.Combine(sandbox.Root, "templates")).FullName;
            File.WriteAllText(Path.Combine(folder, "bad.json"), """{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[{"type":"Microsoft.Network/x","name":"[noSuchFunction()]","apiVersion":"2024-05-01"}]}""");
            Assert.Equal(["HfTemplateInvalid"], Errors($"New-HfRegion eastus -TemplatePath '{folder}/bad.json' -Confirm:$false"));

            File.WriteAllText(Path.Combine(folder, "bad.bicep"), "resource x 'Microsoft.Network/publicIPAddresses@2024-05-01' = {\n  name: nowhere\n}\n");
            Assert.Equal(["HfTemplateNotCompiled"], Errors($"New-HfRegion eastus -TemplatePath '{folder}/bad.bicep' -Confirm:$false"));
            File.WriteAllText(Path.Combine(folder, "atlantis.json"), File.ReadAllText(sandbox.PairPath).Replace("westus\"", "atlantis\"", StringComparison.Ordinal));
            Assert.Equal(["HfLocationUnknown"], Errors($"New-HfRegion atlantis -Pair '{folder}/atlantis.json' -Confirm:$false"));
            Assert.Equal(["HfLocationUnknown"], Errors($"Test-HfRegionSupport -Pair '{folder}/atlantis.json'"));
            // Of all that nothing was written: there is not even a group.
            Assert.Empty(shell.Invoke("Get-HfDbServer").Output);

            // The database cannot be made: the rest is, and the error names what is missing.
            shell.Invoke("$null = Invoke-HfSandboxFault OperationFails -Sandbox $path -PathContains flexibleServers -Count 1", new { path = sandbox.Path }).EnsureNoErrors();
            var half = shell.Invoke("New-HfRegion eastus -Confirm:$false");
            Assert.Equal(["HfRegionResourceFailed"], half.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0]));
            Assert.EndsWith("flexibleServers/highflame-prod-postgres", (string)half.Errors[0].TargetObject, StringComparison.Ordinal);
            Assert.Equal(StepOutcome.Failed, half.As<RegionDeployment>().Single().Outcome);

            // Azure's what-if: what is left to do.
            var left = shell.Invoke("New-HfRegion eastus -WhatIf").EnsureNoErrors().As<RegionChange>().Where(c => c.Change == ResourceChange.Create).Select(c => c.Name).ToArray();
            Assert.Contains("highflame-prod-postgres", left);
            Assert.DoesNotContain("highflame-prod-vnet", left);

            // Begun without waiting, then followed by the same command again.
            Assert.Equal(StepOutcome.Pending, shell.Invoke("New-HfRegion eastus -NoWait -Confirm:$false").One<RegionDeployment>().Outcome);
            Assert.Contains(shell.Invoke("New-HfRegion eastus -Confirm:$false").One<RegionDeployment>().Outcome, new[] { StepOutcome.Succeeded, StepOutcome.NoChange });
            Assert.Equal(StepOutcome.NoChange, shell.Invoke("New-HfRegion eastus -Confirm:$false").One<RegionDeployment>().Outcome);
            Assert.Equal(DbRole.Primary, shell.Invoke("Get-HfDbServer -Name highflame-prod-postgres").One<DbServer>().Role);
            Assert.DoesNotContain("password", string.Join('\n', half.Lines), StringComparison.OrdinalIgnoreCase);
        }
        finally
        {
            shell.Invoke("Stop-HfSandbox -Path $path", new { path = sandbox.Path });
        }
    }
}

/// <summary>The build phase on the users' own regions.</summary>
public sealed class SupportTests
{
    [Fact]
    public void Support_UsersEnvironment_IsJudgedAndExportedForTerraform()
    {
        using var session = new RehearsalSession();
        Assert.True(session.Shell.Invoke("Test-HfRegionSupport -Quiet").One<bool>());
        Assert.True(session.Shell.Invoke("Test-HfRegionSupport -TemplatePath Template -Quiet").One<bool>());

        File.WriteAllText(Path.Combine(session.Sandbox.Root, "behaviour.json"), """{"notOffered":["westus/Standard_D4as_v6","westus/kubernetes/1.33","westus/Microsoft.Cache/redis"],"coreQuota":30}""");
        var lacking = session.Shell.Invoke("Test-HfRegionSupport -FromLocation eastus | Where-Object Verdict -NotIn Supported, Advised").EnsureNoErrors().As<RegionSupport>().ToArray();

        Assert.Equal("Compute Restricted, Kubernetes NotOffered, Quota QuotaShort, Redis NotOffered", string.Join(", ", lacking.Where(s => s.Location == "westus").Select(s => $"{s.Service} {s.Verdict}").Distinct().Order(StringComparer.Ordinal)));
        Assert.All(lacking, s => Assert.NotNull(s.Remedy));
        var template = session.Shell.Invoke("Test-HfRegionSupport -TemplatePath Template | Where-Object Location -EQ westus | Where-Object Verdict -NotIn Supported, Advised").EnsureNoErrors().As<RegionSupport>();
        Assert.Equal("Compute, Kubernetes, Quota, Redis", string.Join(", ", template.Select(s => s.Service).Distinct().Order(StringComparer.Ordinal)));
        Assert.StartsWith("HfLocationUnknown,", Assert.Single(session.Shell.Invoke("Test-HfRegionSupport atlantis, eastus").Errors).FullyQualifiedErrorId, StringComparison.Ordinal);

        var path = Path.Combine(session.Sandbox.Root, "env.auto.tfvars");
        var file = session.Shell.Invoke("Export-HfTerraformVariable westus $path", new { path }).One<TerraformVariables>();
        var text = File.ReadAllText(path);
        Assert.Equal(("westus", "eastus", path), (file.Location, file.Source, file.Path));
        foreach (var line in (string[])["project_env = \"prod-dr\"", "enable_postgres_secondary = true", "postgres_sku_name = \"GP_Standard_D4ads_v5\"", "vnet_cidr = \"10.51.0.0/16\"", "nat_ip_count = 2", "aks_node_max_count = 6"])
            Assert.Contains(line, System.Text.RegularExpressions.Regex.Replace(text, " +=", " ="), StringComparison.Ordinal);
        Assert.Contains("/flexibleServers/highflame-prod-postgres\"", text, StringComparison.Ordinal);
        Assert.StartsWith("HfTerraformFileExists,", Assert.Single(session.Shell.Invoke("Export-HfTerraformVariable westus $path", new { path }).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        if (Terraform(session.Sandbox.Root) is { } code) Assert.Equal(0, code);

        // The sandbox's administrator is not the module's: the primary is kept by a resource of its own.
        var truce = session.Shell.Invoke("Export-HfTerraformImport eastus $folder", new { folder = session.Sandbox.Root }).One<TerraformImport>();
        Assert.Equal(("azurerm_postgresql_flexible_server.hf_highflame_prod_postgres", DbRole.Primary), (truce.Address, truce.Role));
        Assert.Contains("enable_postgres_primary   = false", File.ReadAllText(truce.VariablesPath!), StringComparison.Ordinal);
        truce = session.Shell.Invoke("Export-HfTerraformImport westus $folder -Force", new { folder = session.Sandbox.Root }).One<TerraformImport>();
        Assert.Equal(("module.postgres_secondary[0].azurerm_postgresql_flexible_server.postgres", DbRole.Replica), (truce.Address, truce.Role));
        Assert.Contains("highflame-prod-dr-postgres-pe\"", File.ReadAllText(truce.Path!), StringComparison.Ordinal);
        Assert.Contains("/flexibleServers/highflame-prod-postgres\"", File.ReadAllText(truce.VariablesPath!), StringComparison.Ordinal);
        var state = Path.Combine(session.Sandbox.Root, "state.json");
        File.WriteAllText(state, $$$"""{"version":4,"resources":[{"module":"module.postgres_secondary[0]","mode":"managed","type":"azurerm_postgresql_flexible_server","name":"postgres","instances":[{"attributes":{"id":"{{{truce.ResourceId}}}"}}]}]}""");
        Assert.True(session.Shell.Invoke("Export-HfTerraformImport westus $folder -StatePath $state", new { folder = session.Sandbox.Root, state }).One<TerraformImport>().Settled);
        File.WriteAllText(state, "no state");
        Assert.StartsWith("HfTerraformStateUnreadable,", Assert.Single(session.Shell.Invoke("Export-HfTerraformImport westus $folder -StatePath $state", new { folder = session.Sandbox.Root, state }).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    /// <summary>Null where there is no Terraform.</summary>
    private static int? Terraform(string folder)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("terraform") { ArgumentList = { "fmt", "-check", "env.auto.tfvars" }, WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
