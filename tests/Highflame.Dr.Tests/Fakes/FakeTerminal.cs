using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace Highflame.Dr.Tests.Fakes;

/// <summary>A terminal that does what the few control codes of a board say, so that a test sees what a person would.</summary>
internal sealed class FakeTerminal(int width, int height) : PSHostUserInterface
{
    private readonly List<string> _lines = [""];
    private int _row;
    private int _column;

    /// <summary>What is shown, colours taken out.</summary>
    public IReadOnlyList<string> Screen => _lines;

    /// <summary>How many lines have gone off the top.</summary>
    public int Scrolled { get; private set; }

    public override bool SupportsVirtualTerminal => true;

    public override PSHostRawUserInterface RawUI { get; } = new Raw(width, height);

    public override void Write(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            switch (value[i])
            {
                case '\r':
                    _column = 0;
                    break;
                case '\n':
                    (_row, _column) = (_row + 1, 0);
                    if (_row == _lines.Count) _lines.Add("");
                    if (_lines.Count > height + Scrolled) Scrolled++;
                    break;
                case '\e':
                    var end = i + 2;
                    while (!char.IsAsciiLetter(value[end])) end++;
                    Control(value[end], value[(i + 2)..end]);
                    i = end;
                    break;
                default:
                    var line = _lines[_row].PadRight(_column);
                    _lines[_row] = line[.._column] + value[i] + (line.Length > _column + 1 ? line[(_column + 1)..] : "");
                    _column++;
                    break;
            }
        }
    }

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

    public override void WriteLine(string value) => Write(value + "\n");

    public override void WriteErrorLine(string value) => throw new NotSupportedException();

    public override void WriteDebugLine(string message) => throw new NotSupportedException();

    public override void WriteVerboseLine(string message) => throw new NotSupportedException();

    public override void WriteWarningLine(string message) => throw new NotSupportedException();

    public override void WriteProgress(long sourceId, ProgressRecord record) => throw new NotSupportedException();

    public override string ReadLine() => throw new NotSupportedException();

    public override SecureString ReadLineAsSecureString() => throw new NotSupportedException();

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw new NotSupportedException();

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) => throw new NotSupportedException();

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw new NotSupportedException();

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw new NotSupportedException();

    private void Control(char code, string argument)
    {
        switch (code)
        {
            case 'A':
                _row = Math.Max(0, _row - int.Parse(argument, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case 'K':
                _lines[_row] = _lines[_row][..Math.Min(_column, _lines[_row].Length)];
                break;
            case 'J':
                _lines[_row] = _lines[_row][..Math.Min(_column, _lines[_row].Length)];
                for (var row = _row + 1; row < _lines.Count; row++) _lines[row] = "";
                break;
            case 'm':
                break;
            default:
                throw new NotSupportedException($"The terminal does not know the control code {code}.");
        }
    }

    private sealed class Raw(int width, int height) : PSHostRawUserInterface
    {
        public override ConsoleColor BackgroundColor { get; set; }

        public override Size BufferSize { get; set; } = new(width, height);

        public override Coordinates CursorPosition { get; set; }

        public override int CursorSize { get; set; }

        public override ConsoleColor ForegroundColor { get; set; }

        public override bool KeyAvailable => false;

        public override Size MaxPhysicalWindowSize => WindowSize;

        public override Size MaxWindowSize => WindowSize;

        public override Coordinates WindowPosition { get; set; }

        public override Size WindowSize { get; set; } = new(width, height);

        public override string WindowTitle { get; set; } = "";

        public override void FlushInputBuffer()
        {
        }

        public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException();

        public override KeyInfo ReadKey(ReadKeyOptions options) => throw new NotSupportedException();

        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) => throw new NotSupportedException();

        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw new NotSupportedException();

        public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw new NotSupportedException();
    }
}
