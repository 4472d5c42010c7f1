using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Engine.Watch;
using Highflame.Dr.Topology;
using Highflame.Dr.Watch;
using Xunit;

namespace Highflame.Dr.Engine.Tests.Watch;

/// <summary>From what one witness sees to its word, and the memory that watchers share.</summary>
public sealed class WitnessTests
{
    [Theory]
    [InlineData("streaming", 0.5, 9000d, WitnessWord.Up)]
    [InlineData("streaming", 44.0, null, WitnessWord.Up)]
    [InlineData("streaming", 46.0, 1d, WitnessWord.Down)]
    [InlineData("waiting", null, 2d, WitnessWord.Up)]
    [InlineData("waiting", null, 60d, WitnessWord.Down)]
    [InlineData(null, null, 2d, WitnessWord.Down)]
    public void Stream_WhatTheReplicaHears_IsItsWord(string? status, double? heard, double? replayAge, WitnessWord word)
    {
        var sight = new StreamSight(new DatabaseObservation { InRecovery = true, ReadOnly = true, ReplayAgeSeconds = replayAge }, status is null ? null : new WalReceiver(status, heard, null));

        Assert.Equal(word, DatabaseWitnesses.Judge(sight, 45).Word);
    }

    [Fact]
    public void Stream_OfAServerThatIsNoReplica_TellsNothing() =>
        Assert.Equal(WitnessWord.Silent, DatabaseWitnesses.Judge(new StreamSight(new DatabaseObservation { InRecovery = false, ReadOnly = false }, null), 45).Word);

    [Theory]
    [InlineData(200, "", true)]
    [InlineData(200, """{"healthy":true}""", true)]
    [InlineData(200, """{"healthy":false}""", false)]
    [InlineData(503, """{"healthy":false}""", false)]
    [InlineData(503, "Service Unavailable", false)]
    [InlineData(503, """{"healthy":true}""", null)]
    [InlineData(500, """{"healthy":false}""", null)]
    [InlineData(404, "", null)]
    [InlineData(302, "", null)]
    [InlineData(null, "", null)]
    public void Vantage_Answer_IsServedOrNotOrNothing(int? status, string body, bool? healthy) => Assert.Equal(healthy, VantageAnswer.Read(status, body));

    public static TheoryData<string, WitnessWord> Health => new()
    {
        { "flexibleServers/p=Available managedClusters/a=Available applicationGateways/g=Available", WitnessWord.Up },
        { "flexibleServers/p=Unavailable managedClusters/a=Unavailable applicationGateways/g=Available", WitnessWord.Down },
        { "flexibleServers/p=Unavailable managedClusters/a=Available applicationGateways/g=Available", WitnessWord.Failing },
        { "flexibleServers/p=Unavailable flexibleServers/q=Unavailable", WitnessWord.Failing },
        { "flexibleServers/p=Unavailable", WitnessWord.Failing },
        { "flexibleServers/p=Stopped managedClusters/a=Stopped applicationGateways/g=Available", WitnessWord.Up },
        { "flexibleServers/p=Unknown managedClusters/a=Unknown", WitnessWord.Silent },
        { "virtualNetworks/v=Unavailable publicIPAddresses/i=Unavailable", WitnessWord.Silent },
        { "applicationGateways/g=Degraded flexibleServers/p=Available", WitnessWord.Failing },
        { "", WitnessWord.Silent },
    };

    [Theory]
    [MemberData(nameof(Health))]
    public void ResourceHealth_States_AreOneWord(string states, WitnessWord word)
    {
        var region = Pairs.Create().Regions[0];
        var read = states.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(s => s.Split('=')).Select(s => new ResourceState($"/x/providers/y/{s[0]}", "eastus", s[1] == "Stopped" ? "Unavailable" : s[1], s[1] == "Stopped", null)).ToArray();

        Assert.Equal(word, ResourceHealthRules.Judge(read, region).Word);
    }

    [Fact]
    public void ResourceHealth_OfTheOtherRegion_IsNotCounted() =>
        Assert.Equal(WitnessWord.Silent, ResourceHealthRules.Judge([new("/x/providers/y/flexibleServers/p", "westus", "Unavailable", false, null)], Pairs.Create().Regions[0]).Word);

    [Theory]
    [InlineData("""{"availabilityState":"Unavailable","reasonType":"Unplanned","context":"Platform Initiated"}""", false)]
    [InlineData("""{"availabilityState":"Unavailable","reasonType":"Customer Initiated"}""", true)]
    [InlineData("""{"availabilityState":"Unavailable","reasonType":"UserInitiated"}""", true)]
    [InlineData("""{"availabilityState":"Unavailable","reasonType":"Planned"}""", true)]
    public void ResourceState_WhoDidIt_IsReadFromAzuresWords(string properties, bool byCustomer)
    {
        using var document = System.Text.Json.JsonDocument.Parse($$"""{"id":"/subscriptions/s/resourceGroups/g/providers/P/t/n/providers/Microsoft.ResourceHealth/availabilityStatuses/current","location":"eastus","properties":{{properties}}}""");

        var state = ResourceState.From(document.RootElement);

        Assert.Equal(("/subscriptions/s/resourceGroups/g/providers/P/t/n", byCustomer), (state.Id, state.ByCustomer));
    }

    [Fact]
    public void Memory_WrittenAndRead_IsTheSame()
    {
        var scene = new WatchScene();
        scene.Run(0, 60, _ => WatchWorld.Well);
        scene.Run(70, 270, _ => WatchWorld.RegionLost);
        var folder = Directory.CreateTempSubdirectory("hfdr-watch-").FullName;
        try
        {
            var store = new RunStore(new FileRunStorage(folder), "prod", TimeProvider.System);
            store.ChangeDocument<WatchMemory, bool>("watch.json", _ => (scene.Memory!, true));

            var read = store.ReadDocument<WatchMemory>("watch.json")!;

            Assert.Equal(System.Text.Json.JsonSerializer.Serialize(scene.Memory, JournalJson.Line), System.Text.Json.JsonSerializer.Serialize(read, JournalJson.Line));
            Assert.NotNull(read.Asked);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }
}
