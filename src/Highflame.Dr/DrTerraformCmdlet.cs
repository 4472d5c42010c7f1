using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Topology;

namespace Highflame.Dr;

/// <summary>A cmdlet that writes files for a region's highflame-iac folder.</summary>
/// <typeparam name="T">What it says of the files.</typeparam>
public abstract class DrTerraformCmdlet<T> : DrConnectedCmdlet
{
    private protected DrTerraformCmdlet()
    {
    }

    /// <summary>The region pair: an imported one, its name, or the path of its file. Default is the only imported one.</summary>
    [Parameter(ValueFromPipeline = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Replace files that are there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes for one region, when it may.</summary>
    /// <param name="region">As the user named it.</param>
    /// <param name="path">As the user gave it.</param>
    /// <param name="what">What is written, for the question.</param>
    /// <param name="write">Writes: connection, pair, location, full path.</param>
    private protected void Write(string region, string path, string what, Func<DrConnection, RegionPair, string, string, IDrObserver, CancellationToken, Task<T>> write)
    {
        var connection = Connection;
        var pair = RequirePair(Pair);
        string location = AzureLocation.Normalize(RequireRegion(pair, region).Location);
        string target = FullPath(path);
        if (!ShouldProcess(target, $"Write the {what} of {location}")) return;
        WriteObject(Await((observer, token) => write(connection, pair, location, target, observer, token)));
    }
}
