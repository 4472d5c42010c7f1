using System.Collections.Concurrent;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using Highflame.Dr.Execution;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Hosting;

/// <summary>
/// Everything that belongs to one runspace: the connection, the imported pairs, the run it holds. Never process-static, so that two sessions in one process
/// do not see each other. Survives <c>Import-Module -Force</c>; ends with the runspace.
/// </summary>
internal sealed class RunspaceState
{
    private static readonly ConditionalWeakTable<Runspace, RunspaceState> All = new();

    private readonly ConcurrentDictionary<string, RegionPair> _pairs = new(StringComparer.OrdinalIgnoreCase);
    private IDrEngine? _engine;

    /// <summary>State of the runspace that the calling thread works for.</summary>
    public static RunspaceState Current => Of(Runspace.DefaultRunspace ?? throw new InvalidOperationException("This thread has no runspace."));

    /// <summary>The process-wide engine, unless a test gave this runspace another.</summary>
    public IDrEngine Engine
    {
        get => _engine ?? EngineHost.Engine;
        set => _engine = value;
    }

    /// <summary>Clock of the steps that the cmdlets themselves record.</summary>
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>Whether somebody sees what is written: not a file, not a pipe.</summary>
    public Func<bool> IsTerminal { get; set; } = () => !Console.IsOutputRedirected;

    public DrConnection? Connection { get; private set; }

    public Sightings Seen { get; } = new();

    public IReadOnlyCollection<RegionPair> Pairs => [.. _pairs.Values];

    /// <summary>The open run that this runspace holds.</summary>
    public DrRunHandle? Run { get; private set; }

    /// <summary>Pair of the open run, else of the last one.</summary>
    public RegionPair? RunPair { get; private set; }

    /// <summary>The open run as it stands, else the last one that was completed here.</summary>
    public DrRun? LastRun => Run?.Run ?? _completedRun;

    private DrRun? _completedRun;

    /// <summary>Path of the sandbox.json that was connected to or started last.</summary>
    public string? SandboxPath { get; set; }

    public static RunspaceState Of(Runspace runspace) => All.GetValue(runspace, Create);

    public RegionPair? FindPair(string name) => _pairs.GetValueOrDefault(name);

    public void Add(RegionPair pair) => _pairs[pair.Name] = pair;

    public void Connect(DrConnection connection)
    {
        var old = Connection;
        Connection = connection;
        old?.Dispose();
    }

    /// <summary>Forgets the connection with its tokens and secrets, and everything that was seen through it. The imported pairs and an open run stay. False when there was none.</summary>
    public bool Disconnect()
    {
        var old = Connection;
        Connection = null;
        Seen.Clear();
        old?.Dispose();
        return old is not null;
    }

    public void Hold(DrRunHandle run, RegionPair pair)
    {
        if (!ReferenceEquals(Run, run)) Run?.Dispose();
        Run = run;
        RunPair = pair;
    }

    /// <summary>Lets the open run go. Without a completed run the journal stays unfinished and can be resumed.</summary>
    public void Release(DrRun? completed)
    {
        _completedRun = completed ?? _completedRun;
        Run?.Dispose();
        Run = null;
    }

    private static RunspaceState Create(Runspace runspace)
    {
        var state = new RunspaceState();
        runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is not (System.Management.Automation.Runspaces.RunspaceState.Closed or System.Management.Automation.Runspaces.RunspaceState.Broken)) return;
            state.Release(null);
            state.Connection?.Dispose();
            state.Connection = null;
        };
        return state;
    }
}
