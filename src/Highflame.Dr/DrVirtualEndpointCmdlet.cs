using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr;

/// <summary>A cmdlet that makes a virtual endpoint or aims one.</summary>
public abstract class DrVirtualEndpointCmdlet : DrChangeCmdlet
{
    private protected DrVirtualEndpointCmdlet()
    {
    }

    /// <summary>Region pair that the primary belongs to, or whose primary is meant where none is named: the pair, its name or the path of its file. Default is the open run's, else the imported one.</summary>
    [Parameter]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    private protected void Aim(VirtualEndpointRequest request)
    {
        var (connection, pair, run) = (Connection, request.Pair, RunFor(request.Pair));
        Change(
            pair?.Name ?? request.EndpointId ?? request.Server!,
            (observer, token) => Engine.PlanVirtualEndpointAsync(connection, request, observer, token),
            (plan, observer, token) => Engine.ExecuteAsync(connection, plan, new ExecutionOptions(run, Pair: pair), observer, token));
    }
}
