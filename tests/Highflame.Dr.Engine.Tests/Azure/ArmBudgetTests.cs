using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Planning;
using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Engine.Tests.Azure;

/// <summary>Azure's token buckets, shared: at once while there is something, then in turn, and not at all while Azure is closed.</summary>
public sealed class ArmBudgetTests
{
    private const string Path = "/subscriptions/s/resourceGroups/g";
    private readonly FakeTimeProvider _time = new();
    private readonly ArmBudget _budget;

    public ArmBudgetTests() => _budget = new(_time);

    [Theory]
    [InlineData("GET", 250, 25)]
    [InlineData("PATCH", 200, 10)]
    [InlineData("DELETE", 200, 10)]
    public async Task Take_WithinTheBucket_IsAtOnceThenAtItsRate(string method, int size, int perSecond)
    {
        for (var n = 0; n < size; n++) Assert.True((await Send(method)).Waited == TimeSpan.Zero);
        var waiting = Enumerable.Range(0, 2 * perSecond).Select(_ => Send(method)).ToList();
        Assert.All(waiting, w => Assert.False(w.IsCompleted));

        await PassAsync(TimeSpan.FromSeconds(1));
        Assert.InRange(waiting.Count(w => w.IsCompleted), perSecond - 1, perSecond + 1);
        await PassAsync(TimeSpan.FromSeconds(1.2));

        Assert.All(waiting, w => Assert.True(w.IsCompleted));
    }

