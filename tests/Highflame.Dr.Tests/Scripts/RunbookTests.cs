using System.Management.Automation;
using Highflame.Dr.Execution;
using Highflame.Dr.Health;
using Highflame.Dr.Planning;
using Highflame.Dr.Readiness;
using Highflame.Dr.Tests.Drills;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Tests.Hosting;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Scripts;

/// <summary>How the failover runbook ends: one exit code for each way, and what it leaves behind.</summary>
public sealed class RunbookTests : IDisposable
{
    private readonly FakeEngine _engine = new();
    private readonly HostedShell _shell;

    public RunbookTests()
    {
        _shell = new HostedShell(_engine, streamCommands: true);
        _shell.Invoke("Connect-HfAzure").EnsureNoErrors();
        // No plan grows old, however slow the machine is.
        _engine.ObservedAt = TimeProvider.System.GetUtcNow().AddDays(1);
        _engine.Calls.Clear();
    }

    public void Dispose() => _shell.Dispose();

    private (int Code, ShellResult Result) Run(string more = "-Confirm:$false")
    {
        var result = _shell.Invoke($"& $runbook -PairPath /pairs/highflame-prod.json -To westus {more}; $LASTEXITCODE", new { runbook = RehearsalSession.Runbook("Invoke-HfRegionFailover.ps1") });
        return (result.Output.Select(o => o.BaseObject).OfType<int>().Last(), result);
    }

    private void Fail(string method, string id, Func<object?, bool>? when = null) => _engine.On = (called, request, _, _) =>
        called == method && (when is null || when(request)) ? throw new DrException(id, DrErrorKind.OperationFailed, "It went wrong.", "r", "Next.") : Task.CompletedTask;

    private StepOutcome Ended => _engine.Last<StepOutcome>("CompleteRun");

    private IEnumerable<string?> Targets => _engine.Calls.Where(c => c.Method == "PlanEndpoint").Select(c => ((EndpointRequest)c.Request!).Target);

    private IEnumerable<long> Ttls => _engine.Calls.Where(c => c.Method == "PlanProfile").Select(c => ((ProfileRequest)c.Request!).Ttl);

    [Fact]
    public void Run_Done_Is0()
    {
        var (code, result) = Run();

        result.EnsureNoErrors();
        Assert.Equal((0, StepOutcome.Succeeded), (code, Ended));
        Assert.Equal([0, 30], Ttls);
    }

    [Theory]
    [InlineData(false, "", "grow westus Database; grow westus Pool Gateway Cache, not waited for; promote; traffic; wait; grow westus Pool Gateway Cache; health; replica; shrink eastus")]
    [InlineData(true, "", "grow westus Database; grow westus Pool Gateway Cache; promote; traffic; wait; grow westus Pool Gateway Cache; health; replica; shrink eastus")]
    [InlineData(false, "-Mode Forced -AllowDataLoss", "promote; grow westus Pool Gateway Cache, not waited for; traffic; wait; grow westus Pool Gateway Cache; health; replica; shrink eastus")]
    [InlineData(true, "-Mode Forced -AllowDataLoss", "promote; grow westus Pool Gateway Cache; traffic; wait; grow westus Pool Gateway Cache; health; replica; shrink eastus")]
    public void Run_WithSizes_GrowsBesideThePromotionIsWaitedForWhereThePairSaysSoAndShrinksLast(bool wait, string how, string order)
    {
        var sizes = new RoleCapacity { Pools = [new() { Name = "general", Count = 3 }] };
        _engine.Sizes = new() { WaitBeforeTraffic = wait, Regions = [new() { Location = "eastus", Active = sizes, Passive = sizes }, new() { Location = "westus", Active = sizes, Passive = sizes }] };

        Assert.Equal(0, Run($"{how} -Confirm:$false").Code);

        CapacityRequest? asked = null;
        var seen = new List<string>();
        foreach (var (method, request) in _engine.Calls)
        {
            if (request is CapacityRequest capacity) asked = capacity;
            var said = method switch
            {
                "ExecuteCapacity" when asked!.Role == RegionRole.Active => $"grow {asked.Location} {string.Join(' ', asked.Parts)}{(((ExecutionOptions)request!).NoWait ? ", not waited for" : "")}",
                "ExecuteCapacity" => $"shrink {asked!.Location}{string.Concat(asked.Parts.Select(p => $" {p}"))}",
                "ExecuteFailover" => "promote",
                "ExecuteEndpoint" => "traffic",
                "WaitOperations" => "wait",
                "TestHealth" => "health",
                "ExecuteReplica" => "replica",
                _ => null,
            };
            if (said is not null && seen.LastOrDefault() != said) seen.Add(said);
        }

        Assert.Equal(order, string.Join("; ", seen));
    }

