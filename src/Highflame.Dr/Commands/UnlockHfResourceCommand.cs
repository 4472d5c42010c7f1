using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// Takes away the ReadOnly locks that hinder a failover: those on the resources, their groups and the subscription. Each is written down as owed before, with all that is needed to put
/// back the same lock: Lock-HfResource does, and so does Complete-HfRun.
/// </summary>
[Cmdlet(VerbsCommon.Unlock, "HfResource", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(LockChange))]
public sealed class UnlockHfResourceCommand : DrChangeCmdlet
{
    private readonly List<string> _ids = [];
    private RegionPair? _pair;

    /// <summary>
    /// Resource ids. Binds to the output of Get-HfDbServer and Get-HfTrafficProfile. Default is what a failover changes: the Traffic Manager profile, the replica and, unless the open run is a
    /// forced one, the primary.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[] ResourceId { get; set; } = [];

    /// <summary>Region pair whose run store keeps what is owed. Default is the open run's, else the imported one.</summary>
    [Parameter]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    private protected override void Process()
    {
        _pair = RequirePair(Pair);
        _ids.AddRange(ResourceId.Length > 0 ? ResourceId : Failover(_pair));
    }

    /// <summary>All at once: a lock above several of them is one lock.</summary>
    private protected override void End()
    {
        if (_pair is not { } pair) return;
        var connection = Connection;
        var request = new UnlockRequest { Pair = pair, ResourceIds = [.. _ids.Distinct(StringComparer.OrdinalIgnoreCase)] };
        var run = RunFor(pair);
        Change(
            pair.Name,
            (observer, token) => Engine.PlanUnlockAsync(connection, request, observer, token),
            (plan, observer, token) => Engine.ExecuteAsync(connection, plan, new ExecutionOptions(run, Pair: pair), observer, token));
    }

    private IEnumerable<string> Failover(RegionPair pair)
    {
        var connection = Connection;
        var run = RunOf(pair)?.Run;
        var status = run is null ? Await((observer, token) => Engine.GetPairStatusAsync(connection, pair, observer, token)) : null;
        // In a forced run nothing is asked of the old primary before traffic is served.
        string? primary = run is null ? status!.PrimaryResourceId : run.Mode == FailoverMode.Planned ? run.Before.PrimaryResourceId : null;
        return new[] { pair.Traffic.ProfileId, run is null ? status!.ReplicaResourceId : run.Before.ReplicaResourceId, primary }.OfType<string>();
    }
}
