using Spectre.Console;
using Spectre.Console.Rendering;

namespace Highflame.Dr.Shell.Hosting;

/// <summary>Styled text that keeps its own line breaks and gets no others.</summary>
internal sealed class UnwrappedText(string text, Style style) : IRenderable
{
    public Measurement Measure(RenderOptions options, int maxWidth) => new(0, maxWidth);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (i > 0)
                yield return Segment.LineBreak;
            if (lines[i].Length > 0)
                yield return new Segment(lines[i], style);
        }
    }
}
