using System.Management.Automation;
using Highflame.Dr.Errors;
using Highflame.Dr.Evidence;

namespace Highflame.Dr.Commands;

/// <summary>
/// Proves that a run's journal or evidence file is as it was written, and names the first line that does not fit. A torn last line, as a killed process leaves
/// it, is told and does no harm. Files are read offline; a blob needs a connection.
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "HfEvidence")]
[OutputType(typeof(EvidenceCheck), typeof(bool))]
public sealed class TestHfEvidenceCommand : DrCmdlet
{
    /// <summary>Journals (journal.jsonl) or evidence files (evidence.json), or https URLs of blobs that are such; takes Path, JournalPath and files from the pipeline.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "JournalPath", "EvidencePath")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Answers only true or false.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override void Process()
    {
        foreach (string path in Path)
        {
            Guard(() =>
            {
                var check = BlobAddress(path) is { } blob ? Fetch(blob) : Engine.CheckEvidence(FullPath(path));
                if (Quiet) WriteObject(check.Intact);
                else WriteObject(check);
            });
        }
    }

    private EvidenceCheck Fetch(Uri blob)
    {
        var connection = State.Connection ?? throw DrErrors.NotConnected();
        return Await((_, token) => Engine.CheckEvidenceAsync(connection, blob, token));
    }
}
