using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>Aims the reader of a virtual endpoint at another server; the writer stays with the primary.</summary>
[Cmdlet(VerbsCommon.Set, "HfVirtualEndpoint", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(VirtualEndpoint))]
public sealed class SetHfVirtualEndpointCommand : DrChangeCmdlet
{
    /// <summary>Resource id of the virtual endpoint. Binds to the output of Get-HfVirtualEndpoint.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string ResourceId { get; set; } = "";

    /// <summary>Name or resource id of the server that the reader shall lead to: the primary or a replica of it. Default is the primary's only replica.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Reader { get; set; }

    /// <summary>Region pair that the primary belongs to: the pair, its name or the path of its file. Default is the open run's, else the imported one.</summary>
    [Parameter]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var pair = FindPair(Pair, ResourceId);
        var request = new VirtualEndpointRequest { EndpointId = ResourceId, Reader = Reader, Pair = pair };
        if (Approved((observer, token) => Engine.PlanVirtualEndpointAsync(connection, request, observer, token)) is not { } plan) return;
        WriteObject(Await((observer, token) => Engine.ExecuteAsync(connection, plan, new ExecutionOptions(RunFor(pair), Pair: pair), observer, token)));
    }
}
