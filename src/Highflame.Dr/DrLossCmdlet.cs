using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Topology;

namespace Highflame.Dr;

/// <summary>A cmdlet that compares an old primary with the server that was promoted in its place.</summary>
public abstract class DrLossCmdlet : DrConnectedCmdlet
{
    private protected DrLossCmdlet()
    {
    }

    /// <summary>Name or resource id of the old primary; default is that of the pair's last forced failover.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("OldPrimaryResourceId")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? OldPrimary { get; set; }

    /// <summary>Region pair whose journals tell of the failover: the pair, its status, its name or the path of its file. Default is the open run's, else the only imported one.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    private protected LostWriteRequest Request() => new(FindPair(Pair, OldPrimary) ?? RequirePair(Pair), OldPrimary);
}
