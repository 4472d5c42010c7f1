using System.Text.Json;
using Highflame.Dr.HelpGen;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Drills;

/// <summary>module/Roles/permissions.json is what the cmdlets really ask of Azure Resource Manager, and the roles and the page are made of it.</summary>
public sealed class PermissionTests
{
    private static readonly string s_folder = Path.Combine(BuiltModule.RepoRoot, "module", "Roles");

    [Fact]
    public void RolesAndPage_AgainstTheTable_AreInStep()
    {
        var table = Permissions.Read(s_folder);
        const string Run = " is not what permissions.json says: run build.ps1 Docs.";

        foreach (var role in new[] { "Reader", "Operator", "Unlocker" })
        {
            Assert.True(table.RoleDefinition(role) == Text(Path.Combine(s_folder, role.ToLowerInvariant() + ".json")), role + Run);
            Assert.True(File.Exists(Path.Combine(BuiltModule.Directory, "Roles", role.ToLowerInvariant() + ".json")), "The module ships it.");
        }

        Assert.True(table.Document() == Text(Path.Combine(BuiltModule.RepoRoot, "docs", "permissions.md")), "docs/permissions.md" + Run);
        Assert.DoesNotContain(table.ActionsOf("Reader"), a => a.EndsWith("/write", StringComparison.Ordinal) || a.EndsWith("/delete", StringComparison.Ordinal));
        Assert.Equal(["Microsoft.Authorization/locks/delete", "Microsoft.Authorization/locks/read", "Microsoft.Authorization/locks/write"], table.ActionsOf("Unlocker"));
        Assert.Empty(table.DataActionsOf("Unlocker"));
        Assert.DoesNotContain(table.ActionsOf("Operator"), a => a.Contains('*', StringComparison.Ordinal) || a.EndsWith("/delete", StringComparison.Ordinal));
    }

