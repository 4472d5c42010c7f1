using System.Management.Automation;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Highflame.Dr.Shell.Hosting;

/// <summary>Progress on a terminal: one line an activity, redrawn in place, gone when the work is done or something else writes.</summary>
internal sealed class LiveProgress(IAnsiConsole console, TimeProvider time) : IProgressView
{
    private const int BarWidth = 20;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(60);

    private readonly SortedDictionary<(long Source, int Activity), ProgressRecord> _active = [];
    private int _drawn;
    private long _drawnAt;

    public void Report(long sourceId, ProgressRecord record)
    {
        var key = (sourceId, record.ActivityId);
        var completed = record.RecordType == ProgressRecordType.Completed;
        var changesRows = completed ? _active.Remove(key) : _active.TryAdd(key, record);
        if (!completed)
            _active[key] = record;
        if (!changesRows && _drawn > 0 && time.GetElapsedTime(_drawnAt) < Interval)
            return;
        Clear();
        foreach (var row in _active.Values)
            console.Write(new UnwrappedLine(Segments(row)));
        _drawn = _active.Count;
        _drawnAt = time.GetTimestamp();
    }

    public void Clear()
    {
        if (_drawn == 0)
            return;
        // Up to the first of our lines, then erase to the end of the screen.
        console.Profile.Out.Writer.Write($"\e[{_drawn}A\r\e[J");
        console.Profile.Out.Writer.Flush();
        _drawn = 0;
    }

    // A line as wide as the terminal would wrap, and could not be erased: one column stays free.
    private List<Segment> Segments(ProgressRecord record)
    {
        var room = Math.Max(10, console.Profile.Width - 1);
        var segments = new List<Segment>();
        if (record.PercentComplete >= 0)
        {
            var done = Math.Clamp(record.PercentComplete * BarWidth / 100, 0, BarWidth);
            segments.Add(new Segment(new string('━', done), new Style(Color.Green)));
            segments.Add(new Segment(new string('━', BarWidth - done) + " ", new Style(Color.Grey)));
            room -= BarWidth + 1;
        }

        var text = ProgressText.Of(record);
        segments.Add(new Segment(text.Length > room ? text[..Math.Max(0, room - 1)] + "…" : text, new Style(Color.Teal)));
        return segments;
    }

    private sealed class UnwrappedLine(List<Segment> segments) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => new(0, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => segments.Append(Segment.LineBreak);
    }
}
