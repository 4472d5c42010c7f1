using System.Management.Automation.Host;

namespace Highflame.Dr.Shell.Hosting;

/// <summary>The little the engine's formatting asks of the screen: its size and its colours.</summary>
internal sealed class ShellRawUserInterface(ShellTerminal terminal) : PSHostRawUserInterface
{
    private const ConsoleColor OwnColour = (ConsoleColor)(-1);

    public override Size BufferSize { get => WindowSize; set { } }

    public override Size WindowSize { get => new(terminal.Width, terminal.Height); set { } }

    public override Size MaxWindowSize => WindowSize;

    public override Size MaxPhysicalWindowSize => WindowSize;

    public override Coordinates WindowPosition { get; set; }

    public override Coordinates CursorPosition { get; set; }

    public override int CursorSize { get; set; } = 25;

    public override ConsoleColor ForegroundColor { get; set; } = OwnColour;

    public override ConsoleColor BackgroundColor { get; set; } = OwnColour;

    public override string WindowTitle { get; set; } = "Highflame.Dr";

    public override bool KeyAvailable => false;

    public override void FlushInputBuffer()
    {
    }

    public override KeyInfo ReadKey(ReadKeyOptions options) => throw new NotSupportedException("This shell reads lines, not single keys.");

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException("This shell cannot read the screen back.");

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
        throw new NotSupportedException("This shell does not scroll parts of the screen.");

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) =>
        throw new NotSupportedException("This shell does not write to parts of the screen.");

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
    {
    }
}
