using Highflame.Dr.Parity;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Tests.Hosting;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Parity;

/// <summary>The cmdlets of parity, secrets and tags by name, by pipeline object and by property name, on the fake engine.</summary>
public sealed class ParityBindingTests : IDisposable
{
    private readonly FakeSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Test-HfParity")]
    [InlineData("Test-HfParity highflame-prod")]
    [InlineData("Test-HfParity -Pair $pair -Reference eastus -Difference westus -Skip Secrets, Fitness")]
    [InlineData("$pair | Test-HfParity")]
    [InlineData("[pscustomobject]@{ Pair = 'highflame-prod' } | Test-HfParity")]
    public void TestHfParity_EachWay_ShowsTheDrifts(string script)
    {
        Assert.Equal(2, _session.Invoke(script, Variables).EnsureNoErrors().As<ParityDrift>().Length);
        Assert.Equal("highflame-prod", _session.Engine.Last<ParityRequest>("TestParity").Pair!.Name);
        Assert.False(_session.Invoke(script + " -Quiet", Variables).One<bool>());
    }

    [Fact]
    public void TestHfParity_SeverityDeclaredAndQuiet_SelectAsTold()
    {
        Assert.Equal([DriftSeverity.BlocksFailover], _session.Invoke("Test-HfParity -MinimumSeverity BreaksApplication").EnsureNoErrors().As<ParityDrift>().Select(d => d.Severity));
        Assert.Equal(3, _session.Invoke("Test-HfParity -IncludeDeclared").EnsureNoErrors().As<ParityDrift>().Length);
        _session.Engine.Parity = ParitySamples.Report with { Drifts = [ParitySamples.Pool] };
        Assert.True(_session.Invoke("Test-HfParity -MinimumSeverity BreaksApplication -Quiet").One<bool>());
    }

    [Fact]
    public void TestHfParity_TwoFiles_NeedNoConnection()
    {
        using var session = new FakeSession(connect: false, importPair: false);

        session.Invoke("Test-HfParity -Reference /out/a.json -Difference /out/b.json").EnsureNoErrors();

        Assert.Equal("/out/a.json", session.Engine.Last<ParityRequest>("TestParity").Reference);
        Assert.StartsWith("HfPairRequired,", Assert.Single(session.Invoke("Test-HfParity -Reference /out/a.json").ErrorIds), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Export-HfRegionSnapshot eastus /out/east.json")]
    [InlineData("Export-HfRegionSnapshot -Location 'East US' -Path /out/east.json -Pair highflame-prod")]
    [InlineData("$pair | Export-HfRegionSnapshot eastus /out/east.json")]
    [InlineData("[pscustomobject]@{ Location = 'eastus' } | Export-HfRegionSnapshot -Path /out/east.json")]
    public void ExportHfRegionSnapshot_EachWay_WritesTheFile(string script)
    {
        Assert.Equal("/out/east.json", _session.Invoke(script, Variables).One<RegionSnapshotFile>().Path);
        Assert.Equal("eastus", _session.Engine.Last<(RegionPair, string, string)>("ExportSnapshot").Item2);
    }

    [Fact]
    public void ExportHfRegionSnapshot_WhatIfOrUnknownLocation_WritesNothing()
    {
        Assert.Empty(_session.Invoke("Export-HfRegionSnapshot eastus /out/east.json -WhatIf").EnsureNoErrors().Output);
        Assert.Equal(["HfLocationNotInPair,Highflame.Dr.Commands.ExportHfRegionSnapshotCommand"], _session.Invoke("Export-HfRegionSnapshot mars /out/east.json").ErrorIds);
        Assert.DoesNotContain("ExportSnapshot", _session.Engine.Methods);
    }

    [Fact]
    public void SyncHfSecret_Drifts_AreGroupedAndOthersLeftAlone()
    {
        _session.Invoke("Test-HfParity | Sync-HfSecret -Confirm:$false").EnsureNoErrors();

        var request = _session.Engine.Last<SecretSyncRequest>("PlanSecretSync");
        Assert.Equal(("eastus", "highflame-prod-dr-db-kv"), (request.From, request.Vault));
        Assert.Equal(["password"], request.Names!);
        Assert.Single(_session.Engine.Methods, m => m == "PlanSecretSync");
    }

    [Fact]
    public void SyncHfSecret_WithoutConfirmation_AsksAndDoesNothingOnNo()
    {
        _session.Shell.Answer = "N";

        Assert.Empty(_session.Invoke("Sync-HfSecret password -From eastus").EnsureNoErrors().Output);
        Assert.DoesNotContain("ExecuteSecretSync", _session.Engine.Methods);
        Assert.NotEmpty(_session.Invoke("Sync-HfSecret -WhatIf").EnsureNoErrors().WhatIf);
        Assert.DoesNotContain("ExecuteSecretSync", _session.Engine.Methods);
    }

    [Fact]
    public void SyncHfSecret_OneThatFails_IsAnErrorOfItsOwn()
    {
        _session.Engine.Refusals = [new() { Code = "HfVaultForbidden", Kind = DrErrorKind.PermissionDenied, Resource = "highflame-prod-dr-db-kv", Observed = "403.", Required = "Readable.", Remedy = "Give the role." }];

        Assert.Equal(["HfVaultForbidden,Highflame.Dr.Commands.SyncHfSecretCommand"], _session.Invoke("Sync-HfSecret -Confirm:$false").ErrorIds);
    }

    [Theory]
    [InlineData("Set-HfTag -Confirm:$false", 0)]
    [InlineData("Set-HfTag $pair -Confirm:$false", 0)]
    [InlineData("$pair | Set-HfTag -Confirm:$false", 0)]
    [InlineData("Set-HfTag -ResourceId /a, /b -Confirm:$false", 2)]
    [InlineData("[pscustomobject]@{ ResourceId = '/a' } | Set-HfTag -Confirm:$false", 1)]
    [InlineData("Test-HfParity | Set-HfTag -Confirm:$false", 2)]
    public void SetHfTag_EachWay_TagsThosePiped(string script, int ids)
    {
        Assert.Single(_session.Invoke(script, Variables).EnsureNoErrors().As<TagChange>());

        Assert.Equal(ids, _session.Engine.Last<TagRequest>("PlanTags").ResourceIds?.Length ?? 0);
    }

    [Fact]
    public void SetHfTag_Tags_GoToTheEngine()
    {
        _session.Invoke("Set-HfTag -Tag @{ 'dr-owner' = 'platform'; 'dr-tier' = 1 } -Confirm:$false").EnsureNoErrors();

        var tags = _session.Engine.Last<TagRequest>("PlanTags").Tags;
        Assert.Equal(("platform", "1"), (tags["dr-owner"], tags["dr-tier"]));
    }

    private static object Variables => new { pair = Samples.Pair("highflame-prod", "/pairs/highflame-prod.json") };
}
