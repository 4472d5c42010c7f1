using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Drills;

/// <summary>Bad input against real regions: an error id of its own, and nothing changed.</summary>
public sealed class RefusalTests(RefusalTests.Regions regions) : IClassFixture<RefusalTests.Regions>
{
    public sealed class Regions : IDisposable
    {
        public RehearsalSession Session { get; } = new();

        public void Dispose() => Session.Dispose();
    }

    private RehearsalSession Session => regions.Session;

    [Theory]
    [InlineData("Get-HfDbServer -ResourceId ('/subscriptions/{0}/resourceGroups/highflame-prod-rg/providers/Microsoft.DBforPostgreSQL/flexibleServers/nobody' -f $pair.SubscriptionId)", "HfServerNotFound")]
    [InlineData("Invoke-HfDbFailover -Name nobody -Confirm:$false", "HfServerNotFound")]
    [InlineData("Invoke-HfDbFailover -Name highflame-prod-postgres -Confirm:$false", "HfServerNotReplica")]
    [InlineData("Invoke-HfDbFailover -Name highflame-prod-dr-postgres -Mode Forced -Confirm:$false", "HfDataLossConsentRequired")]
    [InlineData("New-HfReadReplica -Source highflame-prod-dr-postgres -Location eastus -Confirm:$false", "HfSourceNotPrimary")]
    [InlineData("Set-HfTrafficEndpoint -Target 10.51.64.4 -Confirm:$false", "HfTargetPrivate")]
    [InlineData("Set-HfTrafficEndpoint -Target 'https://gateway:443' -Confirm:$false", "HfTargetInvalid")]
    [InlineData("Complete-HfFence -Name highflame-prod-postgres -Confirm:$false", "HfServerIsActivePrimary")]
    [InlineData("Start-HfRun -To northeurope -Mode Planned -Confirm:$false", "HfLocationNotInPair")]
    [InlineData("Import-HfRegionPair ./no-such-file.json", "HfPairFileNotFound")]
    public void BadInput_AgainstRealRegions_HasItsOwnErrorAndChangesNothing(string script, string errorId)
    {
        var writes = Session.Writes();

        var result = Session.Shell.Invoke(script, new { pair = Session.Pair });

        Assert.Empty(result.Output);
        Assert.Contains(result.Errors, e => e.FullyQualifiedErrorId.Split(',')[0] == errorId);
        Assert.All(result.Errors, e => Assert.False(string.IsNullOrEmpty(e.ErrorDetails?.RecommendedAction)));
        Assert.Equal(writes, Session.Writes());
    }

