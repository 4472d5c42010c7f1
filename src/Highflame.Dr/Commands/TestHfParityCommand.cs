using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Parity;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// Compares the two regions of a pair, or one with a saved snapshot or a template, and shows each difference that matters: how bad it is, both values, why, and what to do. Differences that the pair file declares
/// are left out; what could not be read is shown.
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "HfParity")]
[OutputType(typeof(ParityDrift), typeof(bool))]
public sealed class TestHfParityCommand : DrCmdlet
{
    /// <summary>Region pair: the pair, its status, its name or the path of its file. Default is the open run's, else the only imported one.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>The side that is right: a location of the pair, a file that Export-HfRegionSnapshot wrote, or a template. Default is the region that traffic goes to now.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Reference { get; set; }

    /// <summary>The side that is judged: a location of the pair, a snapshot file, or a template. Default is the other region.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Difference { get; set; }

    /// <summary>Parts to leave out: AddressShape, AddressOverlap, Secrets, Fitness.</summary>
    [Parameter]
    public ParityPart[] Skip { get; set; } = [];

    /// <summary>Shows only drifts at least this bad. Default is all.</summary>
    [Parameter]
    public DriftSeverity MinimumSeverity { get; set; } = DriftSeverity.Cosmetic;

    /// <summary>Shows the differences that the pair file declares too, each with its reason.</summary>
    [Parameter]
    public SwitchParameter IncludeDeclared { get; set; }

    /// <summary>Answers only true (no drift at least as bad as MinimumSeverity) or false.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>
    /// How many inputs are worked on at once; default is 5. Each result is written as soon as it is there, so several come in no fixed order; 1 keeps the order. However many run, one subscription's
    /// request limits are shared by all.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int ThrottleLimit { get; set; } = 5;

    private protected override void Process()
    {
        bool both = Reference is not null && Difference is not null;
        var pair = FindPair(Pair) ?? (both ? null : RequirePair(Pair));
        var request = new ParityRequest { Pair = pair, Reference = SideOf(pair, Reference), Difference = SideOf(pair, Difference), Skip = Skip };
        var connection = State.Connection;
        AwaitBeside(ThrottleLimit, (observer, token) => Engine.TestParityAsync(connection, request, observer, token), Show);
    }

    private void Show(ParityReport report)
    {
        var drifts = report.Drifts.Where(d => d.Severity >= MinimumSeverity).ToArray();
        if (Quiet)
        {
            WriteObject(drifts.Length == 0);
            return;
        }

        foreach (var drift in drifts) WriteObject(drift);
        if (IncludeDeclared) foreach (var drift in report.Declared.Where(d => d.Severity >= MinimumSeverity)) WriteObject(drift);
    }

    /// <summary>A location, and the word for the module's own template, stay as they are; anything else is a path as the session means it.</summary>
    private string? SideOf(RegionPair? pair, string? side) => side is null || side.Equals("Template", StringComparison.OrdinalIgnoreCase) || pair?.FindRegion(side) is not null ? side : FullPath(side);
}
