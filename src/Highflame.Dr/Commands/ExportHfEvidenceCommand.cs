using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Errors;
using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>Writes what an auditor gets of a run: objectives and what was reached, every step with its times, the topology at the end, the seal of the journal.</summary>
[Cmdlet(VerbsData.Export, "HfEvidence", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(RunEvidence))]
public sealed class ExportHfEvidenceCommand : DrCmdlet
{
    /// <summary>The run; default is the one this session holds, else the last one it completed.</summary>
    [Parameter(ValueFromPipeline = true)]
    public DrRun? Run { get; set; }

    /// <summary>Region pair of the run; default is the imported pair that the run names.</summary>
    [Parameter]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>File to write, or the https URL of a blob; default is beside the run's journal, wherever that is kept.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    private protected override void Process()
    {
        string? path = Path is null ? null : FullPlace(Path);
        var run = Run ?? State.LastRun;
        if (run is null && !WhatIf) throw DrErrors.NoRun();
        if (!ShouldProcess(path ?? "a file beside the journal", $"Write the evidence of run {run?.Id ?? "that would have been"}")) return;
        var pair = PairOf(run!);
        WriteObject(Await((observer, token) => Engine.ExportEvidenceAsync(State.Connection, run!, pair, path, observer, token)));
    }

    private RegionPair PairOf(DrRun run)
    {
        if (Pair is not null) return RequirePair(Pair);
        if (State.RunPair is { } held && string.Equals(held.Name, run.Pair, StringComparison.OrdinalIgnoreCase)) return held;
        return State.FindPair(run.Pair) ?? throw DrErrors.PairNotFound(run.Pair, State.Pairs.Select(p => p.Name));
    }
}
