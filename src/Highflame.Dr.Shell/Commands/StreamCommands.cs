using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Highflame.Dr.Shell.Commands;

/// <summary>
/// The commands that write to PowerShell's streams. They live in Microsoft.PowerShell.Utility, which is part of pwsh but not of the
/// engine's package; scripts can hardly do without them.
/// </summary>
internal static class StreamCommands
{
    private static readonly (string Name, Type Implementation)[] Commands =
    [
        ("Write-Output", typeof(WriteOutputCommand)),
        ("Write-Verbose", typeof(WriteVerboseCommand)),
        ("Write-Warning", typeof(WriteWarningCommand)),
        ("Write-Error", typeof(WriteErrorCommand)),
        ("Write-Information", typeof(WriteInformationCommand)),
        ("Write-Host", typeof(WriteHostCommand)),
        ("Write-Progress", typeof(WriteProgressCommand)),
    ];

    /// <summary>The names this shell can supply.</summary>
    public static IEnumerable<string> Names => Commands.Select(command => command.Name);

    /// <summary>Adds those that the session state does not have yet.</summary>
    public static void AddMissing(InitialSessionState state)
    {
        foreach (var (name, implementation) in Commands)
        {
            if (state.Commands[name].Count == 0)
                state.Commands.Add(new SessionStateCmdletEntry(name, implementation, helpFileName: null));
        }
    }
}
