using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Documentation;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// Writes the document of a region pair, as Markdown and as one self-contained HTML page: endpoints, a picture, Traffic Manager, parity, readiness, and a paper runbook with the exact commands
/// for the day on which this module itself cannot run.
/// </summary>
[Cmdlet(VerbsData.Export, "HfRegionDocument", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(RegionDocument))]
public sealed class ExportHfRegionDocumentCommand : DrFleetCmdlet
{
    /// <summary>Region pair: the pair, its status, its name or the path of its file. Default is the only imported pair.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Folder to write into; it is made when it is missing. Default is the current location. The files are named after the pair.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = ".";

    /// <summary>Forms to write; default is both.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public DocumentFormat[] Format { get; set; } = [DocumentFormat.Markdown, DocumentFormat.Html];

    /// <summary>Parts to leave out.</summary>
    [Parameter]
    public DocumentPart[] Skip { get; set; } = [];

    private protected override void Process()
    {
        var connection = Connection;
        var pair = RequirePair(Pair);
        string folder = FullPath(Path);
        if (!ShouldProcess(folder, $"Write the document of the regions of '{pair.Name}'")) return;
        var request = new RegionDocumentRequest { Pair = pair, Folder = folder, Formats = Format, Skip = Skip };
        AwaitBeside((observer, token) => Engine.ExportRegionDocumentAsync(connection, request, observer, token), WriteObject);
    }
}