    [Fact]
    public async Task Take_AnotherSubscriptionOrKind_HasABucketOfItsOwn()
    {
        for (var n = 0; n < 250; n++) await Take("GET");

        Assert.False(Take("GET").IsCompleted);
        Assert.True(Take("PUT").IsCompleted);
        Assert.True(_budget.TakeAsync("GET", "/subscriptions/other", CancellationToken.None).IsCompleted);
        Assert.True(_budget.TakeAsync("GET", "/subscriptions", CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task Answered_LessIsLeftThanThought_SlowsDownBefore429()
    {
        _budget.Answered(await Take("GET"), "1", null);

        Assert.True(Take("GET").IsCompleted);
        Assert.False(Take("GET").IsCompleted);
    }

    [Fact]
    public async Task Answered_LargerBucketThanDocumented_IsUsedAndFillsAsMuchFaster()
    {
        _budget.Answered(await Take("GET"), "1000", null);
        for (var n = 0; n < 1000; n++) Assert.True(Send("GET").IsCompleted);
        var waiting = Enumerable.Range(0, 100).Select(_ => Send("GET")).ToList();

        await PassAsync(TimeSpan.FromSeconds(1));

        Assert.InRange(waiting.Count(w => w.IsCompleted), 95, 100);
    }

    [Fact]
    public async Task Answered_Refused_NobodySendsBeforeItsTimeAndThenInTurn()
    {
        _budget.Answered(await Take("GET"), null, TimeSpan.FromSeconds(7));
        var waiting = Enumerable.Range(0, 50).Select(_ => Take("GET")).ToList();

        await PassAsync(TimeSpan.FromSeconds(6.9));
        Assert.All(waiting, w => Assert.False(w.IsCompleted));
        await PassAsync(TimeSpan.FromSeconds(0.3));
        Assert.InRange(waiting.Count(w => w.IsCompleted), 0, 10);
        await PassAsync(TimeSpan.FromSeconds(2.2));

        Assert.All(waiting, w => Assert.True(w.IsCompleted));
    }

    [Fact]
    public async Task Answered_OthersUnderWay_AreNotCountedTwice()
    {
        var permits = new List<ArmBudget.Permit>();
        for (var n = 0; n < 10; n++) permits.Add(await Take("GET"));
        // Azure has counted the first one only.
        _budget.Answered(permits[0], "15", null);

        for (var n = 0; n < 6; n++) Assert.True(Take("GET").IsCompleted);
        Assert.False(Take("GET").IsCompleted);
    }

    [Fact]
    public async Task Take_FullBucketAndNothingCountedYet_NothingComesBack()
    {
        var permits = new List<ArmBudget.Permit>();
        for (var n = 0; n < 250; n++) permits.Add(await Take("GET"));
        var waiting = Enumerable.Range(0, 100).Select(_ => Take("GET")).ToList();

        await PassAsync(TimeSpan.FromSeconds(2));
        Assert.All(waiting, w => Assert.False(w.IsCompleted));
        foreach (var permit in permits) _budget.Answered(permit, null, null);
        await PassAsync(TimeSpan.FromSeconds(1));

        Assert.InRange(waiting.Count(w => w.IsCompleted), 24, 26);
    }

    [Fact]
    public async Task Answered_OvertakenByLaterOnes_WhatItTellsIsOld()
    {
        var slow = await Take("GET");
        var later = new List<ArmBudget.Permit>();
        for (var n = 0; n < 249; n++) later.Add(await Take("GET"));
        for (var n = 0; n < 249; n++) _budget.Answered(later[n], $"{248 - n}", null);

        _budget.Answered(slow, "249", null);

        Assert.False(Take("GET").IsCompleted);
    }

    /// <summary>Azure's bucket, requests that are counted and answered late and in any order: nobody is refused, and hardly a token is left unused.</summary>
    [Theory]
    [InlineData(1, 12, 0.05)]
    [InlineData(2, 40, 0.5)]
    [InlineData(3, 150, 1.5)]
    [InlineData(4, 60, 3)]
    public void Bucket_AnswersInAnyOrder_NoneIsRefusedAndTheBoundIsReached(int seed, int workers, double slowest)
    {
        const int Requests = 3000;
        var random = new Random(seed);
        var bucket = new ArmBudget.Bucket(250, 25);
        var start = DateTimeOffset.UnixEpoch;
        var azure = 250.0;
        var (filled, ended) = (0.0, 0.0);
        var (sent, refused) = (0, 0);
        var events = new PriorityQueue<Action<double>, double>();
        for (var n = 0; n < workers; n++) events.Enqueue(Send, random.NextDouble() * 0.02);
        while (events.TryDequeue(out var happens, out var at)) happens(at);

        Assert.Equal(0, refused);
        Assert.InRange(ended, 0, ((Requests - 250) / 25.0 * 1.02) + (2 * slowest) + 0.5);

        void Send(double now)
        {
            if (sent == Requests) return;
            if (bucket.TryTake(start.AddSeconds(now), out var ticket) is { } wait)
            {
                events.Enqueue(Send, now + wait.TotalSeconds);
                return;
            }

            sent++;
            events.Enqueue(counted => Count(counted, ticket), now + (random.NextDouble() * random.NextDouble() * slowest));
        }

        void Count(double now, ArmBudget.Ticket ticket)
        {
            azure = Math.Min(250, azure + ((now - filled) * 25));
            filled = now;
            if (azure < 1) refused++;
            else azure--;
            var told = (long)azure;
            events.Enqueue(
                answered =>
                {
                    bucket.Answered(ticket, start.AddSeconds(answered), told, null);
                    ended = answered;
                    Send(answered);
                },
                now + (random.NextDouble() * random.NextDouble() * slowest));
        }
    }

    [Fact]
    public async Task Glimpse_WaitsForItsTurnLongerThanItsPatience_IsNotCalledUnanswered()
    {
        for (var n = 0; n < 250; n++) await Send("GET");
        var before = Enumerable.Range(0, 500).Select(_ => Send("GET")).ToList();
        var glimpse = Glimpse.OfAsync<string>(
            async token =>
            {
                await _budget.TakeAsync("GET", Path, token);
                return "seen";
            },
            TimeSpan.FromSeconds(10), _time, CancellationToken.None);

        for (var n = 0; n < 30 && !glimpse.IsCompleted; n++) await PassAsync(TimeSpan.FromSeconds(1));

        Assert.Equal("seen", (await glimpse).Value);
        Assert.Contains(before, b => b.IsCompleted);
    }

    [Fact]
    public async Task Glimpse_SentAndNotAnswered_EndsAfterItsPatience()
    {
        await Take("GET");
        var glimpse = Glimpse.OfAsync<string>(
            async token =>
            {
                await _budget.TakeAsync("GET", Path, token);
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, token);
                return "never";
            },
            TimeSpan.FromSeconds(10), _time, CancellationToken.None);

        await PassAsync(TimeSpan.FromSeconds(9.8));
        Assert.False(glimpse.IsCompleted);
        await PassAsync(TimeSpan.FromSeconds(0.4));

        Assert.Equal("no answer within 10 s.", (await glimpse).Problem);
    }

    [Fact]
    public void Of_TheSamePrincipal_IsOneForTheWholeProcess()
    {
        Uri arm = new("https://arm.test");

        Assert.Same(ArmBudget.Of(arm, "a", TimeProvider.System), ArmBudget.Of(arm, "A", TimeProvider.System));
        Assert.NotSame(ArmBudget.Of(arm, "a", TimeProvider.System), ArmBudget.Of(arm, "b", TimeProvider.System));
        Assert.NotSame(ArmBudget.Of(arm, "a", _time), ArmBudget.Of(arm, "a", _time));
    }

    /// <summary>Takes a token, and the answer is there at once and tells nothing.</summary>
    private async Task<ArmBudget.Permit> Send(string method)
    {
        var permit = await Take(method);
        _budget.Answered(permit, null, null);
        return permit;
    }

    private Task<ArmBudget.Permit> Take(string method) => _budget.TakeAsync(method, Path, CancellationToken.None);

    /// <summary>Lets time pass in small steps, so that whoever wakes up can go on.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        for (var step = TimeSpan.FromMilliseconds(50); time > TimeSpan.Zero; time -= step)
        {
            _time.Advance(step);
            for (var n = 0; n < 3; n++) await Task.Yield();
        }
    }
}
