using System.Diagnostics;
using Highflame.Dr.Soak.Child;

namespace Highflame.Dr.Soak.Play;

/// <summary>How a runbook process ended.</summary>
/// <param name="ExitCode">Of the runbook; 137 when it was killed.</param>
/// <param name="KilledAt">The moment of the journal where it killed itself; null when it did not.</param>
internal sealed record Ending(int ExitCode, string? KilledAt);

/// <summary>The player's side of a <see cref="RunbookChild"/>. All that it says goes to a file.</summary>
internal sealed class RunbookProcess : IDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StreamWriter _log;
    private readonly Task _reading;
    private readonly Task<string> _complaints;
    private Func<string, Task> _hold = _ => Task.CompletedTask;
    private string? _killedAt;

    private RunbookProcess(Process process, string log)
    {
        _process = process;
        Log = log;
        _log = new StreamWriter(new FileStream(log, FileMode.Create, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
        _complaints = process.StandardError.ReadToEndAsync();
        _reading = Task.Run(ReadAsync);
    }

    public string Log { get; }

    public static RunbookProcess Start(string sandboxFile, string log)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        foreach (var argument in new[] { "exec", typeof(RunbookProcess).Assembly.Location, "runbook", sandboxFile }) start.ArgumentList.Add(argument);
        // One short life: what the compiler would make better is not run often enough.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_gcServer"] = "0";
        return new RunbookProcess(Process.Start(start)!, log);
    }

    /// <summary>Signed in and waiting for its orders, or ended already.</summary>
    public Task ReadyAsync() => Task.WhenAny(_ready.Task, _reading);

    /// <summary>Runs the runbook to its end or to its death. <paramref name="hold"/> is called while it holds still; it goes on when that returns.</summary>
    public async Task<Ending> RunAsync(Orders orders, Func<string, Task>? hold, TimeSpan limit)
    {
        _hold = hold ?? _hold;
        await ReadyAsync();
        await TellAsync(orders.ToLine());
        using var patience = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"The runbook did not end in {limit.TotalSeconds:0} s. See {Log}.");
        }

        await _reading;
        await _log.WriteLineAsync($"stderr: {await _complaints}");
        await _log.WriteLineAsync($"exit: {_process.ExitCode}");
        return new Ending(_process.ExitCode, _killedAt);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _log.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            await _log.WriteLineAsync(line);
            if (line == "READY") _ready.TrySetResult();
            else if (line.StartsWith("KILL ", StringComparison.Ordinal)) _killedAt = line[5..];
            else if (line.StartsWith("HOLD ", StringComparison.Ordinal))
            {
                await _hold(line[5..]);
                await TellAsync("GO");
            }
        }
    }

    private async Task TellAsync(string line)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(line);
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // It is gone: its exit code tells.
        }
    }
}
