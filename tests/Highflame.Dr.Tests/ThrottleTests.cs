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
    [InlineData("$pairs | Get-HfDbServer -ThrottleLimit 3", "GetServers", 3)]
    [InlineData("$pairs | Get-HfTrafficEndpoint -ThrottleLimit 3", "GetEndpoints", 3)]
    [InlineData("$pairs | Get-HfVirtualEndpoint -ThrottleLimit 3", "GetVirtualEndpoints", 3)]
    [InlineData("$pairs | Get-HfRun -ThrottleLimit 3", "GetRuns", 3)]
    [InlineData("$pairs | Test-HfRegionSupport -ThrottleLimit 3", "CheckRegionSupport", 3)]
    [InlineData("$pairs | Export-HfRegionDocument -ThrottleLimit 3", "ExportRegionDocument", 3)]
    [InlineData("$pairs | Set-HfTrafficEndpoint -Location westus -Confirm:$false -ThrottleLimit 3", "ExecuteEndpoint", 3)]
    [InlineData("$pairs | Set-HfTrafficProfile -Ttl 0 -Confirm:$false -ThrottleLimit 3", "ExecuteProfile", 3)]
    [InlineData("$pairs | Set-HfRegionCapacity -Location westus -Confirm:$false -ThrottleLimit 3", "ExecuteCapacity", 3)]
    [InlineData("$pairs | Set-HfTag -Confirm:$false -ThrottleLimit 3", "ExecuteTags", 3)]
    [InlineData("$pairs | Sync-HfSecret -Confirm:$false -ThrottleLimit 3", "ExecuteSecretSync", 3)]
    [InlineData("$pairs | New-HfRegion westus -Confirm:$false -ThrottleLimit 3", "ExecuteRegion", 3)]
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

    // Without a pair each server is its own turn.
    [Theory]
    [InlineData("1..8 | ForEach-Object { [pscustomobject]@{ ResourceId = \"s$_\" } } | Invoke-HfDbFailover -Confirm:$false -ThrottleLimit 3", "ExecuteFailover")]
    [InlineData("1..8 | ForEach-Object { [pscustomobject]@{ SourceServerResourceId = \"s$_\" } } | New-HfReadReplica -Location eastus -Confirm:$false -ThrottleLimit 3", "ExecuteReplica")]
    [InlineData("1..8 | ForEach-Object { [pscustomobject]@{ OldPrimaryResourceId = \"s$_\" } } | Complete-HfFence -Confirm:$false -ThrottleLimit 3", "ExecuteFence")]
    [InlineData("1..8 | ForEach-Object { [pscustomobject]@{ Server = \"s$_\" } } | Copy-HfDbSetting -Confirm:$false -ThrottleLimit 3", "ExecuteSettings")]
    [InlineData("1..8 | ForEach-Object { [pscustomobject]@{ ResourceId = \"s$_\" } } | Set-HfVirtualEndpoint -Confirm:$false -ThrottleLimit 3", "ExecuteVirtualEndpoint")]
    public void ManyServers_WithALimit_AreChangedThatManyAtOnceAndNoMore(string script, string method) => ManyPairs_WithALimit_AreWorkedOnThatManyAtOnceAndNoMore(script, method, 3);

    /// <summary>Whatever the limit and however long each takes: never more at once than may, and in the end what one at a time gives.</summary>
    [Theory]
    [InlineData("$pairs | Set-HfTrafficEndpoint -Location westus -Confirm:$false -ThrottleLimit $limit", "Endpoint")]
    [InlineData("$pairs | Set-HfRegionCapacity -Location westus -Confirm:$false -ThrottleLimit $limit", "Capacity")]
    [InlineData("1..8 | ForEach-Object { [pscustomobject]@{ ResourceId = \"s$_\" } } | Invoke-HfDbFailover -Confirm:$false -ThrottleLimit $limit", "Failover")]
    [InlineData("$pairs | Get-HfTrafficEndpoint -ThrottleLimit $limit", "GetEndpoints")]
    public void ManyInputs_AnyLimit_GiveWhatOneAtATimeGives(string script, string method)
    {
        var (running, most) = (0, 0);
        var random = new Random(7);
        _session.Engine.On = async (called, _, _, _) =>
        {
            if (!called.EndsWith(method, StringComparison.Ordinal)) return;
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            int turns;
            lock (random) turns = random.Next(40);
            for (var n = 0; n < turns; n++) await Task.Yield();
            Interlocked.Decrement(ref running);
        };
        string[] Run(int limit)
        {
            (running, most) = (0, 0);
            var shown = _session.Invoke(script, new { limit }).EnsureNoErrors().Output.Select(o => o.BaseObject.ToString()!).Order(StringComparer.Ordinal).ToArray();
            Assert.InRange(most, 1, limit);
            return shown;
        }

        var expected = Run(1);
        Assert.NotEmpty(expected);
        foreach (var limit in (int[])[2, 3, 5, 8, 100]) Assert.Equal(expected, Run(limit));
    }

    [Fact]
    public void OnePairManyTimes_IsNeverWorkedOnBesideItself()
    {
        var (running, most) = (0, 0);
        _session.Engine.On = async (called, _, _, _) =>
        {
            if (!called.EndsWith("Endpoint", StringComparison.Ordinal)) return;
            InterlockedMax(ref most, Interlocked.Increment(ref running));
            for (var n = 0; n < 20; n++) await Task.Yield();
            Interlocked.Decrement(ref running);
        };

        _session.Invoke("1..6 | ForEach-Object { $pairs[0] } | Set-HfTrafficEndpoint -Location westus -Confirm:$false -ThrottleLimit 4").EnsureNoErrors();

        Assert.Equal(1, most);
        Assert.Equal(6, _session.Engine.Methods.Count(m => m == "ExecuteEndpoint"));
        // The second is planned when the first is done.
        Assert.Equal(Enumerable.Repeat(new[] { "PlanEndpoint", "ExecuteEndpoint" }, 6).SelectMany(m => m), _session.Engine.Methods.Where(m => m is "PlanEndpoint" or "ExecuteEndpoint"));
    }

    [Theory]
    [InlineData("Y", 8)]
    [InlineData("A", 1)]
    public void ManyPairs_Asked_OnceForEachOnThePipelinesThread(string answer, int prompts)
    {
        _session.Shell.Answer = answer;

        var result = _session.Invoke("$pairs | Set-HfTrafficEndpoint -Location westus -ThrottleLimit 4").EnsureNoErrors();

        Assert.Equal((prompts, 8), (result.Prompts.Count, result.Output.Count));
    }

    [Theory]
    [InlineData("-WhatIf", null)]
    [InlineData("", "N")]
    [InlineData("", "L")]
    public void ManyPairs_NotApproved_NothingIsExecuted(string more, string? answer)
    {
        _session.Shell.Answer = answer;

        var result = _session.Invoke($"$pairs | Set-HfTrafficEndpoint -Location westus -ThrottleLimit 4 {more}").EnsureNoErrors();

        Assert.Empty(result.Output);
        Assert.Equal(answer is null ? 16 : 0, result.WhatIf.Count);
        Assert.DoesNotContain("ExecuteEndpoint", _session.Engine.Methods);
    }

    [Fact]
    public void ManyPairs_OneIsRefusedAndOneFails_TheOthersAreChanged()
    {
        _session.Engine.On = (method, request, _, _) => (method, request) switch
        {
            ("PlanCapacity", Planning.CapacityRequest { Pair.Name: "p2" }) => throw new DrException("HfResourceNotFound", DrErrorKind.NotFound, "Not there.", "p2"),
            ("ExecuteCapacity", Execution.ExecutionOptions { Pair.Name: "p5" }) => throw new DrException("HfArmUnavailable", DrErrorKind.OperationFailed, "No answer.", "p5"),
            _ => Task.CompletedTask,
        };

        var result = _session.Invoke("$pairs | Set-HfRegionCapacity -Location westus -Confirm:$false -ThrottleLimit 3");

        Assert.Equal(["HfArmUnavailable", "HfResourceNotFound"], result.ErrorIds.Select(id => id.Split(',')[0]).Order(StringComparer.Ordinal));
        Assert.Equal((8, 7), (_session.Engine.Methods.Count(m => m == "PlanCapacity"), _session.Engine.Methods.Count(m => m == "ExecuteCapacity")));
        Assert.NotEmpty(result.Output);
    }

    [Fact]
    public async Task ManyChanges_Stopped_ReturnAtOnceAndEachIsCancelled()
    {
        var cancelled = 0;
        var working = 0;
        var full = new TaskCompletionSource();
        _session.Engine.On = async (method, _, _, token) =>
        {
            if (method != "ExecuteEndpoint") return;
            if (Interlocked.Increment(ref working) == 4) full.TrySetResult();
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

        var result = await _session.Shell.InvokeAndStopAsync("$pairs | Set-HfTrafficEndpoint -Location westus -Confirm:$false -ThrottleLimit 4", full.Task);

        Assert.True(result.Stopped);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref cancelled) == 4, TimeSpan.FromSeconds(5)), $"{cancelled} were cancelled");
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
