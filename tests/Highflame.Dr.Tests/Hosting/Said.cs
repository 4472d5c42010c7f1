using System.Text.Json;

namespace Highflame.Dr.Tests.Hosting;

/// <summary>
/// Writes down everything that a shell of this suite showed, in all streams and with every exception, where HFDR_RECORD_DIR names a folder: the last tests search it for
/// secrets.
/// </summary>
internal static class Said
{
    private static readonly object s_gate = new();

    public static ShellResult Keep(ShellResult result)
    {
        if (Environment.GetEnvironmentVariable("HFDR_RECORD_DIR") is not { Length: > 0 } record) return result;
        IEnumerable<string> lines =
        [
            .. result.Lines, .. result.Prompts, .. result.Warnings, .. result.Verbose, .. result.Information,
            .. result.Progress.Select(p => $"{p.Activity} {p.StatusDescription} {p.CurrentOperation}"),
            .. result.Errors.Select(e => $"{e.FullyQualifiedErrorId} {e} {e.TargetObject} {e.ErrorDetails?.RecommendedAction} {e.Exception}"),
            .. result.Output.Select(Words),
        ];
        lock (s_gate)
        {
            var folder = Directory.CreateDirectory(Path.Combine(record, "said")).FullName;
            File.AppendAllLines(Path.Combine(folder, $"{Environment.ProcessId}.log"), lines);
        }

        return result;
    }

    private static string Words(System.Management.Automation.PSObject? output)
    {
        // Records of the module in full; anything else as it shows itself.
        if (output?.BaseObject is not { } value) return "";
        return value.GetType().Namespace?.StartsWith("Highflame.Dr", StringComparison.Ordinal) == true && value.GetType().Assembly == typeof(IDrEngine).Assembly
            ? $"{value} {JsonSerializer.Serialize(value, value.GetType())}"
            : $"{value}";
    }
}
