using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace Highflame.Dr.Tests.Hosting;

/// <summary>A host that shows nothing and keeps what was to be shown. Every prompt is answered with <see cref="Answer"/>.</summary>
internal sealed class CapturingHost : PSHost
{
    private readonly CapturingUI _ui;

    public CapturingHost() => _ui = new CapturingUI(this);

    /// <summary>Answer to a confirmation: Y, A, N, L. Null means that a prompt is an error.</summary>
    public string? Answer { get; set; }

    /// <summary>Lines that were to be shown, ANSI sequences taken out.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>Lines of errors that were to be shown.</summary>
    public ConcurrentQueue<string> ErrorLines { get; } = new();

    /// <summary>Caption and message of each prompt.</summary>
    public ConcurrentQueue<string> Prompts { get; } = new();

    public ConcurrentQueue<ProgressRecord> Progress { get; } = new();

    public int? ExitCode { get; private set; }

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "Highflame.Dr.Tests";

    public override PSHostUserInterface UI => _ui;

    public override Version Version { get; } = new(1, 0);

    public void Clear()
    {
        Lines.Clear();
        Prompts.Clear();
        ErrorLines.Clear();
        Progress.Clear();
        _ui.Flush();
        Lines.Clear();
        ExitCode = null;
    }

    /// <summary>Ends a line that was begun and not ended.</summary>
    public void Flush() => _ui.Flush();

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    private sealed class CapturingUI(CapturingHost host) : PSHostUserInterface
    {
        private string _line = "";

        public override PSHostRawUserInterface RawUI { get; } = new FixedRawUI();

        public void Flush()
        {
            if (_line.Length > 0) WriteLine("");
        }

        public override void Write(string value)
        {
            lock (host)
            {
                string[] parts = (_line + value).Replace("\r", "", StringComparison.Ordinal).Split('\n');
                foreach (string part in parts[..^1]) host.Lines.Enqueue(Plain(part));
                _line = parts[^1];
            }
        }

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

        public override void WriteLine(string value) => Write(value + "\n");

        // The pipeline's own streams are captured from the engine; what a host would show of them is not kept twice.
        public override void WriteErrorLine(string value) => host.ErrorLines.Enqueue(Plain(value));

        public override void WriteDebugLine(string message)
        {
        }

        public override void WriteVerboseLine(string message)
        {
        }

        public override void WriteWarningLine(string message)
        {
        }

        public override void WriteProgress(long sourceId, ProgressRecord record) => host.Progress.Enqueue(record);

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            host.Prompts.Enqueue($"{caption}\n{message}");
            if (host.Answer is not { } answer) throw new InvalidOperationException($"Unexpected prompt: {message}");
            for (int i = 0; i < choices.Count; i++)
                if (choices[i].Label.Contains('&' + answer, StringComparison.OrdinalIgnoreCase)) return i;
            throw new InvalidOperationException($"No choice '{answer}' in: {string.Join(", ", choices.Select(c => c.Label))}");
        }

        public override string ReadLine() => throw new NotSupportedException("Nobody is there to type.");

        public override SecureString ReadLineAsSecureString() => throw new NotSupportedException("Nobody is there to type.");

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
            throw new InvalidOperationException($"Prompted for {string.Join(", ", descriptions.Select(d => d.Name))}");

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
            throw new NotSupportedException();

        public override PSCredential PromptForCredential(
            string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
            throw new NotSupportedException();

        private static string Plain(string line) => System.Text.RegularExpressions.Regex.Replace(line, "\u001b\\[[0-9;]*m", "").TrimEnd();
    }

    private sealed class FixedRawUI : PSHostRawUserInterface
    {
        public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

        public override Size BufferSize { get; set; } = new(160, 5000);

        public override Coordinates CursorPosition { get; set; }

        public override int CursorSize { get; set; } = 1;

        public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

        public override bool KeyAvailable => false;

        public override Size MaxPhysicalWindowSize => WindowSize;

        public override Size MaxWindowSize => WindowSize;

        public override Coordinates WindowPosition { get; set; }

        public override Size WindowSize { get; set; } = new(160, 50);

        public override string WindowTitle { get; set; } = "";

        public override void FlushInputBuffer()
        {
        }

        public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException();

        public override KeyInfo ReadKey(ReadKeyOptions options) => throw new NotSupportedException();

        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill)
        {
        }

        public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
        {
        }

        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents)
        {
        }
    }
}
