namespace Highflame.Dr.Engine.Documentation.Content;

/// <summary>A piece of the document, said once and written in each form. Texts may hold `code` and **strong** words; nothing else is markup.</summary>
internal abstract record Block;

/// <param name="Level">1 is the title.</param>
/// <param name="Text">Words.</param>
/// <param name="Id">Anchor, unique in the document.</param>
internal sealed record Heading(int Level, string Text, string Id) : Block;

internal enum Tone
{
    Plain,
    Note,

    /// <summary>A reason not to go on.</summary>
    Stop,
}

internal sealed record Paragraph(string Text, Tone Tone = Tone.Plain) : Block;

/// <param name="Items">One line each.</param>
/// <param name="Boxes">True: each has a box to tick.</param>
internal sealed record Bullets(IReadOnlyList<string> Items, bool Boxes = false) : Block;

/// <param name="Caption">What it shows; read out first.</param>
/// <param name="Columns">Heads.</param>
/// <param name="Rows">The first cell names the row.</param>
internal sealed record Table(string Caption, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows) : Block;

/// <param name="Svg">The picture for the page.</param>
/// <param name="Lines">The same in text, for Markdown.</param>
internal sealed record Picture(string Svg, IReadOnlyList<string> Lines) : Block;

/// <summary>Lines for a pen.</summary>
internal sealed record WriteDown(IReadOnlyList<string> Labels) : Block;

/// <summary>One numbered step with a box to tick.</summary>
/// <param name="Number">For example A7.</param>
/// <param name="Title">What is done.</param>
/// <param name="Body">How.</param>
/// <param name="NoReturn">True: it cannot be undone.</param>
internal sealed record Step(string Number, string Title, IReadOnlyList<Block> Body, bool NoReturn = false) : Block
{
    public string Id => "step-" + Number.ToLowerInvariant();
}

/// <summary>A command to type, whole and to the letter.</summary>
/// <param name="Way">Where it is typed, for example <c>With az</c>.</param>
/// <param name="Language">bash or sql.</param>
/// <param name="Kind">az, rest, curl, psql, or the host name of the database that the statement is for.</param>
/// <param name="Text">The command.</param>
internal sealed record Command(string Way, string Language, string Kind, string Text) : Block;

/// <summary>What the command before must answer.</summary>
/// <param name="Answer">Part of the answer, to the letter.</param>
/// <param name="Repeat">True: type it again until it does.</param>
/// <param name="Note">More about it.</param>
internal sealed record Expectation(string Answer, bool Repeat = false, string? Note = null) : Block;

/// <summary>On paper a new page begins.</summary>
internal sealed record NewPage : Block;