    [Fact]
    public void Run_NotShownHealthy_ShrinksNothing()
    {
        var sizes = new RoleCapacity { Pools = [new() { Name = "general", Count = 3 }] };
        _engine.Sizes = new() { Regions = [new() { Location = "eastus", Active = sizes, Passive = sizes }, new() { Location = "westus", Active = sizes, Passive = sizes }] };
        _engine.Healthy = false;

        Assert.Equal((5, StepOutcome.Pending), (Run().Code, Ended));
        Assert.All(_engine.Calls.Where(c => c.Method == "PlanCapacity"), c => Assert.Equal(("westus", RegionRole.Active), (((CapacityRequest)c.Request!).Location, ((CapacityRequest)c.Request!).Role)));
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData("ExecuteFailover", 2)]
    [InlineData("ExecuteReplica", 5)]
    public void Run_Unlock_TakesLocksAwayBeforeAnythingAndPutsThemBackHoweverItEnds(string? fails, int code)
    {
        if (fails is not null) Fail(fails, "HfCatchUpTimedOut");

        Assert.Equal(code, Run("-Unlock -Confirm:$false").Code);

        Assert.True(_engine.Last<ReadinessRequest>("TestReadiness").Unlock);
        var changes = _engine.Methods.Where(m => m.StartsWith("Execute", StringComparison.Ordinal) || m is "PlanLock" or "CompleteRun").ToArray();
        Assert.Equal("ExecuteLocks", changes[0]);
        Assert.Equal(["PlanLock", "ExecuteLocks", "CompleteRun"], changes[^3..]);
        Assert.Equal([Samples.ProfileId, Samples.ReplicaId, Samples.PrimaryId], _engine.Last<UnlockRequest>("PlanUnlock").ResourceIds);
    }

    [Fact]
    public void Run_UnlockForced_LeavesTheLostRegionsLocksUntilTrafficIsServed()
    {
        Assert.Equal(0, Run("-Unlock -Mode Forced -AllowDataLoss -Confirm:$false").Code);

        Assert.Equal(["profile replica", "primary"], Unlocked(_engine.Calls.TakeWhile(c => c.Method != "ExecuteFailover")).Distinct().Concat(Unlocked(_engine.Calls.SkipWhile(c => c.Method != "TestHealth"))));
        Assert.DoesNotContain("primary", Unlocked(_engine.Calls.TakeWhile(c => c.Method != "ExecuteEndpoint")));
    }

