using System.Management.Automation.Host;
using System.Text;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Watching;

/// <summary>Where the board goes: a terminal, where it is drawn over the last one, or anything else, which gets a line whenever something changes.</summary>
internal sealed class BoardScreen
{
    private readonly PSHostUserInterface _ui;
    private readonly bool _inPlace;
    private readonly Dictionary<string, string> _said = new(StringComparer.OrdinalIgnoreCase);
    private int _drawn;

    /// <param name="ui">The host's.</param>
    /// <param name="isTerminal">False where the output goes to a file or a pipe.</param>
    public BoardScreen(PSHostUserInterface ui, Func<bool> isTerminal)
    {
        _ui = ui;
        _inPlace = ui.SupportsVirtualTerminal && isTerminal();
    }

    public void Show(IReadOnlyList<WatchEvent> found, long round)
    {
        if (!_inPlace)
        {
            foreach (var one in found)
            {
                var key = $"{one.Verdict} {one.Phase} {one.Action} {one.Active} {string.Join(' ', one.Refusals.Select(r => r.Code))}";
                if (_said.TryGetValue(one.Name, out var last) && last == key) continue;
                _said[one.Name] = key;
                _ui.WriteLine(WatchBoard.Short(one));
            }

            return;
        }

        var (width, height) = Size();
        // A line as wide as the terminal would wrap, and a board higher than it could not be drawn over.
        var lines = WatchBoard.Lines(found, round, width - 1).Take(height - 1).ToArray();
        var text = new StringBuilder();
        if (_drawn > 0) text.Append('\e').Append('[').Append(_drawn).Append('A').Append('\r');
        foreach (var line in lines) text.Append(Painted(line)).Append("\e[K\n");
        text.Append("\e[J");
        _ui.Write(text.ToString());
        _drawn = lines.Length;
    }

    /// <summary>The last board stays; what is written next goes below it.</summary>
    public void End() => _drawn = 0;

    private (int Width, int Height) Size()
    {
        try
        {
            var size = _ui.RawUI.WindowSize;
            return (size.Width > 20 ? size.Width : 80, size.Height > 5 ? size.Height : 25);
        }
        catch (Exception e) when (e is HostException or NotImplementedException or NotSupportedException or InvalidOperationException or NullReferenceException)
        {
            return (80, 25);
        }
    }

    private static string Painted(BoardLine line) => line.Tone switch
    {
        BoardTone.Good => $"\e[32m{line.Text}\e[0m",
        BoardTone.Bad => $"\e[31m{line.Text}\e[0m",
        BoardTone.Warning => $"\e[33m{line.Text}\e[0m",
        BoardTone.Faint => $"\e[2m{line.Text}\e[0m",
        BoardTone.Title => $"\e[1m{line.Text}\e[0m",
        _ => line.Text,
    };
}
