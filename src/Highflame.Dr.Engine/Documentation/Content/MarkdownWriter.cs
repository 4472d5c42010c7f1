using System.Text;

namespace Highflame.Dr.Engine.Documentation.Content;

/// <summary>The document as Markdown (CommonMark with tables).</summary>
internal static class MarkdownWriter
{
    public static string Write(IEnumerable<Block> blocks)
    {
        var text = new StringBuilder();
        foreach (var block in blocks) Append(text, block);
        return text.ToString().TrimEnd() + "\n";
    }

    private static void Append(StringBuilder text, Block block)
    {
        switch (block)
        {
            case Heading heading:
                text.Append('#', heading.Level).Append(' ').Append(heading.Text).Append("\n\n");
                break;
            case Paragraph { Tone: Tone.Stop } stop:
                text.Append("> **STOP** ").Append(Words(stop.Text)).Append("\n\n");
                break;
            case Paragraph { Tone: Tone.Note } note:
                text.Append("> ").Append(Words(note.Text)).Append("\n\n");
                break;
            case Paragraph plain:
                text.Append(Words(plain.Text)).Append("\n\n");
                break;
            case Bullets list:
                foreach (var item in list.Items) text.Append(list.Boxes ? "- [ ] " : "- ").Append(Words(item)).Append('\n');
                text.Append('\n');
                break;
            case Table table:
                Append(text, table);
                break;
            case Picture picture:
                text.Append("```text\n").AppendJoin('\n', picture.Lines).Append("\n```\n\n");
                break;
            case WriteDown lines:
                foreach (var label in lines.Labels) text.Append("- ").Append(label).Append(": ").Append('_', 30).Append('\n');
                text.Append('\n');
                break;
            case Step step:
                text.Append("### ☐ ").Append(step.Number).Append(". ").Append(step.Title).Append(step.NoReturn ? " (no way back)" : "").Append("\n\n");
                foreach (var part in step.Body) Append(text, part);
                break;
            case Command command:
                text.Append(command.Way).Append(":\n\n```").Append(command.Language).Append(' ').Append(command.Kind).Append('\n').Append(command.Text).Append("\n```\n\n");
                break;
            case Expectation expectation:
                text.Append(expectation.Repeat ? "**Repeat until** `" : "**Expect** `").Append(expectation.Answer).Append('`').Append(expectation.Note is null ? "" : " " + expectation.Note).Append("\n\n");
                break;
            case NewPage:
                text.Append("---\n\n");
                break;
            default:
                throw new NotSupportedException(block.GetType().Name);
        }
    }

    private static void Append(StringBuilder text, Table table)
    {
        text.Append("**").Append(table.Caption).Append("**\n\n| ").AppendJoin(" | ", table.Columns.Select(Cell)).Append(" |\n|").Insert(text.Length, " --- |", table.Columns.Count).Append('\n');
        foreach (var row in table.Rows) text.Append("| ").AppendJoin(" | ", row.Select(Cell)).Append(" |\n");
        text.Append('\n');
    }

    // Outside of code an angle bracket would begin a tag, and the word would be gone.
    private static string Words(string text) => string.Join('`', text.Split('`').Select((part, i) => i % 2 == 1 ? part : part.Replace("<", "&lt;", StringComparison.Ordinal)));

    private static string Cell(string value) => Words(value).ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);
}
