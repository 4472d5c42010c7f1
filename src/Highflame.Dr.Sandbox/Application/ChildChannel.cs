using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>
/// The child's side of the talk with the sandbox: JSON lines on standard input and output. The end of standard input is the end of the sandbox, however it
/// came about, and so the end of the child.
/// </summary>
internal sealed class ChildChannel : IDisposable
{
    private readonly StreamReader _input = new(Console.OpenStandardInput());
    private readonly Stream _output = Console.OpenStandardOutput();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly PosixSignalRegistration _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, static context => context.Cancel = true);

    /// <summary>The settings: the first line.</summary>
    public async Task<T> ReadSettingsAsync<T>(JsonTypeInfo<T> type) =>
        await _input.ReadLineAsync().ConfigureAwait(false) is { } line && JsonSerializer.Deserialize(line, type) is { } settings
            ? settings
            : throw new InvalidOperationException("The sandbox ended before it had said what to do.");

    public Task SayReadyAsync() => SendAsync(new ChildAnswer(0));

    /// <summary>Answers commands until standard input ends.</summary>
    public async Task ServeAsync(Func<ChildCommand, Task<JsonElement?>> answer)
    {
        while (await _input.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            var command = JsonSerializer.Deserialize(line, ChildJson.Default.ChildCommand)!;
            ChildAnswer reply;
            try
            {
                reply = new ChildAnswer(command.Id, await answer(command).ConfigureAwait(false));
            }
            catch (Exception failure) when (failure is IOException or InvalidOperationException or NotSupportedException)
            {
                reply = new ChildAnswer(command.Id, Error: failure.Message);
            }

            await SendAsync(reply).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _input.Dispose();
        _output.Dispose();
        _turn.Dispose();
    }

    private async Task SendAsync(ChildAnswer answer)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            await _output.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer, ChildJson.Default.ChildAnswer)).ConfigureAwait(false);
            await _output.WriteAsync("\n"u8.ToArray()).ConfigureAwait(false);
            await _output.FlushAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The sandbox is gone; the end of standard input follows.
        }
        finally
        {
            _turn.Release();
        }
    }
}
