using System.Management.Automation;
using System.Management.Automation.Language;
using Highflame.Dr.Alerts;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Readiness;
using Highflame.Dr.Tests.Drills;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Tests.Hosting;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Tests.Scripts;

/// <summary>The runbooks of Azure Automation: what a job does with each payload, and when it fails.</summary>
public sealed class AutomationRunbookTests : IDisposable
{
    private static readonly string[] s_runbooks = ["Start-HfFailover.ps1", "Start-HfFailoverFromAlert.ps1", "Test-HfReadiness.ps1"];
    private readonly FakeEngine _engine = new();
    private readonly HostedShell _shell;

    public AutomationRunbookTests()
    {
        _shell = new HostedShell(_engine, streamCommands: true);
        // No plan grows old, however slow the machine is.
        _engine.ObservedAt = TimeProvider.System.GetUtcNow().AddDays(1);
    }

    public void Dispose() => _shell.Dispose();

    private ShellResult Run(string runbook, string arguments, object? variables = null)
    {
        var all = new Dictionary<string, object?> { ["runbook"] = RehearsalSession.Runbook(runbook) };
        foreach (var property in variables?.GetType().GetProperties() ?? []) all[property.Name] = property.GetValue(variables);
        return _shell.Invoke($"& $runbook {arguments}", all);
    }

    private int Failovers => _engine.Methods.Count(m => m == "ExecuteFailover");

    private IEnumerable<StepOutcome?> Registered => _engine.Calls.Where(c => c.Method == "RegisterAlert").Select(c => ((AlertRequest)c.Request!).Outcome);

    [Fact]
    public void Runbooks_ByAutomationsRules_HaveNoRequiresAndNoSwitchParameters()
    {
        foreach (var name in s_runbooks)
        {
            var script = Parser.ParseFile(RehearsalSession.Runbook(name), out _, out var errors);
            Assert.Empty(errors);
            Assert.Null(script.ScriptRequirements);
            Assert.True(script.ParamBlock.Parameters.Count <= 50);
            Assert.All(script.ParamBlock.Parameters, p => Assert.Contains(p.StaticType, (Type[])[typeof(string), typeof(string[]), typeof(bool), typeof(int), typeof(double), typeof(object)]));
            Assert.True(new FileInfo(RehearsalSession.Runbook(name)).Length < 512_000);
        }
    }

    [Theory]
    [InlineData("$body")]
    [InlineData("$mangled")]
    [InlineData("[pscustomobject]@{ WebhookName = 'x'; RequestBody = $body }")]
    public void Alert_Fired_FailsOverOnceAndIsEnded(string data)
    {
        var body = Samples.AlertBody();

        Run("Start-HfFailoverFromAlert.ps1", $"-WebhookData ({data}) -PairPath /pairs/highflame-prod.json -Mode Planned", new { body, mangled = Samples.MangledWebhookData(body) }).EnsureNoErrors();

        Assert.Equal(1, Failovers);
        Assert.Equal([null, StepOutcome.Succeeded], Registered);
        Assert.Equal(DrCredentialKind.ManagedIdentity, _engine.Last<DrConnectionOptions>("Connect").Credential);
    }

    [Theory]
    [InlineData("Resolved")]
    [InlineData("Simmering")]
    public void Alert_ThatDidNotFire_DoesNothing(string condition)
    {
        var result = Run("Start-HfFailoverFromAlert.ps1", "-WebhookData $mangled -PairPath /pairs/highflame-prod.json -Mode Forced -AllowDataLoss $true", new { mangled = Samples.MangledWebhookData(Samples.AlertBody(condition)) }).EnsureNoErrors();

        Assert.False(result.One<AlertReceipt>().Act);
        Assert.Equal(0, Failovers);
    }

    [Fact]
    public void Alert_Repeated_DoesNothing()
    {
        _engine.Receipt = Samples.AlertReceipt with { Act = false, Times = 2, Outcome = StepOutcome.Succeeded };

        Run("Start-HfFailoverFromAlert.ps1", "-WebhookData $body -PairPath /pairs/highflame-prod.json -Mode Planned", new { body = Samples.AlertBody() }).EnsureNoErrors();

        Assert.Equal(0, Failovers);
        Assert.Equal([null], Registered);
    }

    [Fact]
    public void Alert_BegunBefore_GoesOnTowardsWhereItWent()
    {
        // The passive region is another one by now: the answer still leads where it led.
        _engine.Receipt = Samples.AlertReceipt with { To = "eastus", Times = 2 };

        Run("Start-HfFailoverFromAlert.ps1", "-WebhookData $body -PairPath /pairs/highflame-prod.json -Mode Planned", new { body = Samples.AlertBody() });

        Assert.DoesNotContain(_engine.Calls, c => c.Method == "StartRun" && ((RunRequest)c.Request!).To != "eastus");
        Assert.Equal(0, Failovers);
    }

    [Theory]
    [InlineData("'garbage'")]
    [InlineData("$null")]
    public void Alert_Unreadable_TheJobFailsAndNothingIsDone(string data)
    {
        var result = Run("Start-HfFailoverFromAlert.ps1", $"-WebhookData {data} -PairPath /pairs/highflame-prod.json -Mode Forced -AllowDataLoss $true");

        Assert.NotNull(result.Failure);
        Assert.Empty(_engine.Calls);
    }

