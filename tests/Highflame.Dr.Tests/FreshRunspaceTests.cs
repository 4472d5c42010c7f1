using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests;

/// <summary>A cmdlet that is the first one of its runspace, on the real engine in its own load context.</summary>
public class FreshRunspaceTests
{
    [Fact]
    public void StartHfSandbox_FirstCmdletOfItsRunspace_ReportsItsOwnError()
    {
        using var shell = new HostedShell();

        var result = shell.Invoke("Start-HfSandbox -Path $path", new { path = "/no/such/Highflame.Dr.Sandbox.dll" });

        Assert.Equal(["HfSandboxProgramNotFound,Highflame.Dr.Commands.StartHfSandboxCommand"], result.ErrorIds);
    }

    [Fact]
    public void StopHfSandbox_SandboxObjectByPosition_BindsItsPath()
    {
        using var shell = new HostedShell();
        var sandbox = new Rehearsal.Sandbox
        {
            Path = "/no/such/place/sandbox.json",
            Root = "/no/such/place",
            ProcessId = 1,
            ArmEndpoint = "https://127.0.0.1:1",
            PairPath = "/no/such/place/region-pair.json",
            TrafficManagerFqdn = "x.trafficmanager.net",
            SubscriptionId = "x",
            Locations = ["eastus", "westus"],
        };

        var result = shell.Invoke("Stop-HfSandbox $sandbox -WhatIf", new { sandbox }).EnsureNoErrors();

        Assert.Contains("\"/no/such/place/sandbox.json\"", Assert.Single(result.WhatIf), StringComparison.Ordinal);
    }

    /// <summary>deps/ has a System.Text.Json of its own; a framework assembly that speaks of the framework's would not fit (MissingMethodException at run time).</summary>
    [Fact]
    public void Engine_BesideItsOwnSystemTextJson_UsesNoFrameworkAssemblyThatNeedsTheOther()
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(BuiltModule.Deps, "Highflame.Dr.Engine.dll")));
        var metadata = file.GetMetadataReader();

        var references = metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name)).ToList();

        Assert.Contains("System.Text.Json", references);
        Assert.DoesNotContain("System.Net.Http.Json", references);
    }
}
