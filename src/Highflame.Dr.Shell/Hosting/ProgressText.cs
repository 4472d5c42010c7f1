using System.Globalization;
using System.Management.Automation;

namespace Highflame.Dr.Shell.Hosting;

internal static class ProgressText
{
    /// <summary>A record in one line: activity, status, operation, percentage and time left, as far as they are known.</summary>
    public static string Of(ProgressRecord record)
    {
        var text = record.Activity.Trim();
        if (!string.IsNullOrWhiteSpace(record.StatusDescription))
            text += ": " + record.StatusDescription.Trim();
        if (!string.IsNullOrWhiteSpace(record.CurrentOperation))
            text += ", " + record.CurrentOperation.Trim();
        if (record.PercentComplete >= 0)
            text += string.Create(CultureInfo.InvariantCulture, $" ({record.PercentComplete}%)");
        if (record.SecondsRemaining >= 0)
            text += string.Create(CultureInfo.InvariantCulture, $" {record.SecondsRemaining} s left");
        return text.ReplaceLineEndings(" ");
    }
}
