using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Errors;

namespace Highflame.Dr;

/// <summary>A cmdlet that speaks to a running sandbox.</summary>
public abstract class SandboxCmdlet : DrCmdlet
{
    private protected SandboxCmdlet()
    {
    }

    /// <summary>The sandbox: the output of Start-HfSandbox, the path of its sandbox.json or of its directory. Default is the one started or connected to last.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("SandboxPath")]
    [SandboxPathTransformation(SandboxFile.Sandbox)]
    [ValidateNotNullOrEmpty]
    public string? Sandbox { get; set; }

    /// <summary>Errors: HfSandboxRequired.</summary>
    private protected string SandboxPath =>
        Sandbox is null ? State.SandboxPath ?? throw DrErrors.SandboxRequired() : SandboxArgument.File(FullPath(Sandbox));
}
