using Highflame.Dr.Documentation;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Binding;

/// <summary>Locks, sizes and documents of regions, by name, by pipeline object and by property name.</summary>
public sealed class RegionBindingTests : CmdletBindingTests
{
    [Theory]
    [InlineData("Unlock-HfResource", "profile replica primary")]
    [InlineData("$null = Start-HfRun westus -Confirm:$false; Unlock-HfResource", "profile replica primary")]
    [InlineData("$null = Start-HfRun westus -Mode Forced -Confirm:$false; Unlock-HfResource", "profile replica")]
    [InlineData("$server | Unlock-HfResource", "primary")]
    [InlineData("Get-HfTrafficProfile | Unlock-HfResource", "profile")]
    [InlineData("Unlock-HfResource $server.ResourceId, $server.ResourceId -Pair highflame-prod", "primary")]
    public void UnlockHfResource_AnyWay_TakesTheLocksOfAllAtOnce(string script, string resources)
    {
        var change = Invoke(script + " -Confirm:$false", new { server = Samples.Primary }).One<LockChange>();

        Assert.Equal(("freeze", LockState.Owed), (change.Name, change.State));
        string[] ids = [.. resources.Split(' ').Select(r => r == "profile" ? Samples.ProfileId : r == "replica" ? Samples.ReplicaId : Samples.PrimaryId)];
        Assert.Equal(ids, Engine.Last<UnlockRequest>("PlanUnlock").ResourceIds);
        Assert.Equal("highflame-prod", Engine.Last<ExecutionOptions>("ExecuteLocks").Pair!.Name);
    }

    [Theory]
    [InlineData("Lock-HfResource")]
    [InlineData("Lock-HfResource highflame-prod")]
    [InlineData("Get-HfRegionPair | Lock-HfResource")]
    public void LockHfResource_AnyWay_PutsThePairsLocksBack(string script)
    {
        Assert.Equal("freeze", Invoke(script + " -Confirm:$false").One<LockChange>().Name);

        Assert.Equal("highflame-prod", Engine.Last<RegionPair>("PlanLock").Name);
    }

    [Theory]
    [InlineData("Set-HfRegionCapacity -Location westus")]
    [InlineData("Set-HfRegionCapacity highflame-prod westus")]
    [InlineData("$pair | Set-HfRegionCapacity -Location 'West US'")]
    [InlineData("$status | Set-HfRegionCapacity -Location westus")]
    public void SetHfRegionCapacity_AnyWay_SizesTheRegion(string script)
    {
        var pair = Samples.Pair("highflame-prod", "/pairs/highflame-prod.json");

        var change = Invoke(script + " -Confirm:$false", new { pair, status = Samples.Status(pair) }).One<CapacityChange>();

        Assert.Equal(("general", StepOutcome.Succeeded), (change.Name, change.Outcome));
        var request = Engine.Last<CapacityRequest>("PlanCapacity");
        Assert.Equal(("highflame-prod", "westus", null, false), (request.Pair.Name, request.Location, request.Role, request.AssumeTrafficMoved));
    }

    [Fact]
    public void SetHfRegionCapacity_EveryOption_ReachesTheEngineAndItsOperationIsWaitedFor()
    {
        var ended = Invoke("Set-HfRegionCapacity -Location westus -Role Active -Part Pool, Gateway -NoWait -Confirm:$false | Wait-HfOperation").One<DrOperation>();

        Assert.Equal("op-pool", ended.Id);
        var request = Engine.Last<CapacityRequest>("PlanCapacity");
        Assert.Equal((RegionRole.Active, 2), (request.Role, request.Parts.Length));
        Assert.True(Engine.Last<ExecutionOptions>("ExecuteCapacity").NoWait);
    }

    [Theory]
    [InlineData("Export-HfRegionDocument /out -Format Html -Skip Parity, Readiness")]
    [InlineData("$pair | Export-HfRegionDocument -Path /out -Format Html -Skip Parity, Readiness")]
    [InlineData("$status | Export-HfRegionDocument -Path /out -Format Html -Skip Parity, Readiness")]
    [InlineData("Export-HfRegionDocument -Pair highflame-prod -Path /out -Format Html -Skip Parity, Readiness")]
    public void ExportHfRegionDocument_AnyWay_ReachesTheEngine(string script)
    {
        var pair = Invoke("Get-HfRegionPair").One<RegionPairStatus>();

        Assert.Equal(Samples.Document.Name, Invoke(script, new { pair = pair.Pair, status = pair }).EnsureNoErrors().One<RegionDocument>().Name);

        var request = Engine.Last<RegionDocumentRequest>("ExportRegionDocument");
        Assert.Equal(("highflame-prod", "/out"), (request.Pair.Name, request.Folder));
        Assert.Equal([DocumentFormat.Html], request.Formats);
        Assert.Equal([DocumentPart.Parity, DocumentPart.Readiness], request.Skip);
    }

    [Fact]
    public void ExportHfRegionDocument_WhatIf_AsksForNothing()
    {
        Assert.Empty(Invoke("Export-HfRegionDocument -WhatIf").EnsureNoErrors().Output);
        Assert.DoesNotContain("ExportRegionDocument", Engine.Methods);
    }
}
