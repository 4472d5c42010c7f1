using Highflame.Dr.Shell.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Shell.Tests;

/// <summary>A terminal over two writers. Plain, as for a log.</summary>
internal sealed class TestTerminal
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    /// <param name="answers">What a person would type; null means that nobody can be asked.</param>
    public TestTerminal(params string[]? answers)
        : this(Reader(answers ?? []), canAsk: answers is not null)
    {
    }

    public TestTerminal(Func<string?> readLine, bool canAsk = true) => Terminal = new ShellTerminal(
        ShellTerminal.For(_output, redirected: true),
        ShellTerminal.For(_error, redirected: true),
        readLine,
        canAsk,
        Time);

    public FakeTimeProvider Time { get; } = new();

    public ShellTerminal Terminal { get; }

    public string Output => _output.ToString().ReplaceLineEndings("\n");

    public string Error => _error.ToString().ReplaceLineEndings("\n");

    private static Func<string?> Reader(string[] answers)
    {
        var lines = new Queue<string>(answers);
        return () => lines.TryDequeue(out var line) ? line : null;
    }
}
