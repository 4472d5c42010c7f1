using System.Management.Automation;
using Highflame.Dr.Completion;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>Aims the reader of a virtual endpoint at another server; the writer stays with the primary.</summary>
[Cmdlet(VerbsCommon.Set, "HfVirtualEndpoint", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(VirtualEndpoint))]
public sealed class SetHfVirtualEndpointCommand : DrVirtualEndpointCmdlet
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

    private protected override void Process() =>
        Aim(new VirtualEndpointRequest { EndpointId = ResourceId, Reader = Reader, Pair = FindPair(Pair, ResourceId) });
}
