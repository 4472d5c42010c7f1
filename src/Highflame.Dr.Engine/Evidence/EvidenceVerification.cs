using System.Text;
using System.Text.Json;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;

namespace Highflame.Dr.Engine.Evidence;

/// <summary>Proves a journal or an evidence file from its own text: no run store, and for a file no connection.</summary>
internal static class EvidenceVerification
{
    /// <summary>Errors: HfEvidenceNotFound when it cannot be read, HfEvidenceUnknown when it is neither.</summary>
    public static EvidenceCheck Check(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new DrException("HfEvidenceNotFound", DrErrorKind.NotFound, $"The file cannot be read: {e.Message}", path, "Give the path of a journal (journal.jsonl) or of an evidence file (evidence.json).", e);
        }

        return Check(bytes, path);
    }

    /// <summary>The same of a blob. Errors: HfEvidenceNotFound when it cannot be read, HfEvidenceUnknown when it is neither.</summary>
    public static async Task<EvidenceCheck> CheckAsync(BlobFiles blobs, Uri blob, CancellationToken cancellationToken)
    {
        try
        {
            return Check(await blobs.ReadAsync(blob, cancellationToken).ConfigureAwait(false), BlobFiles.Shown(blob));
        }
        catch (Exception e) when (BlobFiles.IsTrouble(e))
        {
            throw new DrException("HfEvidenceNotFound", BlobFiles.IsRefused(e) ? DrErrorKind.PermissionDenied : DrErrorKind.NotFound, $"The blob cannot be read: {BlobFiles.Why(e)}", BlobFiles.Shown(blob),
                "Give the address of a journal (journal.jsonl) or of an evidence file (evidence.json), and the signed-in principal the role Storage Blob Data Reader on the container.", e);
        }
    }

    internal static EvidenceCheck Check(byte[] bytes, string path)
    {
        if (TryReadEvidence(bytes) is { } evidence) return OfEvidence(evidence, Encoding.UTF8.GetString(bytes), path);
        var content = JournalReader.Read(bytes);
        if (content.Lines.Count == 0 && !Encoding.UTF8.GetString(bytes).Contains("\"prev\":", StringComparison.Ordinal))
            throw new DrException("HfEvidenceUnknown", DrErrorKind.MalformedData, "The file is neither a journal nor an evidence file of this module.", path, "Give the path of a journal (journal.jsonl) or of an evidence file (evidence.json).");
        return OfJournal(content, "Journal", path);
    }

    private static EvidenceCheck OfJournal(JournalContent content, string kind, string path)
    {
        var problem = content.Problem ?? (content.TornIsWhole ? $"line {content.Lines.Count + 1} is not as it was written" : null);
        return new EvidenceCheck
        {
            Path = path,
            Kind = kind,
            Intact = problem is null,
            RunId = content.Lines.Count > 0 ? JournalState.Fold(content.Lines).RunId : null,
            ProvenLines = content.Lines.Count,
            FirstBadLine = problem is null ? null : content.ProblemLine ?? content.Lines.Count + 1,
            Problem = problem,
            TornBytes = problem is null ? content.TornBytes : 0,
            LastHash = content.LastHash,
        };
    }

    // First the journal inside, because that names the line; then what the document says of it; then its seal.
    private static EvidenceCheck OfEvidence(RunEvidence evidence, string text, string path)
    {
        var content = JournalReader.Read(Encoding.UTF8.GetBytes(string.Join('\n', evidence.Journal) + "\n"));
        var check = OfJournal(content, "Evidence", path);
        if (!check.Intact) return check;
        var state = JournalState.Fold(content.Lines);
        var problem =
            evidence.JournalHash != content.LastHash ? "the journal in it ends with another line than the document says"
            : evidence.RunId != state.RunId || evidence.Mode != state.Mode.ToString() || evidence.To != state.To ? "run, mode or target are not those of the journal in it"
            : !SameSteps(evidence.Steps, state.Steps) ? "the steps are not those of the journal in it"
            : EvidenceSeal.Of(text) != evidence.Seal ? "the document is not as it was sealed"
            : null;
        return check with { Intact = problem is null, Problem = problem };
    }

    private static bool SameSteps(IReadOnlyList<StepResult> told, IReadOnlyList<StepResult> journaled) =>
        JsonSerializer.Serialize(told, JournalJson.Line) == JsonSerializer.Serialize(journaled, JournalJson.Line);

    private static RunEvidence? TryReadEvidence(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<RunEvidence>(bytes, JournalJson.Document) is { Journal.Length: > 0 } evidence ? evidence : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
