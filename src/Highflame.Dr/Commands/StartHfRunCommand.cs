using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// Begins a guarded run of a region pair, or resumes the one that was left unfinished: takes the pair's lease and opens the journal. Every changing cmdlet
/// of this session writes to it until Complete-HfRun closes it.
/// </summary>
[Cmdlet(VerbsLifecycle.Start, "HfRun", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DrRun))]
public sealed class StartHfRunCommand : DrConnectedCmdlet
{
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(30);

    /// <summary>Region pair: the pair, its status, its name or the path of its file. Default is the only imported pair.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Location of the region that shall be active.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [ValidateNotNullOrEmpty]
    public string To { get; set; } = "";

    /// <summary>Planned: the primary is healthy. Forced: the primary is lost.</summary>
    [Parameter]
    public FailoverMode Mode { get; set; } = FailoverMode.Planned;

    private protected override void Process()
    {
        var connection = Connection;
        var pair = RequirePair(Pair);
        string to = RequireRegion(pair, To).Location;
        bool heldForThisPair = State.Run is not null && string.Equals(State.RunPair?.Name, pair.Name, StringComparison.OrdinalIgnoreCase);
        if (State.Run is { } other && !heldForThisPair)
        {
            throw new DrException(
                "HfRunOpen", DrErrorKind.InvalidState, $"This session holds run {other.Run.Id} of the pair '{other.Run.Pair}'.", other.Run.Id, "Close it with Complete-HfRun first.");
        }

        if (!ShouldProcess(pair.Name, $"Begin or resume a {Mode} run to {to}: take the lease, open the journal")) return;
        var status = State.Seen.FindStatus(pair, State.Clock.GetUtcNow() - FreshFor)
            ?? Await((observer, token) => Engine.GetPairStatusAsync(connection, pair, observer, token));
        var before = new RunBefore
        {
            Active = status.Active,
            PrimaryResourceId = status.PrimaryResourceId,
            ReplicaResourceId = status.ReplicaResourceId,
            EndpointTarget = status.EndpointTarget,
            Ttl = status.Ttl,
        };

        // A run that this session left open, for example by Ctrl-C, is let go and resumed like anybody's.
        if (heldForThisPair) State.Release(null);
        var run = Await((observer, token) => Engine.StartRunAsync(connection, new RunRequest(pair, to, Mode, before), observer, token));
        State.Hold(run, pair);
        WriteObject(run.Run);
    }
}
