using System.Management.Automation;
using Highflame.Dr.Rehearsal;

namespace Highflame.Dr.Commands;

/// <summary>Stops a sandbox's clients and compares what was acknowledged to them with what the surviving database holds.</summary>
[Cmdlet(VerbsLifecycle.Stop, "HfSandboxLoad", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(LoadReport))]
public sealed class StopHfSandboxLoadCommand : SandboxCmdlet
{
    private protected override void Process()
    {
        string path = SandboxPath;
        if (!ShouldProcess(path, "Stop the writers")) return;
        WriteObject(Await((_, token) => Engine.StopLoadAsync(path, token)));
    }
}
