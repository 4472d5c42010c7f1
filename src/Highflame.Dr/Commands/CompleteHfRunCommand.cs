using System.Management.Automation;
using Highflame.Dr.Errors;
using Highflame.Dr.Execution;

namespace Highflame.Dr.Commands;

/// <summary>
/// Closes the run that this session holds and gives the pair's lease back. With outcome Pending the run stays unfinished: something is owed, and the next
/// Start-HfRun of the pair resumes it.
/// </summary>
[Cmdlet(VerbsLifecycle.Complete, "HfRun", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DrRun))]
public sealed class CompleteHfRunCommand : DrCmdlet
{
    /// <summary>How the run ended: Succeeded (default), NoChange or Failed end it for good; Pending leaves it to be resumed.</summary>
    [Parameter(Position = 0)]
    [ValidateSet(nameof(StepOutcome.Succeeded), nameof(StepOutcome.NoChange), nameof(StepOutcome.Failed), nameof(StepOutcome.Pending))]
    public StepOutcome Outcome { get; set; } = StepOutcome.Succeeded;

    private protected override void Process()
    {
        var run = State.Run;
        if (run is null && !WhatIf) throw DrErrors.NoRun();
        if (!ShouldProcess(run?.Run.Id ?? "the session's run", $"Close the run as {Outcome}, give the lease back")) return;
        var completed = Await((observer, token) => Engine.CompleteRunAsync(run!, Outcome, observer, token));
        State.Release(completed);
        WriteObject(completed);
    }
}
