using Markdig;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Highflame.Dr.HelpGen;

/// <summary>Reads a cmdlet's page in the layout of platyPS 0.14 and says, with file and line, what it lacks.</summary>
internal sealed class PageReader
{
    private static readonly MarkdownPipeline Markdown = new MarkdownPipelineBuilder().UseYamlFrontMatter().UsePipeTables().Build();

    private readonly string _file;
    private readonly List<HelpProblem> _problems;

    private PageReader(string file, List<HelpProblem> problems)
    {
        _file = file;
        _problems = problems;
    }

    /// <returns>The page, or null when it lacks something; then the problems grew.</returns>
    public static HelpPage? Read(string file, string text, List<HelpProblem> problems)
    {
        var before = problems.Count;
        var page = new PageReader(file, problems).Read(Parse(text));
        return problems.Count == before ? page : null;
    }

    public static MarkdownDocument Parse(string text) => Markdig.Markdown.Parse(text.ReplaceLineEndings("\n"), Markdown);

    private HelpPage Read(MarkdownDocument document)
    {
        var blocks = document.Where(block => block is not YamlFrontMatterBlock).ToList();
        foreach (var block in blocks.OfType<LeafBlock>().Where(block => block is not CodeBlock && PlainText.Of(block).Contains("{{", StringComparison.Ordinal)))
            Problem(block, "a placeholder is still to be written");

        var title = blocks.OfType<HeadingBlock>().FirstOrDefault(heading => heading.Level == 1);
        var name = title is null ? "" : PlainText.Of(title);
        var expected = Path.GetFileNameWithoutExtension(_file);
        if (name != expected)
            Problem(title, $"the first heading is '# {name}', expected '# {expected}'");

        var sections = Sections(blocks, 2).ToDictionary(section => section.Title, StringComparer.OrdinalIgnoreCase);
        return new(
            expected,
            Text(sections, "SYNOPSIS"),
            Required(sections, "SYNTAX").SelectMany(Syntax).ToList(),
            Text(sections, "DESCRIPTION"),
            Sections(Required(sections, "EXAMPLES"), 3).Select(Example).ToList(),
            Sections(Required(sections, "PARAMETERS"), 3).Where(section => section.Title.StartsWith('-')).Select(Parameter).ToList(),
            Sections(Required(sections, "INPUTS"), 3).Select(Type).ToList(),
            Sections(Required(sections, "OUTPUTS"), 3).Select(Type).ToList(),
            PlainText.Paragraphs(Required(sections, "NOTES", mayBeEmpty: true)).ToList(),
            Required(sections, "RELATED LINKS", mayBeEmpty: true).SelectMany(Links).Select(Link).ToList());
    }

    private List<string> Text(Dictionary<string, Section> sections, string title) => PlainText.Paragraphs(Required(sections, title)).ToList();

    private IReadOnlyList<Block> Required(Dictionary<string, Section> sections, string title, bool mayBeEmpty = false)
    {
        if (!sections.TryGetValue(title, out var section))
        {
            Problem(null, $"the section '## {title}' is missing");
            return [];
        }

        if (section.Blocks.Count == 0 && !mayBeEmpty)
            Problem(section.Heading, $"the section '## {title}' is empty");
        return section.Blocks;
    }

    private IEnumerable<HelpSyntax> Syntax(Block block)
    {
        if (block is not FencedCodeBlock code)
            yield break;
        var line = PlainText.Code(code).ReplaceLineEndings(" ").Trim();
        if (SyntaxLine.TryParse(line) is { } syntax)
            yield return syntax;
        else
            Problem(block, $"the syntax cannot be read: {line}");
    }

    private HelpExample Example(Section section)
    {
        var code = section.Blocks.OfType<FencedCodeBlock>().ToList();
        if (code.Count == 0)
            Problem(section.Heading, $"the example '{section.Title}' has no code block");
        var remarks = PlainText.Paragraphs(section.Blocks.Where(block => block is not FencedCodeBlock)).ToList();
        if (remarks.Count == 0)
            Problem(section.Heading, $"the example '{section.Title}' says nothing about its code");
        return new(section.Title, string.Join("\n", code.Select(PlainText.Code)), remarks);
    }

    private HelpParameter Parameter(Section section)
    {
        var name = section.Title.TrimStart('-').Trim();
        var text = PlainText.Paragraphs(section.Blocks.Where(block => !IsYaml(block))).ToList();
        if (text.Count == 0)
            Problem(section.Heading, $"the parameter -{name} is not described");
        var data = section.Blocks.Where(IsYaml).Cast<FencedCodeBlock>().Select(block => Data(name, block)).ToList();
        if (data.Count == 0)
            Problem(section.Heading, $"the parameter -{name} has no yaml block");
        return new(name, text, data);
    }

    private static bool IsYaml(Block block) => block is FencedCodeBlock { Info: "yaml" };

    private HelpParameterData Data(string parameter, FencedCodeBlock block)
    {
        var values = PlainText.Code(block).Split('\n')
            .Select(line => line.Split(':', 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0].Trim(), pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
        foreach (var key in new[] { "Type", "Parameter Sets", "Aliases", "Required", "Position", "Default value", "Accept pipeline input", "Accept wildcard characters" })
        {
            if (!values.ContainsKey(key))
                Problem(block, $"the yaml block of -{parameter} lacks '{key}:'");
        }

        return new(
            values.GetValueOrDefault("Type", ""),
            values.GetValueOrDefault("Parameter Sets", ""),
            List(values.GetValueOrDefault("Aliases")),
            List(values.GetValueOrDefault("Accepted values")),
            values.GetValueOrDefault("Required") is "True",
            values.GetValueOrDefault("Position", "Named"),
            values.GetValueOrDefault("Default value", "None"),
            values.GetValueOrDefault("Accept pipeline input", "False"),
            values.GetValueOrDefault("Accept wildcard characters") is "True");
    }

    private static string[] List(string? text) => (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private HelpType Type(Section section) => new(section.Title, PlainText.Paragraphs(section.Blocks).ToList());

    private static IEnumerable<LinkInline> Links(Block block) => block switch
    {
        LeafBlock { Inline: { } inline } => inline.Descendants<LinkInline>(),
        ContainerBlock container => container.SelectMany(Links),
        _ => [],
    };

    private static HelpLink Link(LinkInline link) => new(
        string.Concat(link.Descendants<LiteralInline>().Select(literal => literal.Content.ToString())),
        link.Url is { } url && PlainText.IsAddress(url) ? url : "");

    private void Problem(Block? at, string message) => _problems.Add(new(_file, (at?.Line ?? 0) + 1, message));

    private static IEnumerable<Section> Sections(IEnumerable<Block> blocks, int level)
    {
        Section? current = null;
        foreach (var block in blocks)
        {
            if (block is HeadingBlock heading && heading.Level <= level)
            {
                if (current is not null)
                    yield return current;
                current = heading.Level == level ? new(PlainText.Of(heading), heading, []) : null;
            }
            else
            {
                current?.Blocks.Add(block);
            }
        }

        if (current is not null)
            yield return current;
    }

    private sealed record Section(string Title, HeadingBlock Heading, List<Block> Blocks);
}
