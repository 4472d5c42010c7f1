using System.Management.Automation;
using Highflame.Dr.Tests.Fakes;

namespace Highflame.Dr.Tests;

/// <summary>Completion comes from what the runspace has seen; it never signs in and never throws.</summary>
public class CompletionTests
{
    [Theory]
    [InlineData("Get-HfRegionPair -Name ", "highflame-prod")]
    [InlineData("Test-HfHealth -Pair high", "highflame-prod")]
    [InlineData("Set-HfTrafficEndpoint -Location w", "westus")]
    [InlineData("Start-HfRun -To ", "eastus westus")]
    [InlineData("Invoke-HfDbFailover -Name highflame-prod-d", "highflame-prod-dr-postgres")]
    [InlineData("Get-HfTrafficEndpoint -ProfileId x -Name ", "global-endpoint")]
    [InlineData("Wait-HfOperation -Id ", "op-promote")]
    [InlineData("Invoke-HfSandboxFault -Fault Region", "RegionLost RegionRestored")]
    [InlineData("Invoke-HfDbFailover -Mode ", "Forced Planned")]
    public void Complete_AfterSomethingWasSeen_Offers(string line, string expected)
    {
        using var session = new FakeSession();
        session.Invoke("$null = Get-HfRegionPair; $null = Invoke-HfDbFailover r -NoWait -Confirm:$false").EnsureNoErrors();
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

    private static string[] Complete(FakeSession session, string line)
    {
        using var shell = PowerShell.Create(session.Shell.Runspace);
        return [.. CommandCompletion.CompleteInput(line, line.Length, null, shell).CompletionMatches.Select(m => m.CompletionText).Order(StringComparer.Ordinal)];
    }
}
