using Highflame.Dr.Sandbox.Application;
using Highflame.Dr.Sandbox.Postgres;
using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Tests.Postgres;

public sealed class LinkDirectionTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Cross_NoLimits_IsAtOnce()
    {
        await new LinkDirection(_time).CrossAsync(_time.GetTimestamp(), 1000, CancellationToken.None);
    }

    [Fact]
    public async Task Cross_Latency_DelaysEveryChunkFromItsOwnStart()
    {
        var link = new LinkDirection(_time);
        link.Set(new LinkSettings(LatencyMilliseconds: 100));
        var handedIn = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(60));

        var crossing = link.CrossAsync(handedIn, 1000, CancellationToken.None);

        Assert.False(crossing.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(40));
        await crossing;
    }

    [Fact]
    public async Task Cross_Bandwidth_ChunksFollowEachOther()
    {
        var link = new LinkDirection(_time);
        link.Set(new LinkSettings(BytesPerSecond: 1000));
        var handedIn = _time.GetTimestamp();
        var first = link.CrossAsync(handedIn, 500, CancellationToken.None);
        _time.Advance(TimeSpan.FromMilliseconds(500));
        await first;

        var second = link.CrossAsync(handedIn, 500, CancellationToken.None);

        Assert.False(second.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(500));
        await second;
    }

    [Fact]
    public async Task Set_WhileBytesAreOnTheirWay_CountsForThem()
    {
        var link = new LinkDirection(_time);
        link.Set(new LinkSettings(LatencyMilliseconds: 60_000));
        var crossing = link.CrossAsync(_time.GetTimestamp(), 1, CancellationToken.None);
        Assert.False(crossing.IsCompleted);

        link.Set(new LinkSettings());

        await crossing;
    }

    [Fact]
    public async Task Cross_Cancelled_Ends()
    {
        var link = new LinkDirection(_time);
        link.Set(new LinkSettings(LatencyMilliseconds: 60_000));
        using var stop = new CancellationTokenSource();
        var crossing = link.CrossAsync(_time.GetTimestamp(), 1, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => crossing);
    }
}
