using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Highflame.Dr.Shell.Commands;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Soak.World;

/// <summary>A runspace of the player with the built module: what it asks the product itself.</summary>
internal sealed class ModuleSession : IDisposable
{
    private readonly Runspace _runspace;

    public ModuleSession()
    {
        var initial = InitialSessionState.CreateDefault2();
        StreamCommands.AddMissing(initial);
        _runspace = RunspaceFactory.CreateRunspace(initial);
        _runspace.Open();
        Invoke($"Import-Module -Name '{BuiltModule.Manifest}'");
    }

    /// <summary>Throws with every error that the script wrote.</summary>
    public IReadOnlyList<object> Invoke(string script)
    {
        using var shell = PowerShell.Create(_runspace);
        var output = shell.AddScript(script).Invoke();
        if (shell.HadErrors) throw new InvalidOperationException($"{script}: {string.Join("; ", shell.Streams.Error.Select(e => $"{e.FullyQualifiedErrorId} {e}"))}");
        return [.. output.Select(o => o.BaseObject)];
    }

    public void Dispose() => _runspace.Dispose();
}
