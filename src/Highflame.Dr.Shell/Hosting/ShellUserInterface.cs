using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Internal;
using System.Security;
using Spectre.Console;

namespace Highflame.Dr.Shell.Hosting;

/// <summary>Brings what the engine writes and asks to the terminal.</summary>
internal sealed class ShellUserInterface(ShellTerminal terminal) : PSHostUserInterface
{
    public override PSHostRawUserInterface RawUI { get; } = new ShellRawUserInterface(terminal);

    public override bool SupportsVirtualTerminal => terminal.Decorated;

    public override void Write(string value) => terminal.Write(Shown(value), Style.Plain);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        terminal.Write(value, StyleOf(foregroundColor, backgroundColor));

    public override void WriteLine() => terminal.WriteLine("", Style.Plain);

    public override void WriteLine(string value) => terminal.WriteLine(Shown(value), Style.Plain);

    public override void WriteLine(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        terminal.WriteLine(value, StyleOf(foregroundColor, backgroundColor));

    public override void WriteErrorLine(string value) => terminal.ErrorLine(value);

    public override void WriteWarningLine(string message) => terminal.WarningLine(message);

    public override void WriteVerboseLine(string message) => terminal.VerboseLine(message);

    public override void WriteDebugLine(string message) => terminal.DebugLine(message);

    public override void WriteProgress(long sourceId, ProgressRecord record) => terminal.Progress(sourceId, record);

    public override string ReadLine() => Ask("Read-Host");

    public override SecureString ReadLineAsSecureString() =>
        throw new HostException("This shell does not read secrets from the terminal. Pass the secret as a parameter or an environment variable.");

    /// <summary>Asks for mandatory parameters that were not given.</summary>
    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        var answers = new Dictionary<string, PSObject>();
        var missing = string.Join(", ", descriptions.Select(field => "-" + field.Name));
        if (!terminal.CanAsk)
            throw new HostException($"A value is needed for {missing}, and nobody can be asked: standard input is not a terminal.");
        ShowQuestion(caption, message);
        foreach (var field in descriptions)
        {
            terminal.Prompt(field.Name + ": ");
            answers[field.Name] = PSObject.AsPSObject(Ask("-" + field.Name));
        }

        return answers;
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        if (!terminal.CanAsk)
            throw new HostException($"Confirmation is needed, and nobody can be asked: standard input is not a terminal. Add -Confirm:$false to go on without it. The question was: {caption} {message}".ReplaceLineEndings(" "));

        var offered = choices.Select(choice => new OfferedChoice(choice)).ToArray();
        ShowQuestion(caption, message);
        while (true)
        {
            terminal.Prompt(string.Join("  ", offered.Select(choice => choice.Text))
                + (defaultChoice >= 0 ? $" (default is {offered[defaultChoice].Key}): " : ": "));
            var answer = Ask("the confirmation").Trim();
            if (answer.Length == 0 && defaultChoice >= 0)
                return defaultChoice;
            var chosen = Array.FindIndex(offered, choice => choice.Matches(answer));
            if (chosen >= 0)
                return chosen;
            foreach (var choice in choices)
                terminal.WriteLine($"  {choice.Label.Replace("&", "", StringComparison.Ordinal)}: {choice.HelpMessage}", Style.Plain);
        }
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        throw new HostException("This shell does not ask for credentials. Pass them as a parameter.");

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
        PromptForCredential(caption, message, userName, targetName);

    private void ShowQuestion(string caption, string message)
    {
        if (!string.IsNullOrWhiteSpace(caption))
            terminal.WriteLine(caption, new Style(decoration: Decoration.Bold));
        if (!string.IsNullOrWhiteSpace(message))
            terminal.WriteLine(message, Style.Plain);
    }

    private string Ask(string what) => terminal.CanAsk
        ? terminal.ReadLine() ?? throw new HostException($"Standard input ended before an answer was given for {what}.")
        : throw new HostException($"An answer is needed for {what}, and nobody can be asked: standard input is not a terminal.");

    // The engine's tables carry escape sequences; a file or a pipe must not.
    private string Shown(string value) =>
        terminal.Decorated ? value : new StringDecorated(value).ToString(OutputRendering.PlainText);

    // -1 is the engine's word for "the terminal's own colour"; a black background is what it says when none was asked for.
    private static Style StyleOf(ConsoleColor foreground, ConsoleColor background) => new(
        Enum.IsDefined(foreground) ? Color.FromConsoleColor(foreground) : null,
        Enum.IsDefined(background) && background != ConsoleColor.Black ? Color.FromConsoleColor(background) : null);

    /// <summary>A choice with its key: the letter after the ampersand of its label.</summary>
    private sealed class OfferedChoice
    {
        private readonly string _word;

        public OfferedChoice(ChoiceDescription choice)
        {
            var mark = choice.Label.IndexOf('&', StringComparison.Ordinal);
            _word = choice.Label.Replace("&", "", StringComparison.Ordinal);
            Key = mark >= 0 && mark + 1 < choice.Label.Length ? choice.Label[mark + 1].ToString() : _word;
            Text = $"[{Key}] {_word}";
        }

        public string Key { get; }

        public string Text { get; }

        public bool Matches(string answer) =>
            answer.Equals(Key, StringComparison.OrdinalIgnoreCase) || answer.Equals(_word, StringComparison.OrdinalIgnoreCase);
    }
}
