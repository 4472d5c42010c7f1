using Highflame.Dr.HelpGen;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Help;

/// <summary>docs/parity.md is what the catalogue says.</summary>
public sealed class ParityPageTests
{
    [Fact]
    public void Page_AgainstTheCatalogue_IsInStep()
    {
        var page = ParityPage.Of(Path.Combine(BuiltModule.RepoRoot, "src", "Highflame.Dr.Engine", "Parity", "Catalogue"));

        Assert.True(page == File.ReadAllText(Path.Combine(BuiltModule.RepoRoot, "docs", "parity.md")).ReplaceLineEndings("\n"), "docs/parity.md is not what the catalogue says: run build.ps1 Docs.");
        foreach (var type in new[] { "managedClusters", "virtualNetworks", "networkSecurityGroups", "natGateways", "applicationGateways", "vaults", "redis", "flexibleServers", "privateEndpoints", "userAssignedIdentities" })
            Assert.Contains($"/{type}`, api-version", page, StringComparison.Ordinal);
        Assert.DoesNotContain("|  |", page, StringComparison.Ordinal);
    }
}
