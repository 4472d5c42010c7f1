using System.Runtime.InteropServices;

namespace Highflame.Dr.Shell;

/// <summary>
/// Ctrl-C and SIGTERM: the first stops the running pipeline and gives it <see cref="Grace"/> to end; the second, or the end of
/// the grace, ends the program at once. Exit codes as a Unix shell gives them: 128 + signal number.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly Func<bool> _stopRunning;
    private readonly Action<int> _endProcess;
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Timer _deadline;
    private int _exitCode;

    /// <param name="stopRunning">Asks the running pipeline to stop without waiting; false when none runs.</param>
    /// <param name="endProcess">Ends the program with a code.</param>
    public Interrupts(Func<bool> stopRunning, Action<int> endProcess)
    {
        _stopRunning = stopRunning;
        _endProcess = endProcess;
        _deadline = new Timer(_ => _endProcess(_exitCode));
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        ];
    }

    /// <summary>The code to end with when a signal stopped the run, else null.</summary>
    public int? ExitCode => _exitCode == 0 ? null : _exitCode;

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        var code = context.Signal == PosixSignal.SIGTERM ? 143 : 130;
        var again = Interlocked.Exchange(ref _exitCode, code) != 0;
        if (again || !_stopRunning())
            _endProcess(code);
        else
            _deadline.Change(Grace, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Forgets an interrupt that did its work: the prompt goes on.</summary>
    public void Reset()
    {
        _exitCode = 0;
        _deadline.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _deadline.Dispose();
    }
}
