using System.Management.Automation;
using Highflame.Dr.Tests.Fakes;

namespace Highflame.Dr.Tests;

/// <summary>Completion comes from what the runspace has seen; it never signs in and never throws.</summary>
public class CompletionTests
{
    [Theory]
    [InlineData("Get-HfRegionPair -Name ", "highflame-prod")]
    [InlineData("Test-HfHealth -Pair high", "highflame-prod")]
    [InlineData("Watch-HfRegionPair -Pair high", "highflame-prod")]
    [InlineData("Set-HfTrafficEndpoint -Location w", "westus")]
    [InlineData("Start-HfRun -To ", "eastus westus")]
    [InlineData("Test-HfReadiness -To ", "eastus westus")]
    [InlineData("Copy-HfDbSetting -Server highflame-prod-d", "highflame-prod-dr-postgres")]
    [InlineData("Copy-HfDbSetting x -Kind L", "Lock")]
    [InlineData("Set-HfDbBinding -Location eastus -Server highflame-prod-d", "highflame-prod-dr-postgres")]
    [InlineData("Unlock-HfResource -Pair high", "highflame-prod")]
    [InlineData("Lock-HfResource high", "highflame-prod")]
    [InlineData("New-HfVirtualEndpoint hf -Reader highflame-prod-d", "highflame-prod-dr-postgres")]
    [InlineData("Set-HfVirtualEndpoint /e -Reader highflame-prod-d", "highflame-prod-dr-postgres")]
    [InlineData("Get-HfVirtualEndpoint -Server highflame-prod-d", "highflame-prod-dr-postgres")]
    [InlineData("Invoke-HfDbFailover x -Promotion ", "Standalone Switchover")]
    [InlineData("Set-HfRegionCapacity -Location w", "westus")]
    [InlineData("Set-HfRegionCapacity -Part G", "Gateway")]
    [InlineData("New-HfRegion -Location w", "westus")]
    [InlineData("Test-HfRegionSupport -FromLocation e", "eastus")]
    [InlineData("Export-HfTerraformImport -Location w", "westus")]
    [InlineData("Test-HfParity highfl", "highflame-prod")]
    [InlineData("Test-HfParity -Reference e", "eastus")]
    [InlineData("Test-HfParity -Difference w", "westus")]
    [InlineData("Test-HfParity -MinimumSeverity Bl", "BlocksFailover")]
    [InlineData("Test-HfParity -Skip Sec", "Secrets")]
    [InlineData("Export-HfRegionSnapshot e", "eastus")]
    [InlineData("Sync-HfSecret -From e", "eastus")]
    [InlineData("Set-HfTag highfl", "highflame-prod")]
    [InlineData("Invoke-HfDbFailover -Name highflame-prod-d", "highflame-prod-dr-postgres")]
    [InlineData("Get-HfTrafficEndpoint -ProfileId x -Name ", "global-endpoint")]
    [InlineData("Wait-HfOperation -Id ", "op-promote")]
    [InlineData("Get-HfRun -Id ", "run-1")]
    [InlineData("Get-HfDbServer -ResourceGroup highflame-prod-d", "highflame-prod-dr-rg")]
    [InlineData("Invoke-HfSandboxFault -Fault Region", "RegionLost RegionRestored")]
    [InlineData("Connect-HfAzure -Environment AzureU", "AzureUSGovernment")]
    [InlineData("Invoke-HfDbFailover -Mode ", "Forced Planned")]
    public void Complete_AfterSomethingWasSeen_Offers(string line, string expected)
    {
        using var session = new FakeSession();
        session.Engine.Runs.Add(Samples.RunStatus);
        session.Invoke("$null = Get-HfRegionPair; $null = Get-HfRun; $null = Invoke-HfDbFailover r -NoWait -Confirm:$false").EnsureNoErrors();
        session.Engine.Calls.Clear();

        Assert.Equal(expected.Split(' '), Complete(session, line));
        Assert.Empty(session.Engine.Calls);
    }

    [Theory]
    [InlineData("Get-HfRegionPair -Name ")]
    [InlineData("Invoke-HfDbFailover -Name ")]
    [InlineData("Wait-HfOperation -Id ")]
    public void Complete_NothingSeenAndNoConnection_OffersNothingAndAsksNobody(string line)
    {
        using var session = new FakeSession(connect: false, importPair: false);

        Complete(session, line);

        Assert.Empty(session.Engine.Calls);
    }

    [Theory]
    [InlineData("Connect-HfAzure -SubscriptionId ")]
    [InlineData("Connect-HfAzure -TenantId ")]
    public void Complete_Account_OffersWhatTheConnectionAndAzureCliKnow(string line)
    {
        var folder = Directory.CreateTempSubdirectory("hfdr-azure-").FullName;
        var before = Environment.GetEnvironmentVariable("AZURE_CONFIG_DIR");
        try
        {
            Environment.SetEnvironmentVariable("AZURE_CONFIG_DIR", folder);
            File.WriteAllText(
                Path.Combine(folder, "azureProfile.json"),
                """{"subscriptions":[{"id":"5abc0000-0000-0000-0000-000000000001","name":"one","tenantId":"7abc0000-0000-0000-0000-000000000001"}]}""",
                new System.Text.UTF8Encoding(true));
            using var session = new FakeSession();
            var context = session.Invoke("Get-HfContext").One<DrContext>();

            var offered = Complete(session, line);

            Assert.Contains(line.Contains("Tenant", StringComparison.Ordinal) ? "7abc0000-0000-0000-0000-000000000001" : "5abc0000-0000-0000-0000-000000000001", offered);
            if (line.Contains("Subscription", StringComparison.Ordinal)) Assert.Contains(context.SubscriptionId, offered);
        }
        finally
        {
            Environment.SetEnvironmentVariable("AZURE_CONFIG_DIR", before);
            Directory.Delete(folder, true);
        }
    }

    private static string[] Complete(FakeSession session, string line)
    {
        using var shell = PowerShell.Create(session.Shell.Runspace);
        return [.. CommandCompletion.CompleteInput(line, line.Length, null, shell).CompletionMatches.Select(m => m.CompletionText).Order(StringComparer.Ordinal)];
    }
}
