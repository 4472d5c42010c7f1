using System.Management.Automation;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Tests.Fakes;

namespace Highflame.Dr.Tests;

/// <summary>Plan, refuse, ask, execute: the same for every cmdlet that changes something.</summary>
public sealed class PlanTests : IDisposable
{
    private readonly FakeSession _session = new();

    public static TheoryData<string> Changes => new(
        "Invoke-HfDbFailover r", "New-HfReadReplica p -Location eastus", "Set-HfTrafficEndpoint -Location westus", "Set-HfTrafficProfile -Ttl 0", "Set-HfRegionCapacity -Location westus", "Set-HfDbBinding -Location eastus", "Copy-HfDbSetting r", "Complete-HfFence p", "Unlock-HfResource", "Lock-HfResource");

    public static TheoryData<string> OtherChanges => new(
        "Start-HfRun westus", "Complete-HfRun", "Export-HfEvidence /out/e.json", "Start-HfSandbox", "Stop-HfSandbox /s/sandbox.json",
        "Invoke-HfSandboxFault Clear -Sandbox /s/sandbox.json", "Start-HfSandboxLoad -Sandbox /s/sandbox.json", "Stop-HfSandboxLoad -Sandbox /s/sandbox.json",
        "Export-HfDrillReport planned /out/d.json -Evidence $evidence -Load $load");

    public void Dispose() => _session.Dispose();

