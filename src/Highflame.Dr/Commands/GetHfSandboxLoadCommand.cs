using System.Management.Automation;
using Highflame.Dr.Rehearsal;

namespace Highflame.Dr.Commands;

/// <summary>Shows what a sandbox's clients have seen so far.</summary>
[Cmdlet(VerbsCommon.Get, "HfSandboxLoad")]
[OutputType(typeof(LoadReport))]
public sealed class GetHfSandboxLoadCommand : SandboxCmdlet
{
    private protected override void Process()
    {
        string path = SandboxPath;
        WriteObject(Await((_, token) => Engine.GetLoadAsync(path, token)));
    }
}