    [Fact]
    public void Run_LockCouldNotBePutBack_Is3AndSaysHow()
    {
        _engine.LockEndsAs = LockState.Owed;

        var (code, result) = Run("-Unlock -Confirm:$false");

        Assert.Equal((3, StepOutcome.Succeeded), (code, Ended));
        Assert.Contains(result.Warnings, w => w.Contains("Lock-HfResource", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_WithoutUnlock_TouchesNoLock()
    {
        Run();

        Assert.DoesNotContain(_engine.Methods, m => m.Contains("Lock", StringComparison.OrdinalIgnoreCase));
        Assert.False(_engine.Last<ReadinessRequest>("TestReadiness").Unlock);
    }

    [Fact]
    public void Run_LocksThatAKilledProcessTookAway_ArePutBackWithoutUnlockToo()
    {
        _engine.LocksOwed = ["freeze (ReadOnly) at highflame-prod-global"];

        Assert.Equal(0, Run().Code);

        Assert.DoesNotContain("PlanUnlock", _engine.Methods);
        Assert.Contains("ExecuteLocks", _engine.Methods);
    }

    private static IEnumerable<string> Unlocked(IEnumerable<(string Method, object? Request)> calls) => calls.Where(c => c.Method == "PlanUnlock").Select(c =>
        string.Join(' ', ((UnlockRequest)c.Request!).ResourceIds.Select(id => id == Samples.ProfileId ? "profile" : id == Samples.ReplicaId ? "replica" : "primary")));

    [Fact]
    public void Run_Switchover_BuildsNoReplicaAndBindsTheOldPrimary()
    {
        var (code, result) = Run("-Promotion Switchover -Confirm:$false");

        result.EnsureNoErrors();
        Assert.Equal((0, StepOutcome.Succeeded), (code, Ended));
        Assert.Equal(DbPromotion.Switchover, _engine.Last<ReadinessRequest>("TestReadiness").Promotion);
        Assert.Equal(DbPromotion.Switchover, _engine.Last<FailoverRequest>("PlanFailover").Promotion);
        Assert.DoesNotContain("ExecuteReplica", _engine.Methods);
        Assert.Contains("ExecuteFence", _engine.Methods);
        Assert.Equal(("eastus", Samples.PrimaryId), (_engine.Last<BindingRequest>("PlanBinding").Location, _engine.Last<BindingRequest>("PlanBinding").Server));
    }

    [Fact]
    public void Run_FenceStillOwed_Is3AndStaysOpen()
    {
        _engine.FenceEndsWith = StepOutcome.Pending;

        Assert.Equal((3, StepOutcome.Pending), (Run("-Mode Forced -AllowDataLoss -Confirm:$false").Code, Ended));
    }

    [Fact]
    public void Run_Refused_Is4AndNothingIsExecuted()
    {
        _engine.Refusals = [new Refusal { Code = "HfReplicaLocked", Kind = DrErrorKind.PermissionDenied, Resource = "r", Observed = "seen", Required = "wanted", Remedy = "remedy" }];

        Assert.Equal((4, StepOutcome.Failed), (Run().Code, Ended));
        Assert.DoesNotContain(_engine.Methods, m => m.StartsWith("Execute", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_RefusedButThePromotionWasAskedForBefore_Is5AndStaysOpen()
    {
        _engine.RunSteps = [Samples.Step with { Outcome = StepOutcome.Pending }];
        _engine.Findings.Add(Samples.Finding with { Severity = ReadinessSeverity.Refusal });

        Assert.Equal((5, StepOutcome.Pending), (Run().Code, Ended));
        Assert.DoesNotContain(_engine.Methods, m => m.StartsWith("Execute", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_RefusedAndAKilledProcessHadLoweredTheTtl_PutsItBack()
    {
        _engine.RunSteps = [Samples.Step with { Name = "SetTtl", Outcome = StepOutcome.Succeeded }];
        _engine.Findings.Add(Samples.Finding with { Severity = ReadinessSeverity.Refusal });

        Assert.Equal((4, StepOutcome.Failed), (Run().Code, Ended));
        Assert.Equal([30], Ttls);
    }

    [Fact]
    public void Run_JournalCannotBeWrittenAtTheEnd_Is5AndSaysIt()
    {
        Fail("CompleteRun", "HfJournalNotWritten");

        var (code, result) = Run();

        Assert.Equal(5, code);
        Assert.StartsWith("HfJournalNotWritten,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_FailedBeforeThePromotion_Is2AndTrafficManagerIsPutBack()
    {
        Fail("ExecuteFailover", "HfCatchUpTimedOut");

        var (code, result) = Run();

        Assert.Equal((2, StepOutcome.Failed), (code, Ended));
        Assert.StartsWith("HfCatchUpTimedOut,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal([0, 30], Ttls);
        Assert.Equal("127.9.1.1", Targets.Last());
    }

    [Fact]
    public void Run_PromotionFailedAfterAzureHadAcceptedIt_Is2AndTrafficGoesBackToWhereItWas()
    {
        (_engine.WaitEndsWith, _engine.WaitErrorId) = (StepOutcome.Failed, "HfPromotionFailed");

        var (code, result) = Run();

        Assert.Equal((2, StepOutcome.Failed), (code, Ended));
        Assert.StartsWith("HfPromotionFailed,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("127.9.1.1", Targets.Last());
        Assert.DoesNotContain("ExecuteFence", _engine.Methods);
        Assert.DoesNotContain("ExecuteReplica", _engine.Methods);
    }

    [Fact]
    public void Run_FailedAndTheFenceCouldNotBeLifted_IsNotCalledRolledBack()
    {
        Fail("ExecuteFailover", "HfFenceFailed");
        _engine.Runs.Add(Samples.RunStatus with { Steps = [Samples.Step with { Name = "LiftFence", Outcome = StepOutcome.Failed }] });

        var (code, result) = Run();

        Assert.Equal((5, StepOutcome.Pending), (code, Ended));
        Assert.Contains(result.Warnings, w => w.Contains("REFUSES WRITES", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ExecuteFailover", "HfOutcomeUnknown")]
    [InlineData("ExecuteFailover", "HfJournalNotWritten")]
    [InlineData("TestRoute", "HfArmUnavailable")]
    [InlineData("ExecuteReplica", "HfReplicaFailed")]
    public void Run_StoppedWhereItCanGoOn_Is5AndStaysOpen(string method, string id)
    {
        Fail(method, id);

        Assert.Equal((5, StepOutcome.Pending), (Run().Code, Ended));
        Assert.DoesNotContain("127.9.1.1", Targets);
    }

    [Fact]
    public void Run_AzureCallsThePromotionFailedAndNobodyKnows_Is5()
    {
        (_engine.WaitEndsWith, _engine.WaitErrorId) = (StepOutcome.Unknown, "HfOutcomeUnknown");

        Assert.Equal((5, StepOutcome.Pending), (Run().Code, Ended));
    }

    [Fact]
    public void Run_ProofFailed_Is6SaysItLoudlyAndServesAllTheSame()
    {
        _engine.ZeroLossProven = false;
        _engine.On = (method, _, observer, _) =>
        {
            if (method == "WaitOperations") observer!.Error(new DrException("HfHandoverProofFailed", DrErrorKind.OperationFailed, "THE PROOF FAILED", "r", "Keep both."));
            return Task.CompletedTask;
        };

        var (code, result) = Run();

        Assert.Equal((6, StepOutcome.Succeeded), (code, Ended));
        Assert.StartsWith("HfHandoverProofFailed,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("ExecuteReplica", _engine.Methods);
    }

    [Fact]
    public void Run_LeaseHeldBySomebodyElse_EndsBeforeAnythingIsDone()
    {
        Fail("StartRun", "HfRunHeld");

        var result = _shell.Invoke("& $runbook -PairPath /pairs/highflame-prod.json -To westus -Confirm:$false", new { runbook = RehearsalSession.Runbook("Invoke-HfRegionFailover.ps1") });

        Assert.StartsWith("HfRunHeld,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.NotNull(result.Failure);
        Assert.DoesNotContain(_engine.Methods, m => m.StartsWith("Plan", StringComparison.Ordinal) || m.StartsWith("Execute", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Y", "", 0, 1)]
    [InlineData("N", "", 4, 1)]
    [InlineData(null, "", 4, 1)]
    [InlineData("Y", "-Confirm:$false", 4, 0)]
    public void Run_ForcedWithoutConsent_AsksWithTheNumbersOrIsRefused(string? answer, string more, int expected, int prompts)
    {
        _shell.Answer = answer;
        _engine.On = (method, request, _, _) =>
        {
            if (method == "PlanFailover")
                _engine.Refusals = request is FailoverRequest { AllowDataLoss: true } ? [] : [new Refusal { Code = "HfDataLossConsentRequired", Kind = DrErrorKind.InvalidState, Resource = "r", Observed = "Seconds behind: 2.5.", Required = "Consent.", Remedy = "remedy" }];
            else if (method.StartsWith("Plan", StringComparison.Ordinal))
                _engine.Refusals = [];
            return Task.CompletedTask;
        };

        var (code, result) = Run($"-Mode Forced {more}");

        Assert.Equal(expected, code);
        Assert.Equal(prompts, result.Prompts.Count);
        Assert.All(result.Prompts, p => Assert.Contains("Seconds behind: 2.5.", p, StringComparison.Ordinal));
    }

    [Fact]
    public void Run_WhatIf_PrintsEachPlanOnceAndExecutesNothing()
    {
        _engine.Steps = [];
        _engine.On = (method, _, _, _) =>
        {
            if (method.StartsWith("Plan", StringComparison.Ordinal)) _engine.Steps = [new PlanStep(method, method, "do " + method, StepClass.Reversible)];
            return Task.CompletedTask;
        };

        var (code, result) = Run("-WhatIf");

        result.EnsureNoErrors();
        Assert.Equal(0, code);
        var lines = result.WhatIf.Where(l => l.Contains("Operation \"do ", StringComparison.OrdinalIgnoreCase)).ToArray();
        Assert.Equal(["PlanProfile", "PlanFailover", "PlanEndpoint", "PlanSettings", "PlanFence", "PlanReplica", "PlanProfile"], lines.Select(l => l[(l.IndexOf("\"do ", StringComparison.Ordinal) + 4)..].Split('"')[0]));
        Assert.DoesNotContain(_engine.Methods, m => m.StartsWith("Execute", StringComparison.Ordinal));
    }
}
