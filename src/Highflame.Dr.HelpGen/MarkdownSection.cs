using System.Text;

namespace Highflame.Dr.HelpGen;

/// <summary>A piece of a page from one heading to the next, as text, so that what is not rewritten stays letter for letter.</summary>
internal sealed class MarkdownSection
{
    /// <summary>The heading's words; empty for what stands before the first heading.</summary>
    public required string Title { get; init; }

    private string Heading { get; init; } = "";

    public string Body { get; set; } = "";

    /// <summary>Cuts at every line that begins with the mark and is not inside a fenced block.</summary>
    public static IReadOnlyList<MarkdownSection> Split(string text, string mark)
    {
        var sections = new List<MarkdownSection>();
        var current = new MarkdownSection { Title = "" };
        var body = new StringBuilder();
        var fenced = false;
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            if (line.StartsWith("```", StringComparison.Ordinal))
                fenced = !fenced;
            if (!fenced && line.StartsWith(mark, StringComparison.Ordinal))
            {
                current.Body = body.ToString();
                sections.Add(current);
                body.Clear();
                current = new MarkdownSection { Title = line[mark.Length..].Trim(), Heading = line + "\n" };
            }
            else
            {
                body.Append(line).Append(i < lines.Length - 1 ? "\n" : "");
            }
        }

        current.Body = body.ToString();
        sections.Add(current);
        return sections;
    }

    /// <summary>The body without its yaml blocks.</summary>
    public string WithoutYaml()
    {
        var kept = new List<string>();
        var inside = false;
        foreach (var line in Body.Split('\n'))
        {
            if (line.StartsWith("```yaml", StringComparison.Ordinal))
                inside = true;
            else if (inside && line.StartsWith("```", StringComparison.Ordinal))
                inside = false;
            else if (!inside)
                kept.Add(line);
        }

        return string.Join('\n', kept).Trim();
    }

    public override string ToString() => Heading + Body;
}
