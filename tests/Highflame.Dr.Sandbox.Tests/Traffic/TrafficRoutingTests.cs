using Highflame.Dr.Sandbox.Traffic;

namespace Highflame.Dr.Tests.Traffic;

public sealed class TrafficRoutingTests
{
    private static readonly EndpointView One = new() { Id = "1", Name = "one", Target = "203.0.113.1", Enabled = true, AlwaysServe = false, Priority = 2, Weight = 1 };
    private static readonly EndpointView Two = new() { Id = "2", Name = "two", Target = "203.0.113.2", Enabled = true, AlwaysServe = false, Priority = 1, Weight = 3 };

    [Fact]
    public void Choose_Priority_TakesTheLowestNumber() => Assert.Equal([Two], TrafficRouting.Choose(Profile("Priority", One, Two), Online, Never)!);

    [Fact]
    public void Choose_PriorityWithTheFirstDegraded_TakesTheNext() =>
        Assert.Equal([One], TrafficRouting.Choose(Profile("Priority", One, Two), e => e == Two ? MonitorStatus.Degraded : MonitorStatus.Online, Never)!);

    [Fact]
    public void Choose_AllDegraded_TreatsAllAsAvailable() =>
        Assert.Equal([Two], TrafficRouting.Choose(Profile("Priority", One, Two), _ => MonitorStatus.Degraded, Never)!);

    [Fact]
    public void Choose_CheckingAndUnmonitored_CountAsAvailable()
    {
        Assert.Equal([Two], TrafficRouting.Choose(Profile("Priority", One, Two), _ => MonitorStatus.CheckingEndpoint, Never)!);
        Assert.Equal([Two], TrafficRouting.Choose(Profile("Priority", One, Two), e => e == Two ? MonitorStatus.Unmonitored : MonitorStatus.Degraded, Never)!);
    }

    [Fact]
    public void Choose_Disabled_IsLeftOut() => Assert.Equal([One], TrafficRouting.Choose(Profile("Priority", One, Two with { Enabled = false }), Online, Never)!);

    [Theory]
    [InlineData(0, "one")]
    [InlineData(1, "two")]
    [InlineData(3, "two")]
    public void Choose_Weighted_GivesEachItsShare(long ticket, string chosen)
    {
        var answer = TrafficRouting.Choose(Profile("Weighted", One, Two), Online, total =>
        {
            Assert.Equal(4, total);
            return ticket;
        });

        Assert.Equal(chosen, Assert.Single(answer!).Name);
    }

    [Fact]
    public void Choose_MultiValue_AnswersAsManyAsAllowed() =>
        Assert.Equal([One], TrafficRouting.Choose(Profile("MultiValue", One, Two) with { MaxReturn = 1 }, Online, Never)!);

    [Fact]
    public void Choose_NothingEnabledOrProfileDisabled_HasNoName()
    {
        Assert.Null(TrafficRouting.Choose(Profile("Priority", One with { Enabled = false }), Online, Never));
        Assert.Null(TrafficRouting.Choose(Profile("Priority", One) with { Enabled = false }, Online, Never));
        Assert.Null(TrafficRouting.Choose(Profile("Priority"), Online, Never));
    }

    [Theory]
    [InlineData(true, "Degraded", "Online", "Degraded")]
    [InlineData(true, "Online", "CheckingEndpoint", "Online")]
    [InlineData(true, "CheckingEndpoint", "Disabled", "CheckingEndpoints")]
    [InlineData(true, "Disabled", "Unmonitored", "Inactive")]
    [InlineData(false, "Degraded", "Online", "Disabled")]
    public void OfProfile_MixOfEndpoints_TakesTheWorstThatAzureNames(bool enabled, string one, string two, string expected) =>
        Assert.Equal(expected, MonitorStatus.OfProfile(enabled, [one, two]));

    private static ProfileView Profile(string method, params EndpointView[] endpoints) => new()
    {
        Id = "p", Fqdn = "p.trafficmanager.net", Enabled = true, RoutingMethod = method, Ttl = 30, Endpoints = endpoints, Monitor = new MonitorView("HTTPS", 443, "/", 30, 5, 3, [], []),
    };

    private static string Online(EndpointView endpoint) => MonitorStatus.Online;

    private static long Never(long total) => throw new InvalidOperationException("No chance is involved.");
}
