using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Highflame.Dr.Sandbox.Processes;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>The sandbox's side of one child process.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly IDisposable _entry;
    private readonly string _name;
    private readonly string _logPath;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement?>> _waiting = new();
    private readonly Task _reading;
    private readonly Task _logging;
    private long _last;

    private ChildProcess(Process process, IDisposable entry, string name, string logPath, TimeProvider time)
    {
        (_process, _entry, _name, _logPath, _time) = (process, entry, name, logPath, time);
        Ready = Expect(0);
        _logging = Task.Run(LogAsync);
        _reading = Task.Run(ReadAsync);
    }

    public bool IsRunning => !_process.HasExited;

    private Task<JsonElement?> Ready { get; }

    /// <summary>Starts a child mode and returns when it says that it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended or took too long.</exception>
    public static async Task<ChildProcess> StartAsync<T>(
        string mode, string name, T settings, JsonTypeInfo<T> type, SandboxLayout layout, TimeProvider time, CancellationToken cancellationToken)
    {
        var process = Process.Start(OwnProgram.StartInfo(mode)) ?? throw new InvalidOperationException($"The process '{name}' cannot be started.");
        var entry = new ProcessRegister(ProcessRegister.Under(layout.Root)).Add(process, typeof(ChildProcess).Assembly.GetName().Name!);
        var child = new ChildProcess(process, entry, name, Path.Combine(layout.Root, "logs", name + ".log"), time);
        try
        {
            await child.WriteAsync(JsonSerializer.Serialize(settings, type), cancellationToken).ConfigureAwait(false);
            await child.Ready.WaitAsync(LongestStart, time, cancellationToken).ConfigureAwait(false);
            return child;
        }
        catch (Exception failure)
        {
            await child.KillAsync().ConfigureAwait(false);
            if (failure is OperationCanceledException) throw;
            throw new InvalidOperationException($"The process '{name}' did not start: {child.LogTail()}", failure);
        }
    }

    /// <summary>Sends a command and waits for its answer.</summary>
    /// <exception cref="InvalidOperationException">The child refused it, or ended.</exception>
    public async Task<JsonElement?> AskAsync(string command, bool? on, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = Expect(id);
        await WriteAsync(JsonSerializer.Serialize(new ChildCommand(id, command, on), ChildJson.Default.ChildCommand), cancellationToken).ConfigureAwait(false);
        return await answer.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await EndAsync().ConfigureAwait(false);
    }

    /// <summary>Closes the child's standard input, which ends it; kills it when it does not end.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException)
        {
            // It has ended already.
        }

        var end = _process.WaitForExitAsync();
        await Task.WhenAny(end, Task.Delay(LongestEnd, _time)).ConfigureAwait(false);
        if (!end.IsCompleted) _process.Kill();
        await EndAsync().ConfigureAwait(false);
    }

    private Task<JsonElement?> Expect(long id)
    {
        var source = new TaskCompletionSource<JsonElement?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = source;
        // After the end of the child nobody will answer.
        if (_reading is { IsCompleted: true }) Fail();
        return source.Task;
    }

    private async Task WriteAsync(string line, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellationToken).ConfigureAwait(false);
            await _process.StandardInput.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            throw new InvalidOperationException($"The process '{_name}' has ended.", gone);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _process.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                var answer = JsonSerializer.Deserialize(line, ChildJson.Default.ChildAnswer)!;
                if (!_waiting.TryRemove(answer.Id, out var waiting)) continue;
                if (answer.Error is null) waiting.TrySetResult(answer.Body);
                else waiting.TrySetException(new InvalidOperationException(answer.Error));
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException or JsonException)
        {
            // Torn by a kill.
        }

        Fail();
    }

    private void Fail()
    {
        foreach (var id in _waiting.Keys)
        {
            if (_waiting.TryRemove(id, out var waiting)) waiting.TrySetException(new InvalidOperationException($"The process '{_name}' has ended."));
        }
    }

    private async Task LogAsync()
    {
        try
        {
            while (await _process.StandardError.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(_logPath)!);
                await File.AppendAllTextAsync(_logPath, line + Environment.NewLine).ConfigureAwait(false);
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException)
        {
            // The log's directory or the process is gone.
        }
    }

    private async Task EndAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        await Task.WhenAll(_reading, _logging).ConfigureAwait(false);
        _entry.Dispose();
        // The Process object stays: IsRunning may be asked for later. Its handles are freed with it.
    }

    private string LogTail() => File.Exists(_logPath) ? string.Join(" | ", File.ReadLines(_logPath).TakeLast(5)) : "it said nothing";
}
