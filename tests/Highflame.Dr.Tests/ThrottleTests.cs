using Highflame.Dr.Readiness;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests;

/// <summary>Many inputs at once: as many as may, each shown when it is there, one bad one for itself.</summary>
public sealed class ThrottleTests : IDisposable
{
    private readonly FakeSession _session = new(importPair: false);

    public ThrottleTests() => _session.Invoke("$pairs = 1..8 | ForEach-Object { \"/pairs/p$_.json\" } | Import-HfRegionPair").EnsureNoErrors();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("$pairs | Test-HfReadiness westus -ThrottleLimit 3", "TestReadiness", 3)]
    [InlineData("$pairs | Test-HfReadiness westus", "TestReadiness", 5)]
    [InlineData("$pairs | Test-HfParity -ThrottleLimit 3", "TestParity", 3)]
    [InlineData("$pairs | Test-HfHealth -ThrottleLimit 3", "TestHealth", 3)]
    [InlineData("$pairs | Test-HfTrafficRoute -ThrottleLimit 3", "TestRoute", 3)]
    [InlineData("$pairs | Test-HfWriter -ThrottleLimit 3", "CheckWriters", 3)]
    [InlineData("$pairs | Get-HfReplication -ThrottleLimit 3", "GetReplication", 3)]
    [InlineData("$pairs | Get-HfTrafficProfile -ThrottleLimit 3", "GetProfile", 3)]
    [InlineData("Get-HfRegionPair -ThrottleLimit 3", "GetPairStatus", 3)]
    public void ManyPairs_WithALimit_AreWorkedOnThatManyAtOnceAndNoMore(string script, string method, int limit)
    {
        var (running, most, all) = (0, 0, 0);
        var full = new TaskCompletionSource();
        _session.Engine.On = async (called, _, _, _) =>
        {
            if (called != method) return;
            Interlocked.Increment(ref all);
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            // The first ones wait for each other: together they are as many as may.
            if (now == limit) full.TrySetResult();
            await full.Task.WaitAsync(TimeSpan.FromSeconds(20), CancellationToken.None);
            await Task.Yield();
            Interlocked.Decrement(ref running);
        };

        _session.Invoke(script).EnsureNoErrors();

        Assert.Equal((limit, 8), (most, all));
    }

    [Fact]
    public void ManyPairs_OneTakesLong_TheOthersAreShownBefore()
    {
        var last = new TaskCompletionSource();
        _session.Engine.On = (method, request, _, _) => method == "TestReadiness" && ((ReadinessRequest)request!).Pair.Name == "p1" ? last.Task : Task.CompletedTask;
        var seen = new List<string>();

        var result = _session.Invoke("$pairs | Test-HfReadiness westus -ThrottleLimit 2 | ForEach-Object { $see.Invoke($_.Pair); $_ }", new { see = (Action<string>)See }).EnsureNoErrors();

        void See(string pair)
        {
            seen.Add(pair);
            if (seen.Count == 7) last.SetResult();
        }

        Assert.Equal("p1", seen[^1]);
        Assert.Equal(8, result.As<ReadinessFinding>().Length);
    }

    [Fact]
    public void ManyPairs_OneFails_ItsErrorIsItsOwnAndTheOthersGoOn()
    {
        _session.Engine.On = (method, request, _, _) => method == "GetPairStatus" && ((RegionPair)request!).Name == "p3" ? throw new DrException("HfArmUnavailable", DrErrorKind.OperationFailed, "No answer.", "p3") : Task.CompletedTask;

        var result = _session.Invoke("Get-HfRegionPair -ThrottleLimit 4");

        Assert.Equal(["HfArmUnavailable,Highflame.Dr.Commands.GetHfRegionPairCommand"], result.ErrorIds);
        Assert.Equal(7, result.As<RegionPairStatus>().Length);
    }

    [Fact]
    public void ManyPairs_SignInIsGone_EndsThePipelineAndCancelsTheOthers()
    {
        var cancelled = 0;
        _session.Engine.On = async (method, request, _, token) =>
        {
            if (method != "GetPairStatus") return;
            if (((RegionPair)request!).Name == "p3") throw new DrException("HfSignInFailed", DrErrorKind.AuthenticationFailed, "No token.");
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref cancelled);
                throw;
            }
        };

        var result = _session.Invoke("Get-HfRegionPair -ThrottleLimit 4");

        Assert.StartsWith("HfSignInFailed,", Assert.Single(result.ErrorIds), StringComparison.Ordinal);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref cancelled) == 3, TimeSpan.FromSeconds(5)), $"{cancelled} were cancelled");
    }

    [Fact]
    public async Task ManyPairs_Stopped_ReturnsAtOnce()
    {
        var hanging = new TaskCompletionSource();
        _session.Engine.On = (_, _, _, _) =>
        {
            hanging.TrySetResult();
            return new TaskCompletionSource().Task;
        };

        var result = await _session.Shell.InvokeAndStopAsync("$pairs | Test-HfReadiness westus", hanging.Task);

        Assert.True(result.Stopped);
        Assert.InRange(result.StoppedAfter!.Value.TotalMilliseconds, 0, 950);
    }

    [Fact]
    public void NewOnly_Refusals_AreKeptAndOnlyNewOnesShown()
    {
        _session.Engine.Findings.Add(Samples.Finding with { Severity = ReadinessSeverity.Refusal, Code = "HfReplicaLocked" });

        var shown = _session.Invoke("$pairs | Test-HfReadiness westus -NewOnly -ThrottleLimit 1").EnsureNoErrors().As<ReadinessFinding>();

        Assert.Equal(Enumerable.Range(1, 8).Select(n => $"HfReplicaLocked p{n}"), shown.Select(f => $"{f.Code} {f.Pair}"));
        Assert.Equal(8, _session.Engine.Methods.Count(m => m == "KeepNewRefusals"));
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen;)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen) return;
            seen = before;
        }
    }
}
