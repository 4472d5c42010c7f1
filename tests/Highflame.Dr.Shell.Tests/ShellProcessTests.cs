using System.Diagnostics;

namespace Highflame.Dr.Shell.Tests;

/// <summary>The program itself, as a process: exit codes, streams, native commands, signals.</summary>
public sealed class ShellProcessTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("hf-shell-").FullName;
    private readonly List<Process> _started = [];

    public void Dispose()
    {
        foreach (var process in _started)
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
            }

            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Command_NativeProgram_StreamsAndSetsTheExitCode()
    {
        var (code, output, error) = await Run("-Command", "dotnet --version; \"code $LASTEXITCODE\"; $captured = dotnet --version; \"captured $captured\"; dotnet nonesuch-command 2>$null >$null; exit $LASTEXITCODE");

        Assert.Equal("", error);
        var lines = output.TrimEnd().Split('\n', StringSplitOptions.TrimEntries);
        Assert.Equal([lines[0], "code 0", "captured " + lines[0]], lines);
        Assert.Matches(@"^\d+\.\d+\.\d+", lines[0]);
        Assert.NotEqual(0, code);
    }

    [Fact]
    public async Task Script_Errors_GoToStandardErrorWithoutEscapeCodes()
    {
        var script = Path.Combine(_folder, "s.ps1");
        await File.WriteAllTextAsync(script, "'result'; Write-Warning 'careful'; throw 'boom'");

        var (code, output, error) = await Run(script);

        Assert.Equal((1, "result\n"), (code, output));
        Assert.Contains("WARNING: careful", error, StringComparison.Ordinal);
        Assert.Contains("boom at s.ps1:1", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', error);
    }

    [Fact]
    public async Task Command_NativeProgramThatWritesToStandardError_IsNoError()
    {
        if (OperatingSystem.IsWindows())
            return; // The program is a Unix shell.

        var (code, output, error) = await Run("-Command", "$ErrorActionPreference = 'Stop'; sh -c 'echo note >&2; echo result'; \"code $LASTEXITCODE\"");

        Assert.Equal((0, "result\ncode 0\n", "note\n"), (code, output, error));
    }

    [Fact]
    public async Task Command_UnknownCommand_EndsWithOne()
    {
        var (code, _, error) = await Run("-Command", "nonesuch-command");

        Assert.Equal(1, code);
        Assert.Contains("nonesuch-command", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-INT", 130)]
    [InlineData("-TERM", 143)]
    public async Task Script_Signal_StopsItAndRunsItsFinally(string signal, int expected)
    {
        if (OperatingSystem.IsWindows())
            return; // Windows has no kill; there Ctrl-C reaches the same handler.
        var script = Path.Combine(_folder, "wait.ps1");
        await File.WriteAllTextAsync(script, "try { 'waiting'; while ($true) { [Threading.Thread]::Sleep(20) } } finally { [IO.File]::WriteAllText(\"$PSScriptRoot/finally\", 'ran') }");
        var shell = Start(script);

        Assert.Equal("waiting", await shell.StandardOutput.ReadLineAsync().WaitAsync(Patience));
        using (var kill = Process.Start("kill", [signal, shell.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync().WaitAsync(Patience);
        await shell.WaitForExitAsync().WaitAsync(Patience);

        Assert.Equal(expected, shell.ExitCode);
        Assert.True(File.Exists(Path.Combine(_folder, "finally")));
    }

    [Fact]
    public async Task Script_SecondSignal_EndsAtOnce()
    {
        if (OperatingSystem.IsWindows())
            return;
        var script = Path.Combine(_folder, "stubborn.ps1");
        await File.WriteAllTextAsync(script, "try { 'waiting'; while ($true) { [Threading.Thread]::Sleep(20) } } finally { [Console]::Out.WriteLine('cleaning'); [Threading.Thread]::Sleep(600000) }");
        var shell = Start(script);
        var pid = shell.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);

        foreach (var awaited in new[] { "waiting", "cleaning" })
        {
            Assert.Equal(awaited, await shell.StandardOutput.ReadLineAsync().WaitAsync(Patience));
            using var kill = Process.Start("kill", ["-INT", pid]);
            await kill.WaitForExitAsync().WaitAsync(Patience);
        }

        var clock = Stopwatch.StartNew();
        await shell.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(130, shell.ExitCode);
        Assert.True(clock.Elapsed < Interrupts.Grace, $"took {clock.Elapsed}");
    }

    private Process Start(params string[] arguments)
    {
        // A runner that was itself started in the background ignores Ctrl-C, and its children inherit that: take it back.
        var start = new ProcessStartInfo(OperatingSystem.IsLinux() ? "env" : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = _folder,
        };
        if (OperatingSystem.IsLinux())
        {
            start.ArgumentList.Add("--default-signal=INT");
            start.ArgumentList.Add("dotnet");
        }

        start.ArgumentList.Add(typeof(ShellSession).Assembly.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        _started.Add(process);
        return process;
    }

    private async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        var shell = Start(arguments);
        shell.StandardInput.Close();
        var output = shell.StandardOutput.ReadToEndAsync();
        var error = shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync().WaitAsync(Patience);
        return (shell.ExitCode, (await output).ReplaceLineEndings("\n"), (await error).ReplaceLineEndings("\n"));
    }
}
