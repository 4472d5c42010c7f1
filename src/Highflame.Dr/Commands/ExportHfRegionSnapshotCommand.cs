using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Parity;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>Writes what matters of one region to a JSON file, to compare with later (Test-HfParity) or to keep as a record. It holds no secret values.</summary>
[Cmdlet(VerbsData.Export, "HfRegionSnapshot", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(RegionSnapshotFile))]
public sealed class ExportHfRegionSnapshotCommand : DrConnectedCmdlet
{
    /// <summary>Location of the region.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [ValidateNotNullOrEmpty]
    public string Location { get; set; } = "";

    /// <summary>File to write; one that exists is replaced as a whole.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Region pair: the pair, its status, its name or the path of its file. Default is the open run's, else the only imported one.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var pair = RequirePair(Pair);
        var region = RequireRegion(pair, Location);
        string path = FullPath(Path);
        if (!ShouldProcess(path, $"Write a snapshot of {region.Location}")) return;
        var file = Await((observer, token) => Engine.ExportSnapshotAsync(connection, pair, region.Location, path, observer, token));
        foreach (string line in file.Unread) WriteWarning($"Not read: {line}");
        WriteObject(file);
    }
}
