using System.Globalization;
using System.Management.Automation.Host;

namespace Highflame.Dr.Shell.Hosting;

/// <summary>The engine's view of this program.</summary>
internal sealed class ShellHost(ShellTerminal terminal) : PSHost
{
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-US");

    /// <summary>The code a script gave to <c>exit</c>, once it did.</summary>
    public int? ExitRequested { get; private set; }

    public override string Name => "Highflame.Dr.Shell";

    public override Version Version => typeof(ShellHost).Assembly.GetName().Version ?? new Version(0, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    /// <summary>Help exists in English; the invariant culture of a slim container must not hide it.</summary>
    public override CultureInfo CurrentUICulture => English;

    public override PSHostUserInterface UI { get; } = new ShellUserInterface(terminal);

    public override void SetShouldExit(int exitCode) => ExitRequested = exitCode;

    /// <summary>A native program is about to write to the terminal itself.</summary>
    public override void NotifyBeginApplication() => terminal.ClearProgress();

    public override void NotifyEndApplication()
    {
    }

    public override void EnterNestedPrompt() =>
        throw new NotSupportedException("This shell has no nested prompt: choose another answer than Suspend.");

    public override void ExitNestedPrompt()
    {
    }
}