    [Fact]
    public void Import_MalformedPairFile_NamesPathLineAndExpectation()
    {
        var path = Path.Combine(Session.Sandbox.Root, "malformed.json");
        File.WriteAllText(path, File.ReadAllText(Session.Sandbox.PairPath).Replace("\"westus\"", "42", StringComparison.Ordinal));

        var result = Session.Shell.Invoke("Import-HfRegionPair $path", new { path });

        var error = Assert.Single(result.Errors);
        Assert.StartsWith("HfPairFileMalformed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(path, error.ToString(), StringComparison.Ordinal);
        Assert.Matches(@"(line |:)\d+", error.ToString());
    }

    [Fact]
    public void Connect_UnreachableArm_EndsThePipeline()
    {
        using var shell = new Hosting.HostedShell();

        var result = shell.Invoke("try { Connect-HfAzure -Sandbox $path -ArmEndpoint https://127.0.0.1:9/ } catch { $_.FullyQualifiedErrorId }", new { path = Session.Sandbox.Path });

        Assert.StartsWith("HfArmUnreachable,", result.One<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void Failover_WrongDatabasePassword_IsRefusedAndChangesNothing()
    {
        using var shell = new Hosting.HostedShell();
        shell.Invoke("Connect-HfAzure -Sandbox $path -DatabaseCredential ([pscredential]::new('hfadmin', [System.Net.NetworkCredential]::new('', 'wrong').SecurePassword))", new { path = Session.Sandbox.Path }).EnsureNoErrors();
        var writes = Session.Writes();

        var result = shell.Invoke("Invoke-HfDbFailover -Name highflame-prod-dr-postgres -Confirm:$false");

        Assert.Contains(result.ErrorIds, id => id.StartsWith("HfDatabaseSignInFailed,", StringComparison.Ordinal));
        Assert.Equal(writes, Session.Writes());
    }

    [Fact]
    public void Runbook_WhatIf_PrintsEveryStepWithItsResourceAndOnlyReads()
    {
        var writes = Session.Writes();

        var result = Session.Shell.Invoke("& $runbook -PairPath $path -To westus -WhatIf", new { runbook = RehearsalSession.Runbook("Invoke-HfRegionFailover.ps1"), path = Session.Pair.Path });

        result.EnsureNoErrors();
        var whatIf = string.Join("\n", result.WhatIf);
        foreach (var word in new[] { "highflame-prod-postgres", "highflame-prod-dr-postgres", "global-endpoint", "highflame-prod-global", "default_transaction_read_only", "romote", "replica" })
            Assert.Contains(word, whatIf, StringComparison.Ordinal);
        Assert.True(result.WhatIf.Count >= 8, whatIf);
        Assert.Equal(writes, Session.Writes());
        Assert.Null(Session.Status().UnfinishedRun);
    }

    /// <summary>Azure accepts the promotion and fails it later: nothing is left changed, and writes go on where they were.</summary>
    [Fact]
    public void Runbook_PromotionFailsAfterItWasAccepted_LeavesTheRegionsAsItFoundThem()
    {
        var variables = new { runbook = RehearsalSession.Runbook("Invoke-HfRegionFailover.ps1"), path = Session.Pair.Path, sandbox = Session.Sandbox };
        var before = Session.Status();
        Session.Shell.Invoke("$null = Set-HfTrafficProfile -Ttl 1 -Confirm:$false; $null = Invoke-HfSandboxFault OperationFails -Method PATCH -PathContains flexibleServers/highflame-prod-dr-postgres -Sandbox $sandbox", variables).EnsureNoErrors();
        try
        {
            var result = Session.Shell.Invoke("& $runbook -PairPath $path -To westus -Confirm:$false; $LASTEXITCODE", variables);

            Assert.Equal(2, result.Output.Select(o => o.BaseObject).OfType<int>().Last());
            Assert.StartsWith("HfPromotionFailed,", Assert.Single(result.ErrorIds), StringComparison.Ordinal);
            var status = Session.Status();
            Assert.Equal((before.Active, before.EndpointTarget, before.PrimaryResourceId, PairState.Protected), (status.Active, status.EndpointTarget, status.PrimaryResourceId, status.State));
            Assert.Empty(status.FenceDebt);
            Assert.Null(status.UnfinishedRun);
            Session.Shell.Invoke("Test-HfHealth -Location eastus -Function -ExpectedRole Primary -WaitSeconds 20").EnsureNoErrors();
        }
        finally
        {
            Session.Shell.Invoke("$null = Invoke-HfSandboxFault Clear -Sandbox $sandbox; $null = Set-HfTrafficProfile -Ttl 30 -Confirm:$false", variables);
        }
    }

    [Fact]
    public void GetDbServer_ByNamePipelineAndPropertyName_FindsTheSameServer()
    {
        var byName = Session.Shell.Invoke("Get-HfDbServer -Name highflame-prod-dr-postgres").One<DbServer>();
        var byId = Session.Shell.Invoke("$server | Get-HfDbServer", new { server = new { byName.ResourceId } }).One<DbServer>();

        Assert.Equal(DbRole.Replica, byName.Role);
        Assert.Equal(byName.ResourceId, byId.ResourceId);
        Assert.Equal("westus", byName.Location);
    }

    [Fact]
    public void GetReplication_HealthyPair_MeasuresBothDatabases()
    {
        var status = Session.Shell.Invoke("Get-HfDbServer -Role Replica | Get-HfReplication").One<ReplicationStatus>();

        Assert.Equal(LagSource.Database, status.Source);
        Assert.Equal("highflame-prod-postgres", status.Primary);
        Assert.InRange(status.LagBytes!.Value, 0, 1_000_000);
    }
}
