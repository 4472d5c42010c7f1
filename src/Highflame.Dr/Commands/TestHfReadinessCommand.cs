using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Readiness;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// The preflight of a failover: every refusal and every warning at once, as objects, worst first and the summary last. Asks nothing, changes nothing. In forced mode
/// nothing of the region that is left is called. In an open run the result goes into the journal as step Preflight.
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "HfReadiness")]
[OutputType(typeof(ReadinessFinding), typeof(bool))]
public sealed class TestHfReadinessCommand : DrFleetCmdlet
{
    /// <summary>Region pair: the pair, its status, its name or the path of its file. Default is the open run's, else the only imported one.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Location of the region that shall take over.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [ValidateNotNullOrEmpty]
    public string To { get; set; } = "";

    /// <summary>Planned: the primary is healthy. Forced: the primary is lost.</summary>
    [Parameter(Position = 1)]
    public FailoverMode Mode { get; set; } = FailoverMode.Planned;

    /// <summary>How the replica shall be promoted: Standalone, or Switchover with what Azure asks for it besides.</summary>
    [Parameter]
    public DbPromotion Promotion { get; set; } = DbPromotion.Standalone;

    /// <summary>
    /// The run may take ReadOnly locks away and puts them back (Invoke-HfRegionFailover.ps1 -Unlock): they are told as its steps instead of refused for, and whether the signed-in principal may
    /// do so is looked at.
    /// </summary>
    [Parameter]
    public SwitchParameter Unlock { get; set; }

    /// <summary>Name servers to ask: an IP address, or address:port. Default is the connection's, else the machine's.</summary>
    [Parameter]
    public string[] Resolver { get; set; } = [];

    /// <summary>Give only true (nothing refuses) or false.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>
    /// Give only refusals that were not there when this was last asked, for the same pair, region and mode, and tell the receivers that the pair file names of them. What is found is kept in the pair's run
    /// store: for schedules.
    /// </summary>
    [Parameter]
    public SwitchParameter NewOnly { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var pair = RequirePair(Pair);
        var request = new ReadinessRequest { Pair = pair, To = RequireRegion(pair, To).Location, Mode = Mode, Promotion = Promotion, Unlock = Unlock, Resolvers = ResolverArgument.Parse(Resolver) };
        var run = RunOf(pair);
        var started = State.Clock.GetUtcNow();
        AwaitBeside(
            async (observer, token) =>
            {
                var findings = await Engine.TestReadinessAsync(connection, request, run, observer, token).ConfigureAwait(false);
                return (Findings: findings, Shown: NewOnly ? await Engine.KeepNewRefusalsAsync(connection, request, findings, observer, token).ConfigureAwait(false) : findings);
            },
            found => Show(pair, found.Findings, found.Shown, started));
    }

    private void Show(RegionPair pair, IReadOnlyList<ReadinessFinding> findings, IReadOnlyList<ReadinessFinding> shown, DateTimeOffset started)
    {
        bool ready = findings.All(f => f.Severity != ReadinessSeverity.Refusal);
        if (Quiet) WriteObject(ready);
        else foreach (var finding in shown) WriteObject(finding with { Pair = pair.Name });
        Record(pair, new StepResult
        {
            Name = "Preflight",
            Target = pair.Name,
            Started = started,
            Finished = State.Clock.GetUtcNow(),
            Outcome = ready ? StepOutcome.Succeeded : StepOutcome.Failed,
            Detail = string.Join("; ", findings.Where(f => f.Severity <= ReadinessSeverity.Warning).Select(f => $"{f.Severity} {f.Code} {f.Resource}")),
        });
    }
}
