using System.Text.Json.Nodes;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Drills;

/// <summary>Warm standby: a region grows when it takes over and shrinks when it was left, against the sandbox's AKS, gateway, Redis and database.</summary>
public sealed class CapacityTests : IClassFixture<SharedRehearsal>
{
    /// <summary>westus waits small; both regions serve large.</summary>
    internal const string Sizes = """
        {
          "waitBeforeTraffic": false,
          "regions": [
            {
              "location": "westus",
              "active": {
                "pools": [{ "name": "general", "count": 4, "min": 3, "max": 6, "running": true }, { "name": "default", "min": 2, "max": 3 }],
                "gateway": { "min": 3, "max": 6 }, "cache": { "sku": "Standard", "capacity": 4 }, "database": { "sku": "Standard_D8ads_v5", "tier": "GeneralPurpose" }
              },
              "passive": {
                "pools": [{ "name": "general", "running": false }, { "name": "default", "count": 1, "min": 1, "max": 2 }],
                "gateway": { "min": 1, "max": 2 }, "cache": { "sku": "Standard", "capacity": 1 }, "database": { "sku": "Standard_D4ads_v5", "tier": "GeneralPurpose" }
              }
            },
            {
              "location": "eastus",
              "active": { "pools": [{ "name": "general", "count": 5, "min": 4, "max": 6 }], "gateway": { "min": 2 } },
              "passive": { "pools": [{ "name": "general", "count": 1, "min": 0, "max": 1 }], "gateway": { "min": 1 } }
            }
          ]
        }
        """;

    private const string Cluster = "/providers/Microsoft.ContainerService/managedClusters/highflame-prod-dr-aks";
    private readonly RehearsalSession _session;
    private readonly RegionPair _pair;

    public CapacityTests(SharedRehearsal rehearsal)
    {
        _session = rehearsal.Session;
        _pair = _session.PairWith("capacity", Sizes);
        _session.Shell.Runspace.SessionStateProxy.SetVariable("pair", _pair);
    }

    [Fact]
    public void Region_ShrunkenAndGrownAgain_HasTheSizesOfItsRoleAndKeepsTheRest()
    {
        var before = Document(Cluster + "/agentPools/general", "2025-10-01");

        var small = Change("Set-HfRegionCapacity -Pair $pair -Location westus -Confirm:$false");

        Assert.Equal(["general", "default", "highflame-prod-dr-aks-appgw", "highflame-prod-dr-redis", "highflame-prod-dr-postgres"], small.Select(c => c.Name));
        Assert.All(small, c => Assert.Equal((RegionRole.Passive, null), (c.Role, c.Shortfall)));
        Assert.Equal(["Succeeded", "Succeeded", "Succeeded", "Succeeded", "NoChange"], small.Select(c => c.Outcome.ToString()));
        Assert.Equal(["3 nodes, autoscaled 3 to 6, stopped", "1 node, autoscaled 1 to 2", "1 to 2 units", "Standard C1", "Standard_D4ads_v5 (GeneralPurpose)"], small.Select(c => c.After));

        var planned = _session.Shell.Invoke("Set-HfRegionCapacity -Pair $pair -Location westus -Role Active -WhatIf").EnsureNoErrors().WhatIf;
        Assert.Contains(planned, l => l.Contains("Scale pool default: 1 node, autoscaled 1 to 2 -> 2 nodes, autoscaled 2 to 3", StringComparison.Ordinal));
        Assert.Contains(planned, l => l.Contains("Scale gateway highflame-prod-dr-aks-appgw: 1 to 2 units -> 3 to 6 units", StringComparison.Ordinal));

        var large = Change("Set-HfRegionCapacity -Pair $pair -Location westus -Role Active -Confirm:$false");

        Assert.All(large, c => Assert.Equal(StepOutcome.Succeeded, c.Outcome));
        Assert.Equal(["4 nodes, autoscaled 3 to 6", "2 nodes, autoscaled 2 to 3", "3 to 6 units", "Standard C4", "Standard_D8ads_v5 (GeneralPurpose)"], large.Select(c => c.After));
        var after = Document(Cluster + "/agentPools/general", "2025-10-01");
        Assert.Equal(4, (int)after["properties"]!["count"]!);
        foreach (var member in new[] { "availabilityZones", "vmSize", "enableEncryptionAtHost", "vnetSubnetID", "osSKU", "maxPods" })
            Assert.True(JsonNode.DeepEquals(before["properties"]![member], after["properties"]![member]), member);
        var gateway = Document("/providers/Microsoft.Network/applicationGateways/highflame-prod-dr-aks-appgw", "2024-05-01");
        Assert.Equal(["1", "2", "3"], gateway["zones"]!.AsArray().Select(z => (string)z!));
        Assert.Equal("fl-control-https", (string)gateway["properties"]!["httpListeners"]![1]!["name"]!);

        var writes = _session.Writes();
        Assert.All(Change("Set-HfRegionCapacity -Pair $pair -Location westus -Role Active -Confirm:$false"), c => Assert.Equal(StepOutcome.NoChange, c.Outcome));
        Assert.Equal(writes, _session.Writes());
    }

    [Fact]
    public void Region_ThatTrafficGoesTo_IsNotMadeSmall()
    {
        var writes = _session.Writes();

        var refused = _session.Shell.Invoke("Set-HfRegionCapacity -Pair $pair -Location eastus -Role Passive -Confirm:$false");

        Assert.Equal(["HfRegionIsActive,Highflame.Dr.Commands.SetHfRegionCapacityCommand"], refused.ErrorIds);
        Assert.Equal(writes, _session.Writes());
    }

    [Fact]
    public void Pool_BeyondTheQuota_GrowsAsFarAsItGoesAndTellsTheNumbers()
    {
        SetBehaviour("coreQuota", 20);
        try
        {
            var result = _session.Shell.Invoke("Set-HfRegionCapacity -Pair $pair -Location eastus -Role Active -Part Pool -Confirm:$false").EnsureNoErrors();

            // 4 nodes of 4 cores run: a fifth fits, a sixth does not.
            var change = result.One<CapacityChange>();
            Assert.Equal(("4 nodes, autoscaled 4 to 6", StepOutcome.Succeeded), (change.After, change.Outcome));
            Assert.Equal("2 more nodes of Standard_D4as_v6 need 8 cores; quota standardDav6Family in eastus has 4 left of 20 (16 used)", change.Shortfall);
            Assert.Contains(result.Warnings, w => w.StartsWith("general stays smaller than the pair file says", StringComparison.Ordinal));
        }
        finally
        {
            SetBehaviour("coreQuota", 100);
        }
    }

    private CapacityChange[] Change(string script) => _session.Shell.Invoke(script).EnsureNoErrors().As<CapacityChange>();

    /// <summary>A resource of westus, as ARM shows it.</summary>
    private JsonObject Document(string path, string version)
    {
        var group = $"/subscriptions/{_pair.SubscriptionId}/resourceGroups/highflame-prod-dr-rg";
        return SandboxArm.Get(_session.Sandbox.Path, group + path, version);
    }

    private void SetBehaviour(string member, int value)
    {
        var path = Path.Combine(_session.Sandbox.Root, "behaviour.json");
        var document = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        document[member] = value;
        File.WriteAllText(path, document.ToJsonString());
    }
}
