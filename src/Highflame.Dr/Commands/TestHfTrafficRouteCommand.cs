using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Health;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// Asks name servers where the Traffic Manager name leads and for how long they may keep the answer. In an open run the result goes into the journal as step
/// ValidateRoute.
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "HfTrafficRoute")]
[OutputType(typeof(TrafficRoute))]
public sealed class TestHfTrafficRouteCommand : DrFleetCmdlet
{
    /// <summary>Region pair: the pair, its status, its name or the path of its file. Default is the open run's, else the only imported one.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Name servers to ask: an IP address, or address:port. Default is the connection's, else the machine's.</summary>
    [Parameter]
    public string[] Resolver { get; set; } = [];

    /// <summary>Region that the answer should lead to; default is wherever the endpoint points now.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Location { get; set; }

    /// <summary>Keep asking until all agree or until this many seconds have gone by; default is to ask once.</summary>
    [Parameter]
    [ValidateRange(0d, 86400d)]
    public double WaitSeconds { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var pair = RequirePair(Pair);
        string? location = Location is null ? null : RequireRegion(pair, Location).Location;
        var request = new RouteRequest(pair, ResolverArgument.Parse(Resolver), location, WaitSeconds);
        var started = State.Clock.GetUtcNow();
        AwaitBeside((observer, token) => Engine.TestRouteAsync(connection, request, observer, token), routes => Show(pair, routes, started));
    }

    private void Show(RegionPair pair, IReadOnlyList<TrafficRoute> routes, DateTimeOffset started)
    {
        WriteObject(routes, enumerateCollection: true);
        Record(pair, new StepResult
        {
            Name = "ValidateRoute",
            Target = routes.Count > 0 ? routes[0].Name : pair.Traffic.ProfileId,
            Started = started,
            Finished = State.Clock.GetUtcNow(),
            Outcome = routes.Count > 0 && routes.All(r => r.Current) ? StepOutcome.Succeeded : StepOutcome.Failed,
            Detail = string.Join("; ", routes.Select(r => $"{r.Resolver}: {r.Failure ?? $"{string.Join(", ", r.Addresses)} for {r.Ttl} s"}")),
        });
    }
}
