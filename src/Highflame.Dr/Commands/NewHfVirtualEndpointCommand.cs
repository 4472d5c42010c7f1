using System.Management.Automation;
using Highflame.Dr.Completion;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>Makes the virtual endpoint of a primary, with its reader aimed at the replica: what a switchover needs.</summary>
[Cmdlet(VerbsCommon.New, "HfVirtualEndpoint", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(VirtualEndpoint))]
public sealed class NewHfVirtualEndpointCommand : DrVirtualEndpointCmdlet
{
    /// <summary>First part of both names, free in all of Azure: NAME.writer.postgres.database.azure.com.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>Resource id or name of the primary. Default is the pair's.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("ResourceId")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Server { get; set; }

    /// <summary>Name or resource id of the server that the reader leads to: the primary or a replica of it. Default is its only replica.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Reader { get; set; }

    private protected override void Process()
    {
        var pair = Server is null ? RequirePair(FindPair(Pair, null)) : FindPair(Pair, Server);
        Aim(new VirtualEndpointRequest { Name = Name, Server = Server, Reader = Reader, Pair = pair });
    }
}
