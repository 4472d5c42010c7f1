using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Errors;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// Reads a region-pair file, checks it against its schema and keeps the pair for this session. The file declares the two regions, the traffic profile,
/// health and objectives; which region is active is always read live.
/// </summary>
[Cmdlet(VerbsData.Import, "HfRegionPair")]
[OutputType(typeof(RegionPair))]
public sealed class ImportHfRegionPairCommand : DrCmdlet
{
    /// <summary>Path of the region-pair file, the https URL of a blob that holds it, or the output of Start-HfSandbox.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PairPath", "FullName")]
    [SandboxPathTransformation(SandboxFile.Pair)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    private protected override void Process()
    {
        var pair = BlobAddress(Path) is { } blob ? Fetch(blob) : Read(FullPath(Path));
        State.Add(pair);
        WriteObject(pair);
    }

    private RegionPair Read(string path) => Await((_, _) => Task.FromResult(Engine.ReadPair(path)));

    private RegionPair Fetch(Uri blob)
    {
        var connection = State.Connection ?? throw DrErrors.NotConnected();
        return Await((_, token) => Engine.FetchPairAsync(connection, blob, token));
    }
}
