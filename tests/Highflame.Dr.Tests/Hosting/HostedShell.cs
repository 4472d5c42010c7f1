using System.Collections;
using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Highflame.Dr.Hosting;

namespace Highflame.Dr.Tests.Hosting;

/// <summary>
/// One runspace of the hosted engine with the built module imported. Only Microsoft.PowerShell.Core commands are there (no Write-Output, Select-Object,
/// Format-Table): emit values as expressions.
/// <code>
/// using var shell = new HostedShell();
/// var result = shell.Invoke("Connect-HfAzure -Sandbox $path", new { path });
/// </code>
/// </summary>
public sealed class HostedShell : IDisposable
{
    private readonly CapturingHost _host = new();

    /// <param name="engine">Stands in for the real engine in this runspace; null means the real one.</param>
    /// <param name="import">False leaves the module out.</param>
    /// <param name="streamCommands">Supply Write-Host, Write-Warning and their like, as Highflame.Dr.Shell does: shipped scripts call them.</param>
    public HostedShell(IDrEngine? engine = null, bool import = true, bool streamCommands = false)
    {
        var initial = InitialSessionState.CreateDefault2();
        if (streamCommands) Shell.Commands.StreamCommands.AddMissing(initial);
        initial.ThreadOptions = PSThreadOptions.ReuseThread;
        if (OperatingSystem.IsWindows()) initial.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        Runspace = RunspaceFactory.CreateRunspace(_host, initial);
        Runspace.Open();
        if (!import) return;
        Invoke("Import-Module -Name $manifest", new { manifest = BuiltModule.Manifest }).EnsureNoErrors();
        if (engine is not null) State.Engine = engine;
    }

    public Runspace Runspace { get; }

    /// <summary>Answer to confirmation prompts: Y, A, N or L; null makes a prompt fail the test.</summary>
    public string? Answer
    {
        get => _host.Answer;
        set => _host.Answer = value;
    }

    /// <summary>The module's own state of this runspace.</summary>
    internal Highflame.Dr.Hosting.RunspaceState State => Highflame.Dr.Hosting.RunspaceState.Of(Runspace);

    /// <summary>Runs a script to its end. <paramref name="variables"/> (a dictionary, or an object whose properties are taken) are set before.</summary>
    /// <param name="script">Script text.</param>
    /// <param name="variables">Variables to set.</param>
    /// <param name="input">Objects to pipe into the script as <c>$input</c>.</param>
    /// <param name="throughHost">Send the output through Out-Default, so that the default views show in <see cref="ShellResult.Lines"/>.</param>
    public ShellResult Invoke(string script, object? variables = null, IEnumerable? input = null, bool throughHost = false)
    {
        using var shell = Prepare(script, variables, throughHost);
        return Finish(shell, output => shell.Invoke(input, output));
    }

    /// <summary>Runs a script and stops it, as Ctrl-C does, when <paramref name="stopWhen"/> is complete.</summary>
    public async Task<ShellResult> InvokeAndStopAsync(string script, Task stopWhen, object? variables = null)
    {
        using var shell = Prepare(script, variables, false);
        var run = Task.Run(() => Finish(shell, output => shell.Invoke(null, output)));
        await Task.WhenAny(stopWhen, run);
        var clock = Stopwatch.StartNew();
        await Task.Factory.FromAsync(shell.BeginStop(null, null), shell.EndStop);
        var result = await run;
        return result with { StoppedAfter = clock.Elapsed };
    }

    public void Dispose() => Runspace.Dispose();

    private PowerShell Prepare(string script, object? variables, bool throughHost)
    {
        _host.Clear();
        foreach (var (name, value) in Pairs(variables)) Runspace.SessionStateProxy.SetVariable(name, value);
        var shell = PowerShell.Create(Runspace);
        shell.AddScript(script);
        if (throughHost) shell.AddCommand("Out-Default");
        return shell;
    }

    private ShellResult Finish(PowerShell shell, Action<List<PSObject>> invoke)
    {
        var output = new List<PSObject>();
        Exception? failure = null;
        try
        {
            invoke(output);
        }
        catch (Exception e) when (e is RuntimeException or ParseException)
        {
            failure = e;
        }

        _host.Flush();
        var errors = shell.Streams.Error.ToList();
        if (failure is RuntimeException { ErrorRecord: { } record } and not PipelineStoppedException) errors.Add(record);
        return Said.Keep(new ShellResult
        {
            Output = output,
            Errors = errors,
            Failure = failure,
            Stopped = shell.InvocationStateInfo.State == PSInvocationState.Stopped,
            Warnings = [.. shell.Streams.Warning.Select(w => w.Message)],
            Verbose = [.. shell.Streams.Verbose.Select(v => v.Message)],
            Information = [.. shell.Streams.Information.Select(i => i.ToString())],
            Progress = [.. shell.Streams.Progress],
            Lines = [.. _host.Lines],
            ErrorLines = [.. _host.ErrorLines],
            Prompts = [.. _host.Prompts],
            ExitCode = _host.ExitCode,
        });
    }

    private static IEnumerable<(string Name, object? Value)> Pairs(object? variables) => variables switch
    {
        null => [],
        IDictionary dictionary => dictionary.Keys.Cast<object>().Select(k => (k.ToString()!, dictionary[k])),
        _ => variables.GetType().GetProperties().Select(p => (p.Name, p.GetValue(variables))),
    };
}

/// <summary>What one script did.</summary>
public sealed record ShellResult
{
    public required IReadOnlyList<PSObject> Output { get; init; }

    /// <summary>Non-terminating errors in their order, then the terminating one.</summary>
    public required IReadOnlyList<ErrorRecord> Errors { get; init; }

    /// <summary>The terminating error; null when the script went through.</summary>
    public Exception? Failure { get; init; }

    /// <summary>True when the pipeline was stopped, as by Ctrl-C.</summary>
    public bool Stopped { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    public required IReadOnlyList<string> Verbose { get; init; }

    public required IReadOnlyList<string> Information { get; init; }

    public required IReadOnlyList<ProgressRecord> Progress { get; init; }

    /// <summary>Lines that the host was told to show, the <c>What if:</c> lines among them.</summary>
    public required IReadOnlyList<string> Lines { get; init; }

    /// <summary>Lines of errors that the host was told to show.</summary>
    public IReadOnlyList<string> ErrorLines { get; init; } = [];

    /// <summary>Confirmation prompts.</summary>
    public required IReadOnlyList<string> Prompts { get; init; }

    public int? ExitCode { get; init; }

    /// <summary>How long the pipeline took to end after the stop.</summary>
    public TimeSpan? StoppedAfter { get; init; }

    public IReadOnlyList<string> WhatIf => [.. Lines.Where(l => l.StartsWith("What if: ", StringComparison.Ordinal))];

    /// <summary>Error ids with the type that wrote them, as PowerShell shows them.</summary>
    public IReadOnlyList<string> ErrorIds => [.. Errors.Select(e => e.FullyQualifiedErrorId)];

    /// <summary>The output as objects of one type.</summary>
    public T[] As<T>() => [.. Output.Select(o => o.BaseObject is T typed ? typed : throw new InvalidCastException($"{o.BaseObject?.GetType()} is not {typeof(T)}: {o}"))];

    public T One<T>() => Assert.Single(EnsureNoErrors().As<T>());

    public ShellResult EnsureNoErrors()
    {
        Assert.True(Errors.Count == 0, string.Join("\n", Errors.Select(e => $"{e.FullyQualifiedErrorId}: {e}\n{e.ScriptStackTrace}\n{e.Exception?.StackTrace}")));
        return this;
    }
}
