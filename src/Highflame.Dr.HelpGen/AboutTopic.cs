using System.Text;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;

namespace Highflame.Dr.HelpGen;

/// <summary>An about topic: markdown to the indented plain text that Get-Help about_* shows.</summary>
internal static class AboutTopic
{
    private const int Width = 80;
    private const string Indent = "    ";

    public static string ToText(string file, string markdown, List<HelpProblem> problems)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        var document = PageReader.Parse(markdown);
        var blocks = document.Where(block => block is not YamlFrontMatterBlock).ToList();
        if (blocks.OfType<HeadingBlock>().FirstOrDefault() is not { Level: 1 } title || PlainText.Of(title) != name)
            problems.Add(new(file, 1, $"the first heading must be '# {name}'"));
        if (!blocks.OfType<HeadingBlock>().Any(heading => heading.Level == 2 && PlainText.Of(heading).Equals("SHORT DESCRIPTION", StringComparison.OrdinalIgnoreCase)))
            problems.Add(new(file, 1, "the section '## SHORT DESCRIPTION' is missing"));

        var text = new StringBuilder();
        foreach (var block in blocks)
        {
            switch (block)
            {
                case HeadingBlock { Level: 1 } heading:
                    text.Append("TOPIC\n").Append(Indent).Append(PlainText.Of(heading)).Append("\n\n");
                    break;
                case HeadingBlock { Level: 2 } heading:
                    text.Append(PlainText.Of(heading).ToUpperInvariant()).Append('\n');
                    break;
                case HeadingBlock heading:
                    text.Append("  ").Append(PlainText.Of(heading)).Append('\n');
                    break;
                case CodeBlock code:
                    foreach (var line in PlainText.Code(code).Split('\n'))
                        text.Append((Indent + Indent + line).TrimEnd()).Append('\n');
                    text.Append('\n');
                    break;
                default:
                    foreach (var paragraph in PlainText.Paragraphs([block]))
                        text.Append(Wrap(paragraph)).Append(block is ParagraphBlock ? "\n" : "");
                    if (block is not ParagraphBlock)
                        text.Append('\n');
                    break;
            }
        }

        return text.ToString();
    }

    private static string Wrap(string paragraph)
    {
        var text = new StringBuilder();
        var hanging = paragraph.StartsWith("- ", StringComparison.Ordinal) ? Indent + "  " : Indent;
        var column = 0;
        foreach (var word in paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (column > 0 && column + 1 + word.Length > Width)
            {
                text.Append('\n');
                column = 0;
            }

            var lead = column > 0 ? " " : text.Length == 0 ? Indent : hanging;
            text.Append(lead).Append(word);
            column += lead.Length + word.Length;
        }

        return text.Append('\n').ToString();
    }
}
