using Highflame.Dr.Watch;
using Xunit;

namespace Highflame.Dr.Engine.Tests.Watch;

/// <summary>One verdict for what the witnesses say together.</summary>
public sealed class WatchVerdictTests
{
    public static TheoryData<string, WatchVerdict, bool?> Verdicts => new()
    {
        { "", WatchVerdict.Healthy, false },
        { "gateway=Failing", WatchVerdict.Application, false },
        { "gateway=Failing vantage=Down", WatchVerdict.Application, true },
        { "gateway=Failing vantage=Down primary=Down stream=Down", WatchVerdict.Database, true },
        { "gateway=Failing vantage=Down primary=Silent stream=Down", WatchVerdict.Database, true },
        { "gateway=Failing vantage=Down primary=Down stream=Up", WatchVerdict.Application, true },
        { "gateway=Down vantage=Down primary=Up", WatchVerdict.Application, true },
        { "gateway=Down vantage=Up primary=Down stream=Down", WatchVerdict.Network, false },
        { "gateway=Down vantage=Silent primary=Up", WatchVerdict.Network, true },
        { "stream=Down", WatchVerdict.Network, false },
        { "primary=Down", WatchVerdict.Network, false },
        { "vantage=Down", WatchVerdict.Network, null },
        { "gateway=Down vantage=Down primary=Down stream=Down azure=Down", WatchVerdict.Region, true },
        { "gateway=Down vantage=Down primary=Down stream=Down azure=Up", WatchVerdict.Region, true },
        { "gateway=Down vantage=Silent primary=Down stream=Down azure=Down", WatchVerdict.Region, true },
        { "gateway=Down vantage=Down primary=Silent stream=Silent azure=Down", WatchVerdict.Region, true },
        { "gateway=Down vantage=Silent primary=Down stream=Down azure=Up", WatchVerdict.Network, true },
        { "gateway=Down vantage=Down primary=Down stream=Silent azure=Silent", WatchVerdict.Network, true },
        { "gateway=Down vantage=Down primary=Down stream=Up azure=Down", WatchVerdict.Application, true },
        { "arm=Down authority=Down gateway=Down standby=Down primary=Down stream=Silent azure=Silent vantage=Silent", WatchVerdict.Us, null },
        { "arm=Down authority=Up gateway=Down vantage=Down primary=Down stream=Down azure=Silent", WatchVerdict.Region, true },
        { "arm=Down authority=Down azure=Silent", WatchVerdict.Healthy, false },
        { "gateway=Silent primary=Silent stream=Silent azure=Silent vantage=Silent", WatchVerdict.Us, null },
        { "gateway=Silent", WatchVerdict.Healthy, false },
        { "standby=Down", WatchVerdict.Healthy, false },
        { "traffic=Down", WatchVerdict.Network, false },
        { "traffic=Down gateway=Down primary=Down stream=Down vantage=Silent azure=Silent", WatchVerdict.Region, true },
        { "traffic=Up gateway=Down primary=Down stream=Down vantage=Silent azure=Down", WatchVerdict.Network, false },
    };

    [Theory]
    [MemberData(nameof(Verdicts))]
    public void Judge_WhatWitnessesSay_IsOneVerdict(string says, WatchVerdict verdict, bool? users)
    {
        var scene = new WatchScene();
        scene.Look(0, WatchWorld.Well with { Traffic = says.Contains("traffic", StringComparison.Ordinal) ? WitnessWord.Up : WitnessWord.Silent });

        var found = scene.Look(10, World(says));

        Assert.True(verdict == found.Verdict, string.Join("\n", found.Reasons));
        Assert.Equal(users, found.Price.UsersFailing);
        Assert.NotEmpty(found.Reasons);
    }

    [Fact]
    public void Judge_WitnessNeverSeenUp_IsNotCountedAndSaysSo()
    {
        var scene = new WatchScene();
        scene.Look(0, WatchWorld.Well with { Vantage = WitnessWord.Down });

        var found = scene.Look(10, WatchWorld.RegionLost with { Azure = WitnessWord.Silent });

        Assert.Equal(WatchVerdict.Network, found.Verdict);
        Assert.Contains(found.Reasons, r => r.StartsWith("northeurope is not counted", StringComparison.Ordinal));
        Assert.Equal(["the watcher", "westus"], found.Agreeing);
    }

    [Fact]
    public void Judge_FirstLookOfAll_KnowsNobodyWhoCouldBeBelieved()
    {
        var scene = new WatchScene();

        Assert.Equal(WatchVerdict.Us, scene.Look(0, WatchWorld.RegionLost).Verdict);
    }

    private static WatchWorld World(string says)
    {
        var world = new WatchWorld();
        foreach (var part in says.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var word = Enum.Parse<WitnessWord>(part.Split('=')[1]);
            world = part.Split('=')[0] switch
            {
                "gateway" => world with { Gateway = word },
                "standby" => world with { Standby = word },
                "primary" => world with { Primary = word, Written = word == WitnessWord.Up ? world.Written : null },
                "stream" => world with { Stream = word },
                "azure" => world with { Azure = word },
                "vantage" => world with { Vantage = word },
                "traffic" => world with { Traffic = word },
                "arm" => world with { ArmCheck = word },
                "authority" => world with { AuthorityCheck = word },
                var other => throw new ArgumentOutOfRangeException(nameof(says), other, null),
            };
        }

        return world;
    }
}
