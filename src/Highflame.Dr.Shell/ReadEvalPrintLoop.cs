using System.Management.Automation.Language;
using System.Text;
using Highflame.Dr.Shell.Hosting;

namespace Highflame.Dr.Shell;

/// <summary>The prompt: reads complete statements from the terminal and runs them until <c>exit</c> or the end of input.</summary>
internal sealed class ReadEvalPrintLoop(ShellSession session, ShellTerminal terminal, Action? afterEach = null)
{
    public int Run()
    {
        session.ImportBuiltModule();
        while (ReadStatement() is { } text)
        {
            if (string.IsNullOrWhiteSpace(text))
                continue;
            session.RunLine(text);
            afterEach?.Invoke();
            if (session.ExitRequested is { } code)
                return code;
        }

        return 0;
    }

    private string? ReadStatement()
    {
        var text = new StringBuilder();
        while (true)
        {
            terminal.Prompt(text.Length == 0 ? "PS> " : ">> ");
            if (terminal.ReadLine() is not { } line)
                return text.Length == 0 ? null : text.ToString();
            text.AppendLine(line);
            Parser.ParseInput(text.ToString(), out _, out var errors);
            if (!errors.Any(error => error.IncompleteInput))
                return text.ToString();
        }
    }
}
