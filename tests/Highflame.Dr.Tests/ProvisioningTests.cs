using Highflame.Dr.Execution;
using Highflame.Dr.Provisioning;
using Highflame.Dr.Tests.Fakes;

namespace Highflame.Dr.Tests;

/// <summary>How the cmdlets of the build phase bind, what they ask of the engine and what they write.</summary>
public sealed class ProvisioningTests : IDisposable
{
    private readonly FakeSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("New-HfRegion eastus -Confirm:$false")]
    [InlineData("New-HfRegion -Location 'East US' -Pair highflame-prod -Confirm:$false")]
    [InlineData("Import-HfRegionPair /pairs/highflame-prod.json | New-HfRegion -Location eastus -Confirm:$false")]
    public void NewHfRegion_AnyWay_PlansAndDeploysIt(string script)
    {
        Assert.Equal(StepOutcome.Succeeded, _session.Invoke(script).One<RegionDeployment>().Outcome);

        Assert.Equal("eastus", _session.Engine.Last<RegionRequest>("PlanRegion").Location);
        Assert.Contains("ExecuteRegion", _session.Engine.Methods);
    }

    [Fact]
    public void NewHfRegion_EveryOption_ReachesTheEngine()
    {
        var script = "$word = [securestring]::new(); 'secret'.ToCharArray() | ForEach-Object { $word.AppendChar($_) };"
            + "New-HfRegion eastus -AdministratorCredential ([pscredential]::new('hfadmin', $word)) -TemplatePath /t/own.bicep -NoWait -Confirm:$false";

        var result = _session.Invoke(script).One<RegionDeployment>();

        var request = _session.Engine.Last<RegionRequest>("PlanRegion");
        Assert.Equal(("hfadmin", "/t/own.bicep", 6), (request.AdministratorLogin, request.TemplatePath, request.AdministratorPassword!.Length));
        Assert.True(_session.Engine.Last<ExecutionOptions>("ExecuteRegion").NoWait);
        Assert.Equal(StepOutcome.Pending, result.Outcome);
        Assert.Equal("op-region", _session.Invoke("Get-HfOperation op-region").One<DrOperation>().Id);
    }

    [Fact]
    public void NewHfRegion_WhatIf_GivesAzuresWhatIfAsObjects()
    {
        var change = _session.Invoke("New-HfRegion eastus -WhatIf").EnsureNoErrors().One<RegionChange>();

        Assert.Equal(ResourceChange.Modify, change.Change);
        Assert.Equal("properties.sku.capacity: 3 -> 4", change.Properties[0].ToString());
        Assert.DoesNotContain("ExecuteRegion", _session.Engine.Methods);
    }

    [Fact]
    public void NewHfRegion_ResourcesThatFail_EachIsAnErrorOfItsOwn()
    {
        RegionResource Failed(string name) => new() { Name = name, Type = "Microsoft.Cache/redis", ResourceId = "/r/" + name, Outcome = StepOutcome.Failed, Error = "Conflict: busy" };
        _session.Engine.Deployment = Samples.Deployment with { Outcome = StepOutcome.Failed, Resources = [Failed("one"), Failed("two")] };

        var result = _session.Invoke("New-HfRegion eastus -Confirm:$false");

        Assert.Equal(["/r/one", "/r/two"], result.Errors.Select(e => (string)e.TargetObject));
        Assert.All(result.Errors, e => Assert.StartsWith("HfRegionResourceFailed,", e.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.Equal(StepOutcome.Failed, result.As<RegionDeployment>().Single().Outcome);
    }

    [Fact]
    public void NewHfRegion_LocationOfNoRegion_AsksNobody()
    {
        var result = _session.Invoke("New-HfRegion northeurope -Confirm:$false");

        Assert.StartsWith("HfLocationNotInPair,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.DoesNotContain("PlanRegion", _session.Engine.Methods);
    }

    [Fact]
    public void TestHfRegionSupport_QuietOrNot_AnswersInOneWordOrInObjects()
    {
        Assert.Equal(2, _session.Invoke("Test-HfRegionSupport 'East US', northeurope -FromLocation eastus").EnsureNoErrors().As<RegionSupport>().Length);
        var request = _session.Engine.Last<SupportRequest>("CheckRegionSupport");
        Assert.Equal(("eastus northeurope", "eastus"), (string.Join(' ', request.Locations), request.LiveLocation));

        Assert.False(_session.Invoke("Test-HfRegionSupport -Quiet").One<bool>());
    }

    [Fact]
    public void ExportHfTerraformVariable_PathAndForce_ReachTheEngine()
    {
        var file = _session.Invoke("Export-HfTerraformVariable westus /out/env.auto.tfvars -Force").One<TerraformVariables>();

        Assert.Equal(("westus", "/out/env.auto.tfvars", true), _session.Engine.Last<(string, string, bool)>("ExportTerraformVariables"));
        Assert.Equal("westus", file.Location);
        _session.Invoke("Export-HfTerraformVariable westus /out/x -WhatIf").EnsureNoErrors();
        Assert.Single(_session.Engine.Methods, m => m == "ExportTerraformVariables");
    }

    [Theory]
    [InlineData("Export-HfTerraformImport westus /out/infra -StatePath /out/state.json -Force")]
    [InlineData("Import-HfRegionPair /pairs/highflame-prod.json | Export-HfTerraformImport -Location 'West US' -Path /out/infra -StatePath /out/state.json -Force")]
    [InlineData("Get-HfDbServer -Role Replica | Export-HfTerraformImport -Path /out/infra -StatePath /out/state.json -Force")]
    public void ExportHfTerraformImport_AnyWay_ReachesTheEngine(string script)
    {
        var written = _session.Invoke(script).One<TerraformImport>();

        var request = _session.Engine.Last<TerraformImportRequest>("ExportTerraformImport");
        Assert.Equal(("westus", "/out/infra", "/out/state.json", true), (request.Location, request.Folder, request.StatePath, request.Overwrite));
        Assert.Equal(("westus", false), (written.Location, written.Settled));
    }

    [Fact]
    public void ExportHfTerraformImport_WhatIf_WritesNothing()
    {
        _session.Invoke("Export-HfTerraformImport westus /out/infra -WhatIf").EnsureNoErrors();
        Assert.DoesNotContain("ExportTerraformImport", _session.Engine.Methods);
    }
}
