using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using Highflame.Dr.Shell.Commands;
using Highflame.Dr.Shell.Hosting;
using Microsoft.PowerShell;

namespace Highflame.Dr.Shell;

/// <summary>One PowerShell runspace on this terminal. Runs one script or command at a time.</summary>
internal sealed class ShellSession : IDisposable
{
    private const int Stopped = 130;

    private readonly ShellTerminal _terminal;
    private readonly ShellHost _host;
    private readonly Runspace _runspace;
    private volatile PowerShell? _running;
    private int _errorsShown;

    public ShellSession(ShellTerminal terminal)
    {
        _terminal = terminal;
        _host = new ShellHost(terminal);
        var initial = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
            initial.ExecutionPolicy = ExecutionPolicy.RemoteSigned;
        StreamCommands.AddMissing(initial);

        _runspace = RunspaceFactory.CreateRunspace(_host, initial);
        _runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        _runspace.Open();
        _runspace.SessionStateProxy.Path.SetLocation(WildcardPattern.Escape(Environment.CurrentDirectory));
    }

    /// <summary>The code given to <c>exit</c>, once a script or a command called it.</summary>
    public int? ExitRequested => _host.ExitRequested;

    /// <summary>Runs what the command line asks for and returns the program's exit code.</summary>
    public int Run(ShellRequest request)
    {
        var script = request.Kind == ShellRequestKind.Script ? Path.GetFullPath(request.Text) : null;
        if (script is not null && !File.Exists(script))
        {
            _terminal.ErrorLine($"There is no script '{script}'.");
            return 64;
        }

        // build.ps1 makes the module: it must be free to replace it, and imports it by itself when it needs it.
        if (script is null || !string.Equals(Path.GetFileName(script), "build.ps1", StringComparison.OrdinalIgnoreCase))
            ImportBuiltModule();

        if (script is null)
        {
            var code = RunLine(request.Text);
            return code == 0 && ExitRequested is null && _errorsShown > 0 ? 1 : code;
        }

        EndOnExitOfNextScript();
        return Invoke(shell =>
        {
            var command = new Command(script, isScript: false);
            foreach (var parameter in request.Parameters)
                command.Parameters.Add(parameter);
            shell.Commands.AddCommand(command);
        });
    }

    /// <summary>Runs one command line in the session's own scope.</summary>
    public int RunLine(string text) => Invoke(shell => shell.AddScript(text, useLocalScope: false));

    /// <summary>Imports the built module when there is one. A module that does not load is a warning: scripts may not need it.</summary>
    public void ImportBuiltModule()
    {
        if (ModuleLocation.Find(Environment.CurrentDirectory, AppContext.BaseDirectory) is not { } manifest)
            return;
        try
        {
            using var shell = PowerShell.Create(_runspace);
            shell.AddCommand("Import-Module").AddParameter("Name", manifest).AddParameter("ErrorAction", ActionPreference.Stop).Invoke();
        }
        catch (RuntimeException failure)
        {
            _terminal.WarningLine($"The module '{manifest}' could not be imported: {failure.Message}");
        }
    }

    /// <summary>Asks the running pipeline to stop and returns at once; false when none runs.</summary>
    public bool StopRunning()
    {
        if (_running is not { } shell)
            return false;
        shell.BeginStop(null, null);
        return true;
    }

    public void Dispose() => _runspace.Dispose();

    /// <summary>
    /// `exit` in a script file only ends that script, unless the engine is told that the file is the whole program. pwsh tells it through
    /// this switch, which is not public; a test pins that it exists in the engine version we ship.
    /// </summary>
    private void EndOnExitOfNextScript()
    {
        const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;
        var context = typeof(Runspace).GetProperty("ExecutionContext", Hidden)?.GetValue(_runspace);
        var exitEndsAll = context?.GetType().GetProperty("ScriptCommandProcessorShouldRethrowExit", Hidden)
            ?? throw new NotSupportedException("This version of the PowerShell engine does not pass on a script's exit code.");
        exitEndsAll.SetValue(context, true);
    }

    private void Show(ErrorRecord error)
    {
        // What a native program writes to its standard error is text, not an error of ours: its exit code says whether it failed.
        if (error.FullyQualifiedErrorId is "NativeCommandError" or "NativeCommandErrorMessage")
        {
            _terminal.PlainErrorLine(error.Exception.Message);
            return;
        }

        _errorsShown++;
        _terminal.Error(error);
    }

    private int Invoke(Action<PowerShell> add)
    {
        using var shell = PowerShell.Create(_runspace);
        add(shell);
        shell.AddCommand("Out-Default");
        shell.Streams.Error.DataAdded += (_, added) => Show(shell.Streams.Error[added.Index]);
        try
        {
            _errorsShown = 0;
            _running = shell;
            shell.Invoke();
            return ExitRequested ?? (shell.InvocationStateInfo.State == PSInvocationState.Stopped ? Stopped : 0);
        }
        catch (PipelineStoppedException)
        {
            return ExitRequested ?? Stopped;
        }
        catch (RuntimeException failure)
        {
            _terminal.Error(failure);
            return ExitRequested ?? 1;
        }
        finally
        {
            _running = null;
            _terminal.ClearProgress();
        }
    }
}
