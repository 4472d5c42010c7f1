using System.Management.Automation;
using Spectre.Console;

namespace Highflame.Dr.Shell.Hosting;

/// <summary>
/// The terminal as the shell sees it. Results and Write-Host go to standard output; errors, warnings, verbose text and progress go
/// to standard error, so that a redirected output holds results only. Writes nothing but plain text when the stream is not a terminal.
/// </summary>
internal sealed class ShellTerminal
{
    private readonly Lock _gate = new();
    private readonly IAnsiConsole _output;
    private readonly IAnsiConsole _error;
    private readonly Func<string?> _readLine;
    private readonly IProgressView _progress;
    private bool _outputAtLineStart = true;

    /// <param name="canAsk">True when somebody can answer: standard input is a terminal.</param>
    public ShellTerminal(IAnsiConsole output, IAnsiConsole error, Func<string?> readLine, bool canAsk, TimeProvider time)
    {
        _output = output;
        _error = error;
        _readLine = readLine;
        CanAsk = canAsk;
        _progress = error.Profile.Capabilities.Ansi ? new LiveProgress(error, time) : new PlainProgress(error.Profile.Out.Writer, time);
    }

    public bool CanAsk { get; }

    /// <summary>True when results may carry escape sequences: a terminal, and NO_COLOR is not set.</summary>
    public bool Decorated => _output.Profile.Capabilities is { Ansi: true, ColorSystem: not ColorSystem.NoColors };

    /// <summary>Columns for tables: those of the terminal, or enough for a log.</summary>
    public int Width => _output.Profile.Out.IsTerminal ? Math.Max(40, _output.Profile.Out.Width) : 160;

    public int Height => _output.Profile.Out.IsTerminal ? Math.Max(10, _output.Profile.Out.Height) : 50;

    public static ShellTerminal OfThisProcess() => new(
        For(Console.Out, Console.IsOutputRedirected),
        For(Console.Error, Console.IsErrorRedirected),
        Console.ReadLine,
        canAsk: !Console.IsInputRedirected,
        TimeProvider.System);

    /// <summary>A console over a writer: without escape sequences when it is redirected, without colours under NO_COLOR.</summary>
    public static IAnsiConsole For(TextWriter writer, bool redirected)
    {
        var plain = redirected || string.Equals(Environment.GetEnvironmentVariable("TERM"), "dumb", StringComparison.Ordinal);
        var colourless = plain || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = colourless ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
    }

    public string? ReadLine() => _readLine();

    /// <summary>Shows a question without ending the line, when somebody is there to read it.</summary>
    public void Prompt(string text)
    {
        if (CanAsk)
            Write(text, Style.Plain);
    }

    public void Write(string text, Style style)
    {
        lock (_gate)
        {
            _progress.Clear();
            Put(_output, text, style);
            if (text.Length > 0)
                _outputAtLineStart = text[^1] == '\n';
        }
    }

    public void WriteLine(string text, Style style) => Write(text + Environment.NewLine, style);

    public void WarningLine(string text) => ErrorStreamLine("WARNING: " + text, new Style(Color.Yellow));

    public void VerboseLine(string text) => ErrorStreamLine("VERBOSE: " + text, new Style(Color.Teal));

    public void DebugLine(string text) => ErrorStreamLine("DEBUG: " + text, new Style(decoration: Decoration.Dim));

    /// <summary>A line for standard error as it is.</summary>
    public void PlainErrorLine(string text) => ErrorStreamLine(text, Style.Plain);

    public void ErrorLine(string text) => ErrorStreamLine(text, new Style(Color.Red));

    public void Error(ErrorRecord record)
    {
        var text = ErrorText.Of(record);
        ErrorStreamLine(text.Message, new Style(Color.Red));
        if (text.RecommendedAction is not null)
            ErrorStreamLine("  Next: " + text.RecommendedAction, Style.Plain);
        ErrorStreamLine("  " + text.Origin, new Style(decoration: Decoration.Dim));
    }

    public void Error(RuntimeException failure)
    {
        if (failure is ParseException { Errors: { Length: > 0 } mistakes })
        {
            foreach (var mistake in mistakes)
                ErrorStreamLine($"{mistake.Extent.File ?? "line"}:{mistake.Extent.StartLineNumber}:{mistake.Extent.StartColumnNumber} {mistake.Message}", new Style(Color.Red));
            return;
        }

        Error(failure.ErrorRecord);
    }

    public void Progress(long sourceId, ProgressRecord record)
    {
        lock (_gate)
        {
            if (_output.Profile.Out.IsTerminal && !_outputAtLineStart)
                return;
            _progress.Report(sourceId, record);
        }
    }

    /// <summary>Takes live progress off the screen: something else is about to write, or the work ended.</summary>
    public void ClearProgress()
    {
        lock (_gate)
            _progress.Clear();
    }

    private void ErrorStreamLine(string text, Style style)
    {
        lock (_gate)
        {
            _progress.Clear();
            Put(_error, text + Environment.NewLine, style);
        }
    }

    // Text goes out as it is: Spectre's own rendering would wrap it at the terminal's width, and copied lines would break.
    private static void Put(IAnsiConsole console, string text, Style style)
    {
        var writer = console.Profile.Out.Writer;
        if (console.Profile.Capabilities.Ansi && !style.Equals(Style.Plain))
            console.Write(new UnwrappedText(text, style));
        else
            writer.Write(text);
        writer.Flush();
    }
}
