using System.Management.Automation;
using Highflame.Dr.Hosting;
using Highflame.Dr.Tests.Fakes;

namespace Highflame.Dr.Tests;

/// <summary>The synchronous shell over the asynchronous engine: reports arrive, Ctrl-C returns.</summary>
public class PipelineTests
{
    [Fact]
    public void Await_Reports_ReachTheirStreams()
    {
        using var session = new FakeSession();
        session.Engine.On = async (_, _, observer, _) =>
        {
            await Task.Yield();
            observer!.Progress(new DrProgress("Promote", "half way", 50));
            observer.Verbose("said more");
            observer.Warning("take care");
            observer.Information("by the way");
            observer.Progress(new DrProgress("Promote", "done", 100, Completed: true));
        };

        var result = session.Invoke("Get-HfDbServer -Verbose").EnsureNoErrors();

        Assert.Equal(["take care"], result.Warnings);
        Assert.Contains("said more", result.Verbose);
        Assert.Equal(["by the way"], result.Information);
        var progress = result.Progress.Where(p => p.Activity == "Promote").ToArray();
        Assert.Equal([50, 100], progress.Select(p => p.PercentComplete));
        Assert.Single(progress.Select(p => p.ActivityId).Distinct());
        Assert.Equal(ProgressRecordType.Completed, progress[^1].RecordType);
    }

    [Fact]
    public void ActivityId_SameName_IsStableAndNeverNegative()
    {
        Assert.Equal(PipelineEvents.ActivityId("Promote"), PipelineEvents.ActivityId("Promote"));
        Assert.NotEqual(PipelineEvents.ActivityId("Promote"), PipelineEvents.ActivityId("Create replica"));
        Assert.All(Enumerable.Range(0, 1000), i => Assert.True(PipelineEvents.ActivityId($"activity {i}") >= 0));
    }

    [Theory]
    [InlineData("Get-HfDbServer")]
    [InlineData("Invoke-HfDbFailover r -Confirm:$false")]
    [InlineData("$op | Wait-HfOperation")]
    public async Task Stop_EngineHangsAndIgnoresTheToken_ReturnsWellWithinASecond(string script)
    {
        using var session = new FakeSession();
        var hanging = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        session.Engine.On = (_, _, _, _) =>
        {
            hanging.TrySetResult();
            return never.Task;
        };

        var result = await session.Shell.InvokeAndStopAsync(script, hanging.Task, new { op = Samples.Operation("a") });

        Assert.True(result.Stopped);
        Assert.InRange(result.StoppedAfter!.Value.TotalMilliseconds, 0, 950);
        Assert.Empty(result.Output);

        // The session is as usable as before, and what the abandoned work does later harms nobody.
        session.Engine.On = null;
        never.SetException(new InvalidOperationException("too late"));
        Assert.Equal(2, session.Invoke("Get-HfDbServer").EnsureNoErrors().Output.Count);
    }

    [Fact]
    public async Task Stop_EngineHeedsTheToken_ReturnsAtOnceAndTheWorkIsCancelled()
    {
        using var session = new FakeSession();
        var hanging = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        session.Engine.On = async (_, _, _, token) =>
        {
            token.Register(cancelled.SetResult);
            hanging.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        };

        var result = await session.Shell.InvokeAndStopAsync("Get-HfDbServer", hanging.Task);

        Assert.True(result.Stopped);
        Assert.True(cancelled.Task.IsCompleted);
        Assert.Empty(result.Errors);
        Assert.InRange(result.StoppedAfter!.Value.TotalMilliseconds, 0, 950);
    }

    [Fact]
    public async Task Stop_ReportsOfAbandonedWork_AreDropped()
    {
        using var session = new FakeSession();
        var hanging = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        var reported = new TaskCompletionSource();
        session.Engine.On = async (_, _, observer, _) =>
        {
            hanging.TrySetResult();
            await goOn.Task;
            observer!.Warning("nobody reads this");
            reported.SetResult();
        };

        await session.Shell.InvokeAndStopAsync("Get-HfDbServer", hanging.Task);
        goOn.SetResult();

        await reported.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Pump_WarningActionStop_CancelsTheWork()
    {
        using var session = new FakeSession();
        var cancelled = new TaskCompletionSource();
        session.Engine.On = async (_, _, observer, token) =>
        {
            token.Register(cancelled.SetResult);
            observer!.Warning("stop here");
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        };

        var result = session.Invoke("Get-HfDbServer -WarningAction Stop");

        Assert.NotNull(result.Failure);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
