using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Replication;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Planning;

/// <summary>Azure's preconditions of a switchover, one spoiled at a time; and the plans of virtual endpoints.</summary>
public sealed class SwitchoverRefusalsTests
{
    private static readonly FailoverRequest Request = Seen.Planned with { Promotion = DbPromotion.Switchover };

    private static VirtualEndpoint Endpoint(string? reader) => new() { Name = "hf", ResourceId = Seen.Primary.ResourceId + "/virtualendpoints/hf", Server = "p", ServerResourceId = Seen.Primary.ResourceId, Reader = reader };

    private static FailoverObservation Ready => Seen.Healthy with { Switchover = new([Endpoint("r")], null, SwitchoverSight.Symmetric.ToDictionary(n => n, _ => ("100", "100"))) };

    private static string[] Codes(FailoverObservation seen, FailoverRequest request) => [.. FailoverRefusals.Of(seen, request, ReplicationMeasure.From(seen.Sight)).Select(r => r.Code)];

    [Fact]
    public void Plan_EverythingReady_SwapsAndNeverStopsTheOldPrimary()
    {
        var plan = FailoverPlanner.Plan(Ready, Request);

        Assert.Empty(plan.Refusals);
        Assert.Equal(["FenceOldPrimary", "EndSessions", "CatchUp", "PromoteReplica", "ProveHandover", "FollowNewPrimary"], plan.Steps.Select(s => s.Name));
        Assert.Contains("Switchover, Planned", plan.Steps.Single(s => s.PointOfNoReturn).Action, StringComparison.Ordinal);
        Assert.Empty(Codes(Ready, Seen.Planned));
    }

    [Fact]
    public void Of_OneThingMissing_IsRefusedForThatAlone()
    {
        var sight = Ready.Switchover!;
        Assert.Equal(["HfSwitchoverNoEndpoint"], Codes(Ready with { Switchover = sight with { Endpoints = [] } }, Request));
        Assert.Equal(["HfSwitchoverNoEndpoint"], Codes(Ready with { Switchover = sight with { Endpoints = [Endpoint("p")] } }, Request));
        Assert.Equal(["HfSwitchoverNotSymmetric"], Codes(Ready with { Replica = Ready.Replica with { Sku = "Standard_D8ads_v5" }, Primary = Ready.Primary! with { Sku = "Standard_D4ads_v5" } }, Request));
        Assert.Equal(["HfSwitchoverNotSymmetric"], Codes(Ready with { Replica = Ready.Replica with { StorageGB = 256 }, Primary = Ready.Primary! with { StorageGB = 128 } }, Request));
        Assert.Equal(["HfSwitchoverNotSymmetric"], Codes(Ready with { Switchover = sight with { Parameters = new Dictionary<string, (string, string)> { ["max_connections"] = ("100", "200") } } }, Request));
        // What could not be seen is left to Azure.
        Assert.Empty(Codes(Ready with { Switchover = sight with { Endpoints = null, Problem = "403" } }, Request));
        Assert.Empty(Codes(Ready with { Switchover = null }, Request));
    }

    [Theory]
    [InlineData("Standard_D8ads_v5", true, null)]
    [InlineData("Standard_D8ads_v5", false, "Set-HfRegionCapacity -Location westus -Role Active -Part Database")]
    [InlineData("Standard_D4ads_v5", true, "active.database with sku Standard_D8ads_v5 and tier GeneralPurpose")]
    [InlineData(null, true, "active.database with sku Standard_D8ads_v5 and tier GeneralPurpose")]
    public void Of_ReplicaSmallerThanThePrimary_GrowsFirstWhereThePairFileMakesItTheSame(string? declared, bool assumed, string? remedy)
    {
        var seen = Ready with
        {
            Primary = Ready.Primary! with { Sku = "Standard_D8ads_v5", Tier = "GeneralPurpose" },
            Replica = Ready.Replica with { Sku = "Standard_D4ads_v5", Tier = "GeneralPurpose" },
            Grows = declared is null ? null : new() { Sku = declared, Tier = "GeneralPurpose" },
        };

        var plan = FailoverPlanner.Plan(seen, Request with { AssumeGrown = assumed });

        if (remedy is null)
        {
            Assert.Empty(plan.Refusals);
            Assert.Contains(plan.Warnings, w => w.StartsWith("HfReplicaGrowsFirst", StringComparison.Ordinal));
        }
        else
        {
            Assert.Contains(remedy, Assert.Single(plan.Refusals, r => r.Code == "HfSwitchoverNotSymmetric").Remedy, StringComparison.Ordinal);
        }

        // Storage is none of what the run makes larger.
        Assert.Equal("HfSwitchoverNotSymmetric", Assert.Single(FailoverPlanner.Plan(seen with { Replica = seen.Replica with { StorageGB = 64 }, Primary = seen.Primary with { StorageGB = 128 } }, Request with { AssumeGrown = true }).Refusals).Code);
    }

    [Fact]
    public void Of_Forced_IsRefused() =>
        Assert.Equal(["HfSwitchoverNotPlanned"], Codes(Seen.RegionLost, Seen.Forced with { Promotion = DbPromotion.Switchover }));

    [Theory]
    [InlineData("hf", "r", null, "")]
    [InlineData("hf", "r", "hf/p", "")]
    [InlineData("hf", "r", "hf/r", "no change")]
    [InlineData("hf", null, null, "")]
    [InlineData("hf", "x", null, "HfReaderNotReplica")]
    [InlineData("other", "r", "hf/r", "HfVirtualEndpointExists")]
    [InlineData("taken", "r", null, "HfVirtualEndpointNameTaken")]
    public void PlanEndpoint_EachCase_IsMadeAimedOrRefused(string name, string? reader, string? existing, string expected)
    {
        var seen = new VirtualEndpointObservation { At = Seen.At, Server = Seen.Primary, Replicas = [Seen.Replica], Endpoints = existing is null ? [] : [Endpoint(existing.Split('/')[1])], NameIsFree = name != "taken" };

        var plan = VirtualEndpointPlanner.Plan(seen, new() { Name = name, Reader = reader });

        Assert.Equal(expected is "" or "no change" ? [] : [expected], plan.Refusals.Select(r => r.Code));
        Assert.Equal(expected == "no change", plan.NoChange);
        if (expected.Length == 0) Assert.Contains(existing is null ? "hf.reader to r" : "Aim the reader of hf at r instead of p", Assert.Single(plan.Steps).Action, StringComparison.Ordinal);
        Assert.Equal("HfNotPrimary", Assert.Single(VirtualEndpointPlanner.Plan(seen with { Server = Seen.Replica }, new() { Name = name }).Refusals).Code);
    }
}