    [Fact]
    public void Alert_RunThatStopsHalfWay_StaysOpenAndTheJobFails()
    {
        _engine.On = (method, _, _, _) => method == "ExecuteReplica" ? throw new DrException("HfReplicaFailed", DrErrorKind.OperationFailed, "It went wrong.", "r", "Next.") : Task.CompletedTask;

        var result = Run("Start-HfFailoverFromAlert.ps1", "-WebhookData $body -PairPath /pairs/highflame-prod.json -Mode Planned", new { body = Samples.AlertBody() });

        Assert.Contains("exit code 5", result.Failure!.Message, StringComparison.Ordinal);
        Assert.Equal([null, StepOutcome.Pending], Registered);
    }

    [Theory]
    [InlineData(2, FailoverMode.Forced, 1, true)]
    [InlineData(1, FailoverMode.Forced, 1, false)]
    [InlineData(2, FailoverMode.Planned, 1, false)]
    [InlineData(2, FailoverMode.Forced, -1, false)]
    public void Alert_JudgedAndItsJobWasInterruptedInTheFailover_GoesOnWithoutJudgingAgain(int times, FailoverMode mode, int minutes, bool goesOn)
    {
        // Traffic is moved already, so the watch sees a healthy pair and would ask for nothing.
        _engine.Receipt = Samples.AlertReceipt with { Times = times };
        _engine.Runs.Add(Samples.RunStatus with { Hold = RunHold.Free, Mode = mode, Started = Samples.Noon.AddMinutes(minutes) });

        Run("Start-HfFailoverFromAlert.ps1", "-WebhookData $body -PairPath /pairs/highflame-prod.json", new { body = Samples.AlertBody() }).EnsureNoErrors();

        Assert.Equal((goesOn ? 1 : 0, !goesOn), (Failovers, _engine.Methods.Contains("Watch")));
        if (goesOn) Assert.Equal((FailoverMode.Forced, true), (_engine.Last<FailoverRequest>("PlanFailover").Mode, _engine.Last<FailoverRequest>("PlanFailover").AllowDataLoss));
    }

    [Fact]
    public void Alert_AboutTheRegionThatTrafficDoesNotGoTo_DoesNothing()
    {
        _engine.Receipt = Samples.AlertReceipt with { Act = false, To = null };

        Assert.False(Run("Start-HfFailoverFromAlert.ps1", "-WebhookData $body -PairPath /pairs/highflame-prod.json -Mode Forced -AllowDataLoss $true", new { body = Samples.AlertBody(group: "highflame-prod-dr-rg") }).EnsureNoErrors().One<AlertReceipt>().Act);

        // Where it is about is for the run store's rules to judge: AlertRegistrationTests.
        Assert.Contains("/highflame-prod-dr-rg/", Assert.Single(_engine.Last<AlertRequest>("RegisterAlert").Alert.TargetIds), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, Failovers);
    }

    [Fact]
    public void Alert_Judged_FailsOverOnlyWhenTheWatchSaysSo()
    {
        // Fine again before the watch asked for anything.
        Run("Start-HfFailoverFromAlert.ps1", "-WebhookData $body -PairPath /pairs/highflame-prod.json", new { body = Samples.AlertBody() }).EnsureNoErrors();
        Assert.Equal((0, StepOutcome.NoChange), (Failovers, Registered.Last()));

        _engine.Rounds.Clear();
        _engine.Rounds.Add(Samples.WatchedLoss);
        var result = Run("Start-HfFailoverFromAlert.ps1", "-WebhookData $body -PairPath /pairs/highflame-prod.json", new { body = Samples.AlertBody() });

        Assert.Null(result.Failure);
        Assert.Equal((1, FailoverMode.Forced), (Failovers, _engine.Last<FailoverRequest>("PlanFailover").Mode));
        Assert.Equal(StepOutcome.Succeeded, Registered.Last());
    }

    [Fact]
    public void Readiness_NothingNew_IsQuiet()
    {
        var result = Run("Test-HfReadiness.ps1", "-PairPath /pairs/a.json, /pairs/b.json").EnsureNoErrors();

        Assert.Empty(result.Output);
        Assert.Equal(["a", "b"], _engine.Calls.Where(c => c.Method == "TestReadiness").Select(c => ((ReadinessRequest)c.Request!).Pair.Name).Order());
        Assert.All(_engine.Calls.Where(c => c.Method == "TestReadiness"), c => Assert.Equal("westus", ((ReadinessRequest)c.Request!).To));
    }

    [Fact]
    public void Readiness_NewRefusal_IsShownAndFailsTheJob()
    {
        _engine.Findings.Add(Samples.Finding with { Severity = ReadinessSeverity.Refusal, Code = "HfReplicaLocked" });

        var result = Run("Test-HfReadiness.ps1", "-PairPath /pairs/a.json");

        Assert.Equal("a: HfReplicaLocked", result.Failure!.Message.Replace("New refusals: ", "", StringComparison.Ordinal).TrimEnd('.'));
        Assert.Single(result.As<ReadinessFinding>());
    }

    [Fact]
    public void Readiness_OnePairCannotBeRead_TheOthersAreCheckedAndTheJobFails()
    {
        _engine.On = (method, request, _, _) => method == "GetPairStatus" && ((Topology.RegionPair)request!).Name == "b" ? throw new DrException("HfArmUnavailable", DrErrorKind.OperationFailed, "No answer.", "b") : Task.CompletedTask;

        var result = Run("Test-HfReadiness.ps1", "-PairPath /pairs/a.json, /pairs/b.json");

        Assert.Contains("1 pairs could not be checked", result.Failure!.Message, StringComparison.Ordinal);
        Assert.Equal("a", Assert.Single(_engine.Calls.Where(c => c.Method == "TestReadiness").Select(c => ((ReadinessRequest)c.Request!).Pair.Name)));
    }
}
