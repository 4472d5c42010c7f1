using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Errors;
using Highflame.Dr.Rehearsal;

namespace Highflame.Dr.Commands;

/// <summary>Ends a sandbox and every process it started.</summary>
[Cmdlet(VerbsLifecycle.Stop, "HfSandbox", DefaultParameterSetName = PathSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(void))]
public sealed class StopHfSandboxCommand : DrCmdlet
{
    private const string PathSet = "Path";

    /// <summary>The sandbox, as Start-HfSandbox gave it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.InputObject, ValueFromPipeline = true)]
    public Sandbox? InputObject { get; set; }

    /// <summary>Path of its sandbox.json or of its directory, or the output of Start-HfSandbox; default is the sandbox started or connected to last.</summary>
    [Parameter(Position = 0, ParameterSetName = PathSet, ValueFromPipelineByPropertyName = true)]
    [Alias("SandboxPath")]
    [SandboxPathTransformation(SandboxFile.Sandbox)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    private protected override void Process()
    {
        string path = InputObject?.Path ?? (Path is null ? State.SandboxPath ?? throw DrErrors.SandboxRequired() : SandboxArgument.File(FullPath(Path)));
        if (!ShouldProcess(path, "Stop the sandbox and every process it started")) return;
        Await((observer, token) => Engine.StopSandboxAsync(path, observer, token));
        if (State.SandboxPath == path) State.SandboxPath = null;
    }
}
