using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Health;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// Judges the application's health through Traffic Manager, as a client goes, and straight at a region's gateway. The answer itself proves which region and
/// which database served it. In an open run the result goes into the journal as step ValidateHealth.
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "HfHealth")]
[OutputType(typeof(HealthVerdict), typeof(bool))]
public sealed class TestHfHealthCommand : DrFleetCmdlet
{
    /// <summary>Region pair: the pair, its status, its name or the path of its file. Default is the open run's, else the only imported one.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Region that is expected to serve; default is the one that is active.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Location { get; set; }

    /// <summary>Ways to take: Gateway, TrafficManager; default is both.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public HealthPath[] Via { get; set; } = [HealthPath.Gateway, HealthPath.TrafficManager];

    /// <summary>Role that the answering database must have; default is any.</summary>
    [Parameter]
    public DbRole? ExpectedRole { get; set; }

    /// <summary>Write an entry and read it back too, where the pair file gives a function path.</summary>
    [Parameter]
    public SwitchParameter Function { get; set; }

    /// <summary>Keep probing until healthy or until this many seconds have gone by; default is to judge once.</summary>
    [Parameter]
    [ValidateRange(0d, 86400d)]
    public double WaitSeconds { get; set; }

    /// <summary>Give only true or false.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var pair = RequirePair(Pair);
        var request = new HealthRequest
        {
            Pair = pair,
            Location = Location is null ? null : RequireRegion(pair, Location).Location,
            Via = Via,
            ExpectedRole = ExpectedRole,
            Function = Function,
            WaitSeconds = WaitSeconds,
        };
        var started = State.Clock.GetUtcNow();
        AwaitBeside((observer, token) => Engine.TestHealthAsync(connection, request, observer, token), verdicts => Show(pair, verdicts, started));
    }

    private void Show(RegionPair pair, IReadOnlyList<HealthVerdict> verdicts, DateTimeOffset started)
    {
        bool healthy = verdicts.Count > 0 && verdicts.All(v => v.Healthy);
        if (Quiet) WriteObject(healthy);
        else WriteObject(verdicts, enumerateCollection: true);
        Record(pair, new StepResult
        {
            Name = "ValidateHealth",
            Target = string.Join(", ", verdicts.Select(v => v.Url)),
            Started = started,
            Finished = State.Clock.GetUtcNow(),
            Outcome = healthy ? StepOutcome.Succeeded : StepOutcome.Failed,
            Detail = string.Join("; ", verdicts.Select(Describe)),
        });
    }

    private static string Describe(HealthVerdict verdict) =>
        $"{verdict.Via}: {(verdict.Healthy ? "healthy" : "not healthy")}"
        + (verdict.Region is null ? "" : $", served by {verdict.Region} from {verdict.Server ?? "an unknown server"} ({verdict.Role})")
        + (verdict.FunctionIntact is { } intact ? $", function check {(intact ? "passed" : "failed")}" : "")
        + (verdict.Reason is null ? "" : $", {verdict.Reason}");
}