    [Theory]
    [MemberData(nameof(Changes))]
    public void Change_WhatIf_PrintsEachStepAndExecutesNothing(string script)
    {
        var result = _session.Invoke(script + " -WhatIf").EnsureNoErrors();

        Assert.Equal(
            [
                "What if: Performing the operation \"do the first thing\" on target \"target-1\".",
                "What if: Performing the operation \"do the second thing\" on target \"target-2\".",
            ],
            result.WhatIf);
        Assert.Empty(result.Output);
        Assert.Empty(result.Prompts);
        Assert.DoesNotContain(_session.Engine.Methods, m => m.StartsWith("Execute", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void Change_WhatIfPreference_PrintsEachStepAndExecutesNothing(string script)
    {
        var result = _session.Invoke("$WhatIfPreference = $true; " + script + " -Confirm:$false").EnsureNoErrors();

        Assert.Equal(2, result.WhatIf.Count);
        Assert.DoesNotContain(_session.Engine.Methods, m => m.StartsWith("Execute", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(OtherChanges))]
    public void OtherChange_WhatIf_PrintsALineAndDoesNothing(string script)
    {
        var result = _session.Invoke(script + " -WhatIf", new { evidence = Samples.Evidence, load = Samples.Load }).EnsureNoErrors();

        Assert.Single(result.WhatIf);
        Assert.Empty(result.Output);
        Assert.Empty(_session.Engine.Methods);
    }

    [Theory]
    [InlineData("New-HfReadReplica p -Location eastus", "PlanReplica")]
    [InlineData("Complete-HfFence p", "PlanFence")]
    public void Change_WhatIf_AssumesThePromotionOfAChain(string script, string method)
    {
        bool Assumed() => _session.Engine.Last<object>(method) switch
        {
            ReplicaRequest replica => replica.AssumePromoted,
            FenceRequest fence => fence.AssumePromoted,
            _ => throw new InvalidOperationException(),
        };

        _session.Invoke("$WhatIfPreference = $true; " + script).EnsureNoErrors();
        Assert.True(Assumed());
        _session.Invoke("$WhatIfPreference = $false; " + script).EnsureNoErrors();
        Assert.False(Assumed());
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void Change_Refused_WritesAllRefusalsBeforeAnyPrompt(string script)
    {
        _session.Engine.Refusals = [Refusal("HfReasonOne", DrErrorKind.InvalidState), Refusal("HfReasonTwo", DrErrorKind.ConnectionFailed)];
        _session.Engine.Warnings = ["mind the gap"];

        var result = _session.Invoke(script);

        Assert.Equal(["HfReasonOne", "HfReasonTwo"], result.ErrorIds.Select(i => i.Split(',')[0]));
        Assert.Equal(["mind the gap"], result.Warnings);
        Assert.Empty(result.Prompts);
        var error = result.Errors[0];
        Assert.Equal("resource-of-HfReasonOne", error.TargetObject);
        Assert.Equal("remedy", error.ErrorDetails.RecommendedAction);
        Assert.Equal("seen Required: wanted", error.ToString());
        Assert.DoesNotContain(_session.Engine.Methods, m => m.StartsWith("Execute", StringComparison.Ordinal));
    }

    [Fact]
    public void Change_RefusedWithErrorActionStop_SaysTheOthersAsWarnings()
    {
        _session.Engine.Refusals = [Refusal("HfReasonOne", DrErrorKind.InvalidState), Refusal("HfReasonTwo", DrErrorKind.InvalidState)];

        var result = _session.Invoke("$ErrorActionPreference = 'Stop'; Invoke-HfDbFailover r");

        Assert.StartsWith("HfReasonOne,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("HfReasonTwo: seen", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Y", true)]
    [InlineData("N", false)]
    public void HighImpactChange_Prompt_AsksOnceWithThePlanAndObeys(string answer, bool executes)
    {
        _session.Shell.Answer = answer;

        var result = _session.Invoke("Invoke-HfDbFailover r").EnsureNoErrors();

        string prompt = Assert.Single(result.Prompts);
        Assert.Contains("Promote r", prompt, StringComparison.Ordinal);
        Assert.Contains("Second: do the second thing [target-2]", prompt, StringComparison.Ordinal);
        Assert.Equal(executes, _session.Engine.Methods.Contains("ExecuteFailover"));
    }

    [Fact]
    public void Change_NothingToDo_ExecutesWithoutAPrompt()
    {
        _session.Engine.Steps = [];

        Assert.Equal(StepOutcome.NoChange, _session.Invoke("Invoke-HfDbFailover r").One<DbFailover>().Outcome);
    }

    [Fact]
    public void Change_PlanGrewOldAtThePromptAndReadsDifferently_IsAskedAgain()
    {
        _session.Shell.Answer = "Y";
        _session.Engine.ObservedAt = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        int plans = 0;
        _session.Engine.On = (method, _, _, _) =>
        {
            if (method == "PlanFailover" && ++plans == 2)
                (_session.Engine.Steps, _session.Engine.ObservedAt) = ([_session.Engine.Steps[0]], TimeProvider.System.GetUtcNow());
            return Task.CompletedTask;
        };

        var result = _session.Invoke("Invoke-HfDbFailover r").EnsureNoErrors();

        Assert.Equal(2, result.Prompts.Count);
        Assert.Equal(["PlanFailover", "PlanFailover", "ExecuteFailover"], _session.Engine.Methods);
    }

    [Fact]
    public void Change_PlanGrewOldButReadsTheSame_GoesOnWithoutASecondPrompt()
    {
        _session.Shell.Answer = "Y";
        _session.Engine.ObservedAt = TimeProvider.System.GetUtcNow().AddMinutes(-1);

        var result = _session.Invoke("Invoke-HfDbFailover r").EnsureNoErrors();

        Assert.Single(result.Prompts);
        Assert.Equal(["PlanFailover", "PlanFailover", "ExecuteFailover"], _session.Engine.Methods);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void Change_OpenRun_IsPassedToTheEngine(string script)
    {
        _session.Invoke("$null = Start-HfRun westus").EnsureNoErrors();

        _session.Invoke(script + " -Confirm:$false").EnsureNoErrors();

        var options = Assert.IsType<ExecutionOptions>(_session.Engine.Calls.Single(c => c.Method.StartsWith("Execute", StringComparison.Ordinal)).Request);
        Assert.Same(_session.Engine.LastRun, options.Run);
        Assert.Equal("highflame-prod", options.Pair!.Name);
    }

    private static Refusal Refusal(string code, DrErrorKind kind) =>
        new() { Code = code, Kind = kind, Resource = "resource-of-" + code, Observed = "seen", Required = "wanted", Remedy = "remedy" };
}
