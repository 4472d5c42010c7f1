using System.Collections.Concurrent;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using Highflame.Dr.Hosting;
using Highflame.Dr.Shell.Commands;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Soak.Child;

/// <summary>
/// A process of its own that runs the shipped runbook with the built module, as an operator's shell does, and says everything that it shows: output, verbose,
/// warnings, errors with all their exceptions. It signs in, says READY, reads its orders from one line, and dies where they say so. It ends with its parent.
/// </summary>
internal sealed class RunbookChild(string sandboxPath)
{
    private readonly BlockingCollection<string> _words = [];
    private readonly JumpingClock _clock = new();

    public int Run()
    {
        new Thread(Listen) { IsBackground = true }.Start();
        var initial = InitialSessionState.CreateDefault2();
        StreamCommands.AddMissing(initial);
        using var runspace = RunspaceFactory.CreateRunspace(initial);
        runspace.Open();
        if (Invoke(runspace, $"Import-Module -Name '{BuiltModule.Manifest}'") is not 0 and var failed) return failed;
        Highflame.Dr.Hosting.RunspaceState.Of(runspace).Engine = EngineWithOwnClock();
        if (Invoke(runspace, $"$null = Connect-HfAzure -Sandbox '{sandboxPath}' -ErrorAction Stop") is not 0 and var refused) return refused;
        Say("READY");
        var orders = Orders.Parse(_words.Take());
        using var watch = new JournalWatch(orders, _clock, Say, () => _words.Take());
        var runbook = Path.Combine(BuiltModule.Directory, "Runbooks", "Invoke-HfRegionFailover.ps1");
        var mode = orders.Forced ? "-Mode Forced -AllowDataLoss" : "-Mode Planned";
        return Invoke(
            runspace,
            $"& '{runbook}' -PairPath '{orders.PairPath}' -To {orders.To} {mode} -OldPrimaryWaitSeconds {orders.OldPrimaryWaitSeconds:0.###} -EvidencePath '{orders.EvidencePath}' -Confirm:$false -Verbose; $LASTEXITCODE");
    }

    // The engine as the module makes it, but for its clock.
    private IDrEngine EngineWithOwnClock() =>
        (IDrEngine)Activator.CreateInstance(EngineHost.Engine.GetType(), BindingFlags.Instance | BindingFlags.NonPublic, null, [_clock], null)!;

    private static int Invoke(Runspace runspace, string script)
    {
        using var shell = PowerShell.Create(runspace);
        shell.AddScript(script);
        shell.Streams.Verbose.DataAdded += (_, at) => Say($"verbose: {shell.Streams.Verbose[at.Index].Message}");
        shell.Streams.Debug.DataAdded += (_, at) => Say($"debug: {shell.Streams.Debug[at.Index].Message}");
        shell.Streams.Warning.DataAdded += (_, at) => Say($"warning: {shell.Streams.Warning[at.Index].Message}");
        shell.Streams.Information.DataAdded += (_, at) => Say($"information: {shell.Streams.Information[at.Index].MessageData}");
        shell.Streams.Progress.DataAdded += (_, at) => Say($"progress: {shell.Streams.Progress[at.Index].Activity}: {shell.Streams.Progress[at.Index].StatusDescription}");
        shell.Streams.Error.DataAdded += (_, at) => Say(shell.Streams.Error[at.Index]);
        using var output = new PSDataCollection<PSObject>();
        var code = 0;
        output.DataAdded += (_, at) =>
        {
            if (output[at.Index]?.BaseObject is int exit) code = exit;
            Say($"output: {System.Text.Json.JsonSerializer.Serialize(output[at.Index]?.BaseObject)}");
        };
        try
        {
            shell.Invoke(null, output);
            return code;
        }
        catch (RuntimeException failure)
        {
            Say(failure.ErrorRecord);
            return 1;
        }
    }

    private static void Say(ErrorRecord error) =>
        Say($"error: {error.FullyQualifiedErrorId} {error} [{error.TargetObject}] {error.ErrorDetails?.RecommendedAction} {error.Exception} {error.ScriptStackTrace}".ReplaceLineEndings(" | "));

    private static void Say(string line)
    {
        lock (Console.Out)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }

    private void Listen()
    {
        while (Console.In.ReadLine() is { } line) _words.Add(line);
        OwnProcess.Kill();
    }
}
