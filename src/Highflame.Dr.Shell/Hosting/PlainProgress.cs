using System.Management.Automation;

namespace Highflame.Dr.Shell.Hosting;

/// <summary>
/// Progress for a log: one plain line when an activity begins, at most one every <see cref="Interval"/>, and one when it is done.
/// </summary>
internal sealed class PlainProgress(TextWriter writer, TimeProvider time) : IProgressView
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly Dictionary<(long Source, int Activity), (long At, string Line)> _last = [];

    public void Report(long sourceId, ProgressRecord record)
    {
        var key = (sourceId, record.ActivityId);
        var known = _last.TryGetValue(key, out var last);
        if (record.RecordType == ProgressRecordType.Completed)
        {
            if (_last.Remove(key))
                Line($"{Activity(record, last.Line)}: done");
            return;
        }

        var line = ProgressText.Of(record);
        if (known && (line == last.Line || time.GetElapsedTime(last.At) < Interval))
            return;
        _last[key] = (time.GetTimestamp(), line);
        Line(line);
    }

    public void Clear()
    {
    }

    // A completed record may come without a text of its own.
    private static string Activity(ProgressRecord record, string lastLine) =>
        string.IsNullOrWhiteSpace(record.Activity) ? lastLine.Split(": ")[0] : record.Activity;

    private void Line(string text)
    {
        writer.WriteLine(text);
        writer.Flush();
    }
}
