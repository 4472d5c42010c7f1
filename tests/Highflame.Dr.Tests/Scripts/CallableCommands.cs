using System.Management.Automation;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Scripts;

/// <summary>What a script may call in a bare engine: the core module, the built module's cmdlets, and the shell's stream commands.</summary>
public sealed class CallableCommands : IDisposable
{
    private readonly HostedShell _shell = new();

    public CallableCommands()
    {
        var streams = _shell.Invoke("Import-Module -Assembly $shell -PassThru", new { shell = typeof(Shell.Commands.WriteHostCommand).Assembly }).One<PSModuleInfo>();
        var found = _shell.Invoke("Get-Command -CommandType Cmdlet -Module Microsoft.PowerShell.Core, Highflame.Dr").As<CmdletInfo>();
        ByName = found.Concat(streams.ExportedCmdlets.Values).ToDictionary(command => command.Name, command => (CommandInfo)command, StringComparer.OrdinalIgnoreCase);
        foreach (var alias in _shell.Invoke("Get-Command -CommandType Alias").As<AliasInfo>())
        {
            if (alias.ResolvedCommand is { } command && ByName.ContainsKey(command.Name))
                ByName.TryAdd(alias.Name, alias);
        }
    }

    /// <summary>Commands and the aliases that lead to them.</summary>
    public Dictionary<string, CommandInfo> ByName { get; }

    public void Dispose() => _shell.Dispose();
}
