using System.Text;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Highflame.Dr.HelpGen;

/// <summary>Markdown to the plain paragraphs that a console shows.</summary>
internal static class PlainText
{
    public static IEnumerable<string> Paragraphs(IEnumerable<Block> blocks) => blocks.SelectMany(Paragraphs);

    public static string Of(LeafBlock block) => block.Inline is null ? "" : Of(block.Inline).Trim();

    public static string Code(LeafBlock block) => block.Lines.ToString().TrimEnd().ReplaceLineEndings("\n");

    private static IEnumerable<string> Paragraphs(Block block) => block switch
    {
        CodeBlock code => [Code(code)],
        ListBlock list => list.OfType<ListItemBlock>().Select((item, index) => (list.IsOrdered ? $"{index + 1}. " : "- ") + string.Join("\n  ", Paragraphs(item.AsEnumerable()))),
        Table table => table.OfType<TableRow>().Select(row => string.Join("  ", row.OfType<TableCell>().Select(cell => string.Join(' ', Paragraphs(cell.AsEnumerable()))))),
        QuoteBlock quote => Paragraphs(quote.AsEnumerable()),
        LeafBlock leaf => [Of(leaf)],
        _ => [],
    };

    private static string Of(ContainerInline container)
    {
        var text = new StringBuilder();
        foreach (var inline in container)
        {
            text.Append(inline switch
            {
                LiteralInline literal => literal.Content.ToString(),
                CodeInline code => code.Content,
                LineBreakInline => inline is LineBreakInline { IsHard: true } ? "\n" : " ",
                AutolinkInline link => link.Url,
                LinkInline { Url: { } url } link when IsAddress(url) && Of(link) != url => $"{Of(link)} ({url})",
                HtmlEntityInline entity => entity.Transcoded.ToString(),
                ContainerInline inner => Of(inner),
                _ => "",
            });
        }

        return text.ToString();
    }

    public static bool IsAddress(string url) => url.Contains("://", StringComparison.Ordinal);
}
