using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Provisioning;
using Highflame.Dr.Provisioning;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Provisioning;

public sealed class RegionParametersTests
{
    private const string Group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/one-prod-rg";

    private static readonly RegionPair Pair = new()
    {
        Name = "one-prod",
        Path = "/pair.json",
        SubscriptionId = "00000000-0000-0000-0000-000000000001",
        Regions =
        [
            new PairRegion { Location = "East US", ResourceGroup = "one-prod-rg", GatewayTarget = "20.0.0.1" },
            new PairRegion { Location = "westus", ResourceGroup = "one-prod-dr-rg", GatewayTarget = "20.0.0.2", Environment = new() { Prefix = "two", Cluster = new() { Version = "1.34" } } },
        ],
        Traffic = new PairTraffic { ProfileId = $"{Group}/providers/Microsoft.Network/trafficManagerProfiles/one-global", EndpointName = "e" },
        Health = new PairHealth { HostName = "control.example.com" },
        Objectives = new PairObjectives(),
        Environment = new() { Cluster = new() { Version = "1.33", Pools = [new() { Name = "general", Mode = "User", Size = "Standard_D4as_v6", Count = 3, Min = 3, Max = 6 }] }, Redis = new() { Capacity = 1 } },
    };

    private static readonly RegionObservation Nothing = new() { LocationKnown = true, GroupExists = false, Resources = [], CommonTags = [], PoolCounts = [], ProfileExists = false };

    [Fact]
    public void Of_RegionPairAndUsual_TheNearestWordWins()
    {
        var (first, second) = (RegionEnvironment.Of(Pair, Pair.Regions[0]), RegionEnvironment.Of(Pair, Pair.Regions[1]));

        Assert.Equal(("one-prod", "eastus", "1.33", 1, "one-prod-postgres", "one-prod-eastus"), (first.Prefix, first.Location, first.KubernetesVersion, first.RedisCapacity, first.DatabaseServer, first.GatewayDnsLabel));
        Assert.Equal(("two", "1.34", 1, "two-db-kv", "general"), (second.Prefix, second.KubernetesVersion, second.RedisCapacity, second.DatabaseVault, second.Pools[0].Name));
        Assert.Equal((128, 3), (first.Pools[0].DiskSizeGB, first.Pools[0].Zones!.Length));
    }

    [Fact]
    public void Region_NothingThere_IsAPrimaryWithEverything()
    {
        var parameters = Parameters(Nothing);

        Assert.Equal("Create", Value(parameters, "database")!["mode"]!.GetValue<string>());
        Assert.True(Value(parameters, "createDatabase")!.GetValue<bool>());
        Assert.False(Value(parameters, "keepGateway")!.GetValue<bool>());
        // Every parameter of the template but the secret ones, which have no default.
        var declared = (JsonObject)RegionTemplate.Region["parameters"]!;
        Assert.Equal(declared.Select(p => p.Key).Except(RegionParameters.Secure).Order(StringComparer.Ordinal), parameters.Select(p => p.Key).Order(StringComparer.Ordinal));
        Assert.Equal(RegionParameters.Secure, RegionParameters.SecureOf(RegionTemplate.Region));
    }

    [Fact]
    public void Region_OtherHasThePrimary_IsItsReplica()
    {
        var database = Value(Parameters(Nothing with { OtherPrimary = Pairs.Server("other", "westus", DbRole.Primary) }), "database")!;

        Assert.Equal(("Replica", Pairs.Server("other", "westus", DbRole.Primary).ResourceId), (database["mode"]!.GetValue<string>(), database["source"]!.GetValue<string>()));
    }

    [Fact]
    public void Region_WhatOthersRun_IsKept()
    {
        var seen = Nothing with
        {
            Resources = new([$"{Group}/providers/Microsoft.Network/applicationGateways/one-prod-aks-appgw"], StringComparer.OrdinalIgnoreCase),
            // Rebuilt under another name after a failover.
            Server = Pairs.Server("one-prod-postgres-2", "eastus", DbRole.Replica),
            PoolCounts = new(StringComparer.OrdinalIgnoreCase) { ["general"] = 5 },
            Secrets = ["host", "password"],
        };

        var parameters = Parameters(seen);

        Assert.True(Value(parameters, "keepGateway")!.GetValue<bool>());
        Assert.Equal(("Keep", "one-prod-postgres-2"), (Value(parameters, "database")!["mode"]!.GetValue<string>(), Value(parameters, "database")!["name"]!.GetValue<string>()));
        Assert.False(Value(parameters, "createDatabase")!.GetValue<bool>());
        Assert.Equal(5, Value(parameters, "nodePools")![0]!["count"]!.GetValue<int>());
        Assert.Equal("[\"host\",\"password\"]", Value(parameters, "keepSecrets")!.ToJsonString());
    }

    [Fact]
    public void Read_WhatIf_GivesTypesNamesAndProperties()
    {
        var answer = ScriptedArm.Json($$$"""
            {"status":"Succeeded","properties":{"changes":[
              {"resourceId":"{{{Group}}}/providers/Microsoft.KeyVault/vaults/v/secrets/host","changeType":"Create","after":{}},
              {"resourceId":"{{{Group}}}/providers/Microsoft.Cache/redis/r","changeType":"Modify","delta":[
                {"path":"properties.sku.capacity","propertyChangeType":"Modify","before":3,"after":4},
                {"path":"properties.x","propertyChangeType":"NoEffect","after":1},
                {"path":"properties.pools","propertyChangeType":"Array","children":[{"path":"general","propertyChangeType":"Modify","children":[{"path":"count","propertyChangeType":"Modify","before":1,"after":2}]}]}]},
              {"resourceId":"{{{Group}}}/providers/Microsoft.Cache/redis/odd","changeType":"Sideways"}]}}
            """);

        var changes = WhatIfReading.Read(answer, "eastus").ToArray();

        Assert.Equal(("Microsoft.KeyVault/vaults/secrets", "v/host", ResourceChange.Create), (changes[0].Type, changes[0].Name, changes[0].Change));
        Assert.Equal(["properties.sku.capacity: 3 -> 4", "properties.pools.general.count: 1 -> 2"], changes[1].Properties.Select(p => p.ToString()));
        Assert.Equal(ResourceChange.Unknown, changes[2].Change);
    }

    [Fact]
    public async Task Read_TemplatesThatAreNone_AreRefusedByTheirOwnIds()
    {
        var folder = Directory.CreateTempSubdirectory("hfdr-template-").FullName;
        try
        {
            async Task<string> IdOf(string name, string? text)
            {
                var path = Path.Combine(folder, name);
                if (text is not null) await File.WriteAllTextAsync(path, text);
                return (await Assert.ThrowsAsync<DrException>(() => RegionTemplate.ReadAsync(path, CancellationToken.None))).ErrorId;
            }

            Assert.Equal("HfTemplateNotFound", await IdOf("none.json", null));
            Assert.Equal("HfTemplateInvalid", await IdOf("a.json", "{ \"some\": \"json\" }"));
            Assert.Equal("HfTemplateInvalid", await IdOf("b.json", "not json"));
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static JsonObject Parameters(RegionObservation seen) =>
        RegionParameters.Region(RegionTemplate.Region, Pair, RegionEnvironment.Of(Pair, Pair.Regions[0]), seen, new Dictionary<string, string> { ["Project"] = "one" });

    private static JsonNode? Value(JsonObject parameters, string name) => parameters[name]?["value"];
}
