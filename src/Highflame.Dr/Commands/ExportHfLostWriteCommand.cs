using System.Management.Automation;
using Highflame.Dr.Evidence;

namespace Highflame.Dr.Commands;

/// <summary>
/// Writes the rows of the lost transactions as JSON lines, for salvage by people: database, table, key, transaction, values. Nothing is ever written back by itself.
/// They are users' data: a file is readable by its owner only, a blob by those who have a role on its container.
/// </summary>
[Cmdlet(VerbsData.Export, "HfLostWrite", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(LostWriteExport))]
public sealed class ExportHfLostWriteCommand : DrLossCmdlet
{
    private readonly HashSet<string> _done = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>File to write, or the https URL of a blob; default is beside the journal of the run that failed over, wherever that is kept.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var request = Request();
        // Lost writes from the pipeline are many and name the same two servers: the file is written once.
        if (!_done.Add($"{request.Pair.Name}|{request.OldPrimary}")) return;
        string? path = Path is null ? null : FullPlace(Path);
        if (!ShouldProcess(path ?? "a file beside the journal", $"Write the rows that {request.OldPrimary ?? "the old primary"} has and the promoted server does not")) return;
        WriteObject(Await((observer, token) => Engine.ExportLostWritesAsync(connection, request, path, RunOf(request.Pair), observer, token)));
    }
}
