using System.Management.Automation;
using Highflame.Dr.Rehearsal;

namespace Highflame.Dr.Commands;

/// <summary>Starts a sandbox's clients: writers that follow the Traffic Manager name and keep a record of every write that was acknowledged.</summary>
[Cmdlet(VerbsLifecycle.Start, "HfSandboxLoad", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(LoadReport))]
public sealed class StartHfSandboxLoadCommand : SandboxCmdlet
{
    /// <summary>Number of writers; default is 4.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int Writers { get; set; } = 4;

    /// <summary>Pause of each writer between two writes, in milliseconds; default is 5.</summary>
    [Parameter]
    [ValidateRange(0d, 60_000d)]
    public double IntervalMilliseconds { get; set; } = 5;

    private protected override void Process()
    {
        string path = SandboxPath;
        var options = new LoadOptions { Writers = Writers, IntervalMilliseconds = IntervalMilliseconds };
        if (!ShouldProcess(path, $"Start {Writers} writers")) return;
        WriteObject(Await((_, token) => Engine.StartLoadAsync(path, options, token)));
    }
}
