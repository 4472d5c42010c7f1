using System.Management.Automation;
using Highflame.Dr.Evidence;
using Highflame.Dr.Rehearsal;

namespace Highflame.Dr.Commands;

/// <summary>Joins a run's evidence with what the clients saw into the drill's report, judges it and writes it.</summary>
[Cmdlet(VerbsData.Export, "HfDrillReport", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(DrillReport))]
public sealed class ExportHfDrillReportCommand : DrCmdlet
{
    /// <summary>Name of the scenario, for example planned, region-loss or automatic; it decides what must have been reached.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Scenario { get; set; } = "";

    /// <summary>The run's evidence, as Export-HfEvidence gave it.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public RunEvidence? Evidence { get; set; }

    /// <summary>What the clients saw, as Stop-HfSandboxLoad gave it.</summary>
    [Parameter(Mandatory = true)]
    public LoadReport? Load { get; set; }

    /// <summary>What a watcher did, in a drill whose failover nobody asked for by hand. The region that was left is then lost for good: what needs it may be owed.</summary>
    [Parameter]
    public DrillWatchRequest? Watch { get; set; }

    /// <summary>File to write.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    private protected override void Process()
    {
        string path = FullPath(Path);
        if (!ShouldProcess(path, $"Write the report of drill '{Scenario}'")) return;
        WriteObject(Await((_, token) => Engine.ExportDrillReportAsync(Scenario, Evidence!, Load!, Watch, path, token)));
    }
}
