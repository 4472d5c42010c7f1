using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Tests.Drills;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Tests.Hosting;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Tests.Scripts;

/// <summary>The watch's runbook: what it does about each finding, how it ends, and that it runs the failover's runbook itself.</summary>
public sealed class WatchRunbookTests : IDisposable
{
    private readonly FakeEngine _engine = new();
    private readonly HostedShell _shell;

    public WatchRunbookTests()
    {
        _shell = new HostedShell(_engine, streamCommands: true);
        _shell.Invoke("Connect-HfAzure").EnsureNoErrors();
        _engine.ObservedAt = TimeProvider.System.GetUtcNow().AddDays(1);
        _engine.Calls.Clear();
    }

    private static WatchEvent Alert => Samples.Watched with { Verdict = WatchVerdict.Application, Action = WatchAction.Alert, Alert = "Application: HTTP 503", Incident = "i" };

    private static WatchEvent Moved => Samples.Watched with { Active = "westus", Passive = "eastus", Phase = WatchPhase.Cooldown };

    private static WatchEvent OthersFailover => Samples.WatchedLoss with { Action = WatchAction.None, Alert = null };

    public void Dispose() => _shell.Dispose();

    [Fact]
    public void Watch_AllWell_Is0AndSaysNothing()
    {
        var (code, result) = Run("-Count 2");

        result.EnsureNoErrors();
        Assert.Equal(0, code);
        Assert.Empty(result.Output.Select(o => o.BaseObject).OfType<WatchEvent>());
        Assert.DoesNotContain("StartRun", _engine.Methods);
    }

    [Fact]
    public void Watch_Alert_Is2GivesTheEventAWarningAndRunsNothing()
    {
        _engine.Rounds.Add(Alert);

        var (code, result) = Run("-Count 2");

        Assert.Equal(2, code);
        Assert.Equal(WatchAction.Alert, Assert.Single(result.Output.Select(o => o.BaseObject).OfType<WatchEvent>()).Action);
        Assert.Equal("highflame-prod: Application: HTTP 503", Assert.Single(result.Warnings));
        Assert.DoesNotContain("StartRun", _engine.Methods);
    }

    [Fact]
    public void Watch_StillInTroubleThatWasAlertedBefore_Is2ForTheNextScheduledLookToo()
    {
        _engine.Rounds.Clear();
        _engine.Rounds.Add(Alert with { Action = WatchAction.None, Alert = null });

        Assert.Equal(2, Run("-Once").Code);
    }

    [Fact]
    public void Watch_Failover_RunsTheRunbookForcedWithConsentToThePassiveRegionAndGoesOnWatching()
    {
        _engine.Rounds.AddRange([Samples.WatchedLoss, Moved]);

        var (code, result) = Run("-Count 3 -EvidencePath /out/e.json");

        result.EnsureNoErrors();
        Assert.Equal(0, code);
        var run = _engine.Last<RunRequest>("StartRun");
        Assert.Equal(("westus", FailoverMode.Forced), (run.To, run.Mode));
        Assert.True(_engine.Last<FailoverRequest>("PlanFailover").AllowDataLoss);
        Assert.Equal(StepOutcome.Succeeded, _engine.Last<StepOutcome>("CompleteRun"));
        Assert.Single(_engine.Methods, "StartRun");
        Assert.Equal(3, _engine.Methods.Count(m => m == "Watch"));
        Assert.Empty(result.Prompts);
    }

    [Fact]
    public void Watch_StopAfterFailover_EndsWithItsExitCode()
    {
        _engine.FenceEndsWith = StepOutcome.Pending;
        _engine.Rounds.AddRange([Samples.WatchedLoss, Moved]);

        Assert.Equal(3, Run("-Count 50 -StopAfterFailover").Code);
        Assert.Equal(2, _engine.Methods.Count(m => m == "Watch"));
    }

    [Fact]
    public void Watch_StopAfterFailover_EndsAfterAnotherWatchersFailoverToo()
    {
        _engine.Rounds.AddRange([OthersFailover, OthersFailover, Moved]);

        Assert.Equal(0, Run("-Count 50 -StopAfterFailover").Code);
        Assert.Equal(4, _engine.Methods.Count(m => m == "Watch"));
        Assert.DoesNotContain("StartRun", _engine.Methods);
    }

    [Fact]
    public void Watch_SomebodyElseHoldsTheRun_SaysSoGoesOnAndIs5()
    {
        _engine.Rounds.AddRange([Samples.WatchedLoss, OthersFailover]);
        _engine.On = (method, _, _, _) => method == "StartRun" ? throw new DrException("HfRunHeld", DrErrorKind.ResourceBusy, "Held.", "r", "Wait.") : Task.CompletedTask;

        var (code, result) = Run("-Count 3");

        Assert.Equal(5, code);
        Assert.Contains(result.Errors, e => e.FullyQualifiedErrorId.StartsWith("HfRunHeld", StringComparison.Ordinal));
        Assert.Equal(3, _engine.Methods.Count(m => m == "Watch"));
        Assert.DoesNotContain(_engine.Methods, m => m.StartsWith("Execute", StringComparison.Ordinal));
    }

    [Fact]
    public void Watch_TwoPairs_AreBothHeardAndEachIsActedOnAlone()
    {
        _engine.Rounds.Add(Samples.WatchedLoss);

        var result = _shell.Invoke("& $watch -PairPath /pairs/a.json, /pairs/b.json -Count 2 -IntervalSeconds 0.001; $LASTEXITCODE", new { watch = RehearsalSession.Runbook("Watch-HfRegionPair.ps1") });

        result.EnsureNoErrors();
        Assert.Equal(["a", "b"], result.Output.Select(o => o.BaseObject).OfType<WatchEvent>().Select(f => f.Name));
        Assert.Equal(2, _engine.Methods.Count(m => m == "StartRun"));
    }

    private (int Code, ShellResult Result) Run(string more)
    {
        var result = _shell.Invoke($"& $watch -PairPath /pairs/highflame-prod.json -IntervalSeconds 0.001 {more}; $LASTEXITCODE", new { watch = RehearsalSession.Runbook("Watch-HfRegionPair.ps1") });
        return (result.Output.Select(o => o.BaseObject).OfType<int>().Last(), result);
    }
}
