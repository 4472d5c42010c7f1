using Highflame.Dr.Engine.Documentation;

namespace Highflame.Dr.Engine.Tests.Documentation;

public class TrafficTimingTests
{
    // The users' profile: 30 + 3 * 30 + 5 + 30. Microsoft's own example (30, 10, 3, TTL 30) and the fastest that can be set.
    [Theory]
    [InlineData(30, 5, 3, 30, 155)]
    [InlineData(30, 10, 3, 30, 160)]
    [InlineData(10, 5, 0, 0, 15)]
    public void Probed_IntervalTimeoutToleratedTtl_IsTheSumOfTheFailoverSequence(int interval, int timeout, int tolerated, long ttl, double seconds)
    {
        var traffic = DocumentSamples.Traffic(DocumentSamples.Pair(), alwaysServe: false, interval, timeout, tolerated, ttl, endpoints: 2);

        Assert.Equal(seconds, TrafficTiming.Probed(traffic));
        Assert.Equal(seconds, TrafficTiming.Automatic(traffic));
        Assert.EndsWith($"= {seconds} s", TrafficTiming.ProbedFormula(traffic), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 2, "always served")]
    [InlineData(false, 1, "no other enabled endpoint")]
    public void Automatic_AlwaysServedOrAlone_IsNeverAndSaysWhy(bool alwaysServe, int endpoints, string why)
    {
        var traffic = DocumentSamples.Traffic(DocumentSamples.Pair(), alwaysServe, endpoints: endpoints);

        Assert.Null(TrafficTiming.Automatic(traffic));
        Assert.Contains(why, TrafficTiming.WhyNever(traffic), StringComparison.Ordinal);
    }

    [Fact]
    public void Switch_ByHand_IsPropagationAndTtl() => Assert.Equal(90, TrafficTiming.Switch(DocumentSamples.Traffic(DocumentSamples.Pair(), true)));
}
