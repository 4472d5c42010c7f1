using Highflame.Dr.Planning;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests;

/// <summary>A forced failover needs consent to a number: by parameter, or by the answer to a question that shows it.</summary>
public sealed class ConsentTests : IDisposable
{
    private const string Numbers = "Seconds behind: 2.5; bytes behind: 4096; last heartbeat: 2.5 s ago";
    private readonly FakeSession _session = new();

    public ConsentTests()
    {
        var needed = new Refusal { Code = "HfDataLossConsentRequired", Kind = DrErrorKind.InvalidState, Resource = "r", Observed = Numbers, Required = "Consent.", Remedy = "-AllowDataLoss" };
        _session.Engine.On = (method, request, _, _) =>
        {
            if (method == "PlanFailover") _session.Engine.Refusals = request is FailoverRequest { AllowDataLoss: true } ? [] : [needed];
            return Task.CompletedTask;
        };
    }

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Forced_WithoutConsentAndYes_ShowsTheNumbersAsksOnceAndGoesOn()
    {
        _session.Shell.Answer = "Y";

        var result = _session.Invoke("Invoke-HfDbFailover r -Mode Forced").EnsureNoErrors();

        var prompt = Assert.Single(result.Prompts);
        Assert.Contains(Numbers, prompt, StringComparison.Ordinal);
        Assert.Contains("do the second thing [target-2]", prompt, StringComparison.Ordinal);
        Assert.Contains("ExecuteFailover", _session.Engine.Methods);
        Assert.True(_session.Engine.Last<FailoverRequest>("PlanFailover").AllowDataLoss);
    }

    [Fact]
    public void Forced_WithoutConsentAndNo_DoesNothing()
    {
        _session.Shell.Answer = "N";

        var result = _session.Invoke("Invoke-HfDbFailover r -Mode Forced").EnsureNoErrors();

        Assert.Single(result.Prompts);
        Assert.DoesNotContain("ExecuteFailover", _session.Engine.Methods);
    }

    [Theory]
    [InlineData("Invoke-HfDbFailover r -Mode Forced -Confirm:$false", 0)]
    [InlineData("$ConfirmPreference = 'None'; Invoke-HfDbFailover r -Mode Forced", 0)]
    [InlineData("Invoke-HfDbFailover r -Mode Forced -WhatIf", 0)]
    [InlineData("Invoke-HfDbFailover r -Mode Forced", 1)]
    public void Forced_NobodyToAsk_IsRefusedWithTheNumbers(string script, int prompts)
    {
        // Without an answer the host cannot ask.
        var result = _session.Invoke(script);

        var error = Assert.Single(result.Errors);
        Assert.StartsWith("HfDataLossConsentRequired,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(Numbers, error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(prompts, result.Prompts.Count);
        Assert.DoesNotContain("ExecuteFailover", _session.Engine.Methods);
    }

    [Fact]
    public void Forced_ConsentGivenBeforehand_AsksOnlyToConfirm()
    {
        _session.Shell.Answer = "Y";

        var result = _session.Invoke("Invoke-HfDbFailover r -Mode Forced -AllowDataLoss").EnsureNoErrors();

        Assert.DoesNotContain("Accept the loss", Assert.Single(result.Prompts), StringComparison.Ordinal);
        Assert.Contains("ExecuteFailover", _session.Engine.Methods);
        _session.Engine.Calls.Clear();
        Assert.Empty(_session.Invoke("Invoke-HfDbFailover r -Mode Forced -AllowDataLoss -Confirm:$false").EnsureNoErrors().Prompts);
        Assert.Contains("ExecuteFailover", _session.Engine.Methods);
    }
}
