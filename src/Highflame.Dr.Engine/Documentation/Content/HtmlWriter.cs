using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Highflame.Dr.Engine.Documentation.Content;

/// <summary>The document as one page: style and picture inside, no script, and a policy that forbids the browser any request.</summary>
internal static partial class HtmlWriter
{
    /// <param name="title">Title of the page.</param>
    /// <param name="footer">Stands on each printed page, beside its number.</param>
    /// <param name="blocks">What it says.</param>
    public static string Write(string title, string footer, IReadOnlyList<Block> blocks)
    {
        var body = new StringBuilder();
        var open = 0;
        foreach (var block in blocks)
        {
            // Sections follow the second-level headings, so that a reader can go from one to the next.
            if (block is Heading { Level: 2 } or NewPage && open > 0)
            {
                body.Append("</section>\n");
                open = 0;
            }

            if (block is NewPage)
            {
                body.Append("<div class=\"page\"></div>\n");
                continue;
            }

            if (block is Heading { Level: 2 } section)
            {
                body.Append("<section aria-labelledby=\"").Append(section.Id).Append("\">\n");
                open = 1;
            }

            Append(body, block);
            if (block is Heading { Level: 1 }) AppendContents(body, blocks);
        }

        if (open > 0) body.Append("</section>\n");
        var pages = $"@page{{@bottom-left{{content:\"{StyleText(footer)}\";font:8pt sans-serif}}@bottom-right{{content:\"page \" counter(page) \" of \" counter(pages);font:8pt sans-serif}}}}";
        return $$"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="color-scheme" content="light dark">
            <meta name="generator" content="Highflame.Dr">
            <link rel="icon" href="data:,">
            <title>{{Encode(title)}}</title>
            <style>
            {{PageStyle.Text}}
            {{pages}}
            </style>
            </head>
            <body>
            <main>
            {{body}}</main>
            </body>
            </html>

            """;
    }

    private static void AppendContents(StringBuilder body, IReadOnlyList<Block> blocks)
    {
        body.Append("<nav aria-label=\"Contents\"><ol>\n");
        foreach (var heading in blocks.OfType<Heading>().Where(h => h.Level == 2))
            body.Append("<li><a href=\"#").Append(heading.Id).Append("\">").Append(Inline(heading.Text)).Append("</a></li>\n");
        body.Append("</ol></nav>\n");
    }

    private static void Append(StringBuilder body, Block block)
    {
        switch (block)
        {
            case Heading heading:
                body.Append($"<h{heading.Level} id=\"{heading.Id}\">{Inline(heading.Text)}</h{heading.Level}>\n");
                break;
            case Paragraph { Tone: Tone.Stop } stop:
                body.Append($"<p class=\"stop\"><strong>STOP</strong> {Inline(stop.Text)}</p>\n");
                break;
            case Paragraph paragraph:
                body.Append($"<p{(paragraph.Tone == Tone.Note ? " class=\"note\"" : "")}>{Inline(paragraph.Text)}</p>\n");
                break;
            case Bullets list:
                body.Append(list.Boxes ? "<ul class=\"boxes\">\n" : "<ul>\n");
                foreach (var item in list.Items) body.Append(list.Boxes ? $"<li><label><input type=\"checkbox\"> <span>{Inline(item)}</span></label></li>\n" : $"<li>{Inline(item)}</li>\n");
                body.Append("</ul>\n");
                break;
            case Table table:
                Append(body, table);
                break;
            case Picture picture:
                body.Append("<figure tabindex=\"0\">\n").Append(picture.Svg).Append("</figure>\n");
                break;
            case WriteDown lines:
                body.Append("<ul class=\"pen\">\n");
                foreach (var label in lines.Labels) body.Append($"<li><span>{Inline(label)}</span><span class=\"line\"></span></li>\n");
                body.Append("</ul>\n");
                break;
            case Step step:
                body.Append($"<article class=\"step{(step.NoReturn ? " noreturn" : "")}\" aria-labelledby=\"{step.Id}\">\n<h3 id=\"{step.Id}\"><label><input type=\"checkbox\"> <span class=\"number\">{step.Number}</span> <span>{Inline(step.Title)}</span></label>{(step.NoReturn ? " <span class=\"flag\">no way back</span>" : "")}</h3>\n");
                foreach (var part in step.Body) Append(body, part);
                body.Append("</article>\n");
                break;
            case Command command:
                body.Append($"<div class=\"command {command.Language}\"><p class=\"way\">{Inline(command.Way)}</p><pre><code>{Encode(command.Text)}</code></pre></div>\n");
                break;
            case Expectation expectation:
                body.Append($"<p class=\"expect\"><strong>{(expectation.Repeat ? "Repeat until" : "Expect")}</strong> <code>{Encode(expectation.Answer)}</code>{(expectation.Note is null ? "" : " " + Inline(expectation.Note))}</p>\n");
                break;
            default:
                throw new NotSupportedException(block.GetType().Name);
        }
    }

    private static void Append(StringBuilder body, Table table)
    {
        body.Append($"<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{Encode(table.Caption)}\"><table class=\"columns{table.Columns.Count}\"><caption>{Inline(table.Caption)}</caption>\n<thead><tr>");
        foreach (var column in table.Columns) body.Append($"<th scope=\"col\">{Inline(column)}</th>");
        body.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in table.Rows)
        {
            body.Append("<tr>");
            for (var i = 0; i < row.Count; i++) body.Append(i == 0 ? $"<th scope=\"row\">{Inline(row[i])}</th>" : $"<td>{Inline(row[i])}</td>");
            body.Append("</tr>\n");
        }

        body.Append("</tbody></table></div>\n");
    }

    // Letters, digits and harmless marks only: no quote, backslash or tag gets into the style.
    private static string StyleText(string text) => string.Concat(text.Where(c => char.IsAsciiLetterOrDigit(c) || " -_.:,".Contains(c, StringComparison.Ordinal)));

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    private static string Inline(string text) => Strong().Replace(Code().Replace(Encode(text), "<code>$1</code>"), "<strong>$1</strong>");

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\*\*([^*]+)\*\*")]
    private static partial Regex Strong();
}