    [Fact]
    public void Table_AgainstWhatASandboxSaw_IsExact()
    {
        var table = Permissions.Read(s_folder);
        using var session = new RehearsalSession();
        var seen = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        var at = 0;
        void Skip() => at = Actions(session).Count;
        void Run(string cmdlet, params string[] scripts)
        {
            foreach (var script in scripts)
            {
                Skip();
                session.Shell.Invoke(script).EnsureNoErrors();
                if (!seen.TryGetValue(cmdlet, out var actions)) seen[cmdlet] = actions = new(StringComparer.Ordinal);
                foreach (var action in Actions(session).Skip(at).OfType<string>()) actions.Add(action);
            }
        }

        session.Shell.Runspace.SessionStateProxy.SetVariable("pair", session.Pair);
        session.Shell.Runspace.SessionStateProxy.SetVariable("sandbox", session.Sandbox);
        Run("Connect-HfAzure", "$null = Connect-HfAzure -Sandbox $sandbox.Path");
        Run("Get-HfRegionPair", "$status = Get-HfRegionPair");
        Run("Get-HfDbServer", "Get-HfDbServer", "Get-HfDbServer -ResourceGroup highflame-prod-rg");
        Run("Get-HfReplication", "Get-HfReplication", "Get-HfReplication -Pair $pair");
        Run("Get-HfTrafficProfile", "Get-HfTrafficProfile -ResourceId $pair.Traffic.ProfileId");
        Run("Get-HfTrafficEndpoint", "Get-HfTrafficEndpoint", "Get-HfTrafficEndpoint -ResourceId \"$($pair.Traffic.ProfileId)/externalEndpoints/global-endpoint\"");
        Run("Watch-HfRegionPair", "Watch-HfRegionPair -Count 2 -IntervalSeconds 0.1");
        session.Shell.Runspace.SessionStateProxy.SetVariable("alert", Fakes.Samples.Alert);
        Run("Register-HfAlert", "Register-HfAlert $alert");
        Run("Test-HfHealth", "Test-HfHealth", "Test-HfHealth -Location eastus -Function");
        Run("Test-HfTrafficRoute", "Test-HfTrafficRoute");
        Run("Test-HfReadiness", "Test-HfReadiness westus", "Test-HfReadiness westus -Mode Forced");
        Run("Export-HfRegionDocument", "$folder = [IO.Directory]::CreateTempSubdirectory('hfdr-document-').FullName; $null = Export-HfRegionDocument $folder; [IO.Directory]::Delete($folder, $true)");
        Run("Test-HfParity", "Test-HfParity -Pair $pair");
        Run("Export-HfRegionSnapshot", "Export-HfRegionSnapshot eastus ([IO.Path]::Combine([IO.Path]::GetTempPath(), \"hfdr-$PID-eastus.json\")) | ForEach-Object { [IO.File]::Delete($_.Path) }");
        Run("Sync-HfSecret", "Sync-HfSecret -From eastus -Confirm:$false");
        Run("Set-HfTag", "Set-HfTag -Tag @{ 'dr-owner' = 'platform'; 'dr-tier' = '1' } -Confirm:$false");
        Run("Set-HfTrafficProfile", "Set-HfTrafficProfile -Ttl 1 -Confirm:$false");
        session.Shell.Runspace.SessionStateProxy.SetVariable("sized", session.PairWith("capacity", CapacityTests.Sizes));
        Run("Set-HfRegionCapacity", "Set-HfRegionCapacity -Pair $sized -Location westus -Role Active -Confirm:$false", "Set-HfRegionCapacity -Pair $sized -Location westus -Confirm:$false");
        Run("Test-HfRegionSupport", "Test-HfRegionSupport", "Test-HfRegionSupport -FromLocation eastus");
        Run("Export-HfTerraformVariable", "$null = Export-HfTerraformVariable westus -Path \"$($sandbox.Root)/env.auto.tfvars\"");
        Run("Export-HfTerraformImport", "$null = Export-HfTerraformImport eastus -Path \"$($sandbox.Root)\"");
        // What a deployment itself does is Azure's own: the what-if asks for all that the command asks.
        Run("New-HfRegion", "New-HfRegion westus -WhatIf");
        Run("New-HfVirtualEndpoint", "New-HfVirtualEndpoint hf-$([guid]::NewGuid().ToString('n').Substring(0, 8)) -Pair $pair -Confirm:$false");
        Run("Get-HfVirtualEndpoint", "$endpoint = Get-HfVirtualEndpoint -Pair $pair");
        Run("Set-HfVirtualEndpoint", "$endpoint | Set-HfVirtualEndpoint -Reader $endpoint.Server -Pair $pair -Confirm:$false");
        Run("Start-HfRun", "Start-HfRun -Pair $pair -To westus -Confirm:$false");
        SandboxArm.Write(session.Sandbox.Path, "PUT", $"{session.Pair.Traffic.ProfileId}/providers/Microsoft.Authorization/locks/freeze", "2020-05-01", """{"properties":{"level":"ReadOnly"}}""");
        Run("Unlock-HfResource", "Unlock-HfResource -Pair $pair -Confirm:$false");
        Run("Lock-HfResource", "Lock-HfResource -Pair $pair -Confirm:$false");
        SandboxArm.Write(session.Sandbox.Path, "DELETE", $"{session.Pair.Traffic.ProfileId}/providers/Microsoft.Authorization/locks/freeze", "2020-05-01", "{}");
        Run("Invoke-HfDbFailover", "$promotion = Invoke-HfDbFailover -Pair $pair -ResourceId $status.ReplicaResourceId -NoWait -Confirm:$false");
        Run("Set-HfTrafficEndpoint", "Set-HfTrafficEndpoint -Pair $pair -Location westus -Confirm:$false", "Set-HfTrafficEndpoint -Pair $pair -Target $pair.Regions[1].GatewayId -Confirm:$false");
        Run("Wait-HfOperation", "$promotion.Operation | Wait-HfOperation");
        Run("Get-HfOperation", "$promotion.Operation | Get-HfOperation");
        Run("Complete-HfFence", "Complete-HfFence -Pair $pair -ResourceId $status.PrimaryResourceId -Confirm:$false");
        Run("New-HfReadReplica", "New-HfReadReplica -Pair $pair -SourceServerResourceId $status.ReplicaResourceId -Location eastus -Confirm:$false");
        Run("Copy-HfDbSetting", "Copy-HfDbSetting -Pair $pair -Server $status.ReplicaResourceId -From $status.PrimaryResourceId -Confirm:$false");
        Run("Set-HfDbBinding", "Set-HfDbBinding -Pair $pair -Location eastus -Confirm:$false");
        Run("Complete-HfRun", "Complete-HfRun -Outcome Succeeded -Confirm:$false");
        Run("Export-HfEvidence", "Export-HfEvidence");

        var problems = new List<string>();
        foreach (var (cmdlet, actions) in seen)
        {
            var listed = table.Cmdlets[cmdlet];
            problems.AddRange(actions.Where(a => !listed.Actions.Contains(a) && listed.Sometimes?.ContainsKey(a) != true).Select(a => $"{cmdlet} asked for {a}, which is not listed"));
            problems.AddRange(listed.Actions.Where(a => !actions.Contains(a)).Select(a => $"{cmdlet} did not ask for {a}, which is listed as needed always"));
        }

        Assert.True(problems.Count == 0, string.Join("\n", problems));
        Assert.Equal(table.Cmdlets.Keys.Order(StringComparer.Ordinal), seen.Keys);
        // What is needed sometimes is needed by somebody.
        var local = ModuleTests.Cmdlets.Select(t => (System.Management.Automation.CmdletAttribute)Attribute.GetCustomAttribute(t, typeof(System.Management.Automation.CmdletAttribute))!).Select(a => $"{a.VerbName}-{a.NounName}");
        Assert.Subset(local.ToHashSet(), seen.Keys.ToHashSet());
    }

    private static string Text(string path) => File.ReadAllText(path).ReplaceLineEndings("\n");

    /// <summary>The action of each request so far; null for what needs none.</summary>
    private static List<string?> Actions(RehearsalSession session)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(session.Sandbox.Path));
        using var log = new FileStream(file.RootElement.GetProperty("requestLog").GetString()!, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(log);
        var actions = new List<string?>();
        while (reader.ReadLine() is { Length: > 0 } line && line.EndsWith('}'))
        {
            using var entry = JsonDocument.Parse(line);
            actions.Add(entry.RootElement.TryGetProperty("action", out var action) ? action.GetString() : null);
        }

        return actions;
    }
}
