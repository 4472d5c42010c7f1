using System.Text.Json;
using Highflame.Dr.Engine.Execution;

namespace Highflame.Dr.Engine.Evidence;

/// <summary>Evidence and reports on disk: indented JSON, written as a whole.</summary>
internal static class EvidenceFile
{
    /// <summary>Errors: HfEvidenceNotWritten.</summary>
    public static void Write<T>(string path, T content) => WriteText(path, JsonSerializer.Serialize(content, JournalJson.Document) + "\n");

    /// <summary>Errors: HfEvidenceNotWritten.</summary>
    public static void WriteText(string path, string text)
    {
        try
        {
            DurableFile.WriteText(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new DrException("HfEvidenceNotWritten", DrErrorKind.OperationFailed, $"The file cannot be written: {e.Message}", path, "Give another -Path.", e);
        }
    }
}
