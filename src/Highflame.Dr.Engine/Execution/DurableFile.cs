using System.Text;
using System.Text.Json;

namespace Highflame.Dr.Engine.Execution;

/// <summary>Small files that are replaced as a whole: written aside, flushed to the disk, renamed. A reader sees the old content or the new, never half.</summary>
internal static class DurableFile
{
    /// <summary>True for what a disk does to a writer. .NET has an exception of its own for a file that may not grow any more (EFBIG): a quota, a limit of the process.</summary>
    public static bool IsTrouble(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" };

    public static void Write<T>(string path, T content) => WriteText(path, JsonSerializer.Serialize(content, JournalJson.Document) + "\n");

    public static void WriteText(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var aside = $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(aside, options))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
    }
}
