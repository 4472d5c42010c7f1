using Highflame.Dr.Rehearsal;
using Highflame.Dr.Tests.Fakes;

namespace Highflame.Dr.Tests.Binding;

/// <summary>The sandbox, by name, by pipeline object and by property name.</summary>
public sealed class SandboxBindingTests : CmdletBindingTests
{
    [Fact]
    public void StartHfSandbox_EveryOption_ReachesTheEngine()
    {
        Invoke("Start-HfSandbox -Root /tmp/sb -Path /opt/sb.dll -TimeScale 60 -Seed 7 -Pairs 4 -RealPairs 2 -Throttling -TimeoutSeconds 9").One<Sandbox>();

        Assert.Equal(
            new SandboxOptions { Root = "/tmp/sb", ProgramPath = "/opt/sb.dll", TimeScale = 60, Seed = 7, Pairs = 4, RealPairs = 2, Throttling = true, TimeoutSeconds = 9 },
            Engine.Last<SandboxOptions>("StartSandbox"));
    }

    [Theory]
    [InlineData("Stop-HfSandbox")]
    [InlineData("Stop-HfSandbox -Path /tmp/sb/sandbox.json")]
    [InlineData("Stop-HfSandbox -InputObject $sandbox")]
    [InlineData("$sandbox | Stop-HfSandbox")]
    [InlineData("[pscustomobject]@{ SandboxPath = '/tmp/sb/sandbox.json' } | Stop-HfSandbox")]
    public void StopHfSandbox_AnyWay_StopsIt(string script)
    {
        Invoke("$null = Start-HfSandbox").EnsureNoErrors();

        Invoke(script, new { sandbox = Samples.Sandbox }).EnsureNoErrors();

        Assert.Equal("/tmp/sb/sandbox.json", Engine.Last<string>("StopSandbox"));
        Assert.Equal(["HfSandboxRequired,Highflame.Dr.Commands.StopHfSandboxCommand"], Invoke("Stop-HfSandbox").ErrorIds);
    }

    [Theory]
    [InlineData("Invoke-HfSandboxFault Link -LatencyMilliseconds 0 -Cut:$false")]
    [InlineData("Invoke-HfSandboxFault -Fault Link -LatencyMilliseconds 0 -Cut:$false -Sandbox $sandbox")]
    [InlineData("$sandbox | Invoke-HfSandboxFault Link -LatencyMilliseconds 0 -Cut:$false")]
    [InlineData("[pscustomobject]@{ SandboxPath = '/tmp/sb/sandbox.json' } | Invoke-HfSandboxFault Link -LatencyMilliseconds 0 -Cut:$false")]
    public void InvokeHfSandboxFault_AnyWay_PutsItIn(string script)
    {
        Invoke("$null = Start-HfSandbox").EnsureNoErrors();

        Invoke(script, new { sandbox = Samples.Sandbox }).One<SandboxFaultResult>();

        Assert.Equal(
            ("/tmp/sb/sandbox.json", new SandboxFault { Fault = "Link", LatencyMilliseconds = 0, Cut = false }),
            Engine.Last<(string, SandboxFault)>("InvokeFault"));
    }

    [Fact]
    public void InvokeHfSandboxFault_EveryOption_ReachesTheEngine()
    {
        Invoke(
            "Invoke-HfSandboxFault ArmError eastus -Server s -DelaySeconds 1 -LatencyMilliseconds 2 -BytesPerSecond 3 -Cut -Count 4 -Status 503 -RetryAfterSeconds 6 -Method PATCH -PathContains flexible -Sandbox /s/sandbox.json")
            .EnsureNoErrors();

        Assert.Equal(
            ("/s/sandbox.json", new SandboxFault
            {
                Fault = "ArmError",
                Region = "eastus",
                Server = "s",
                DelaySeconds = 1,
                LatencyMilliseconds = 2,
                BytesPerSecond = 3,
                Cut = true,
                Count = 4,
                Status = 503,
                RetryAfterSeconds = 6,
                Method = "PATCH",
                PathContains = "flexible",
            }),
            Engine.Last<(string, SandboxFault)>("InvokeFault"));
    }

    [Theory]
    [InlineData("Start-HfSandboxLoad -Writers 2 -IntervalMilliseconds 1", "StartLoad")]
    [InlineData("$sandbox | Start-HfSandboxLoad -Writers 2 -IntervalMilliseconds 1", "StartLoad")]
    [InlineData("Get-HfSandboxLoad", "GetLoad")]
    [InlineData("$sandbox | Get-HfSandboxLoad", "GetLoad")]
    [InlineData("[pscustomobject]@{ SandboxPath = '/tmp/sb/sandbox.json' } | Get-HfSandboxLoad", "GetLoad")]
    [InlineData("Stop-HfSandboxLoad", "StopLoad")]
    [InlineData("Stop-HfSandboxLoad -Sandbox $sandbox", "StopLoad")]
    public void SandboxLoad_AnyWay_ReachesTheSandbox(string script, string method)
    {
        Invoke("$null = Connect-HfAzure -Sandbox /tmp/sb/sandbox.json").EnsureNoErrors();

        Invoke(script, new { sandbox = Samples.Sandbox }).One<LoadReport>();

        object request = Engine.Last<object>(method);
        Assert.Equal(method == "StartLoad" ? ("/tmp/sb/sandbox.json", new LoadOptions { Writers = 2, IntervalMilliseconds = 1 }) : "/tmp/sb/sandbox.json", request);
    }
}
