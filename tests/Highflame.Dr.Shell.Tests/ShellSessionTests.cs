using Highflame.Dr.Shell.Commands;

namespace Highflame.Dr.Shell.Tests;

/// <summary>Scripts in this process, on a terminal that keeps what was written.</summary>
public sealed class ShellSessionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hf-shell-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("exit 0", 0)]
    [InlineData("'fine'", 0)]
    [InlineData("throw 'boom'", 1)]
    [InlineData("Write-Error 'only said'", 0)]
    [InlineData("$ErrorActionPreference = 'Stop'; Write-Error 'ends it'; exit 3", 1)]
    [InlineData("if (", 1)]
    [InlineData("& \"$PSScriptRoot/inner.ps1\"; exit $LASTEXITCODE + 1", 6)]
    [InlineData("& \"$PSScriptRoot/inner.ps1\"; 'goes on'", 0)]
    public void Run_Script_EndsWithItsExitCode(string script, int expected)
    {
        File.WriteAllText(Path.Combine(_folder, "inner.ps1"), "exit 5");

        Assert.Equal(expected, RunScript(script, new TestTerminal(answers: null)));
    }

    [Fact]
    public void Run_ScriptWithParameters_BindsThemAsPwshDoes()
    {
        var terminal = new TestTerminal(answers: null);

        var code = RunScript(
            """
            [CmdletBinding(SupportsShouldProcess)]
            param([Parameter(Position = 0)][ValidateSet('A', 'B')][string] $Task, [string] $Name = 'none', [int] $Code, [switch] $Fast, [switch] $Slow)
            "$Task|$Name|$Code|$Fast|$($PSBoundParameters.ContainsKey('Fast'))|$Slow|$WhatIfPreference|$([IO.Path]::GetFileName($PSCommandPath))"
            """,
            terminal,
            "B", "-Name", "n m", "-Code", "12", "-Fast:$false", "-Slow", "-WhatIf");

        Assert.Equal((0, "B|n m|12|False|True|True|True|script.ps1\n"), (code, terminal.Output));
    }

    [Fact]
    public void Run_ScriptThatDotSources_SeesTheOthersFunctions()
    {
        File.WriteAllText(Path.Combine(_folder, "words.ps1"), "function Say { 'said' }");
        var terminal = new TestTerminal(answers: null);

        RunScript(". \"$PSScriptRoot/words.ps1\"; Say", terminal);

        Assert.Equal("said\n", terminal.Output);
    }

    [Fact]
    public void Run_MissingScript_SaysSo()
    {
        var terminal = new TestTerminal(answers: null);
        using var session = new ShellSession(terminal.Terminal);

        var code = session.Run(CommandLine.Parse([Path.Combine(_folder, "nothing.ps1")]));

        Assert.Equal(64, code);
        Assert.Contains("There is no script", terminal.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_Streams_KeepResultsApartFromTheRest()
    {
        var terminal = new TestTerminal(answers: null);

        RunScript(
            """
            $VerbosePreference = 'Continue'
            Write-Output 1, 2 | ForEach-Object { "item $_" }
            Write-Host 'shown', 'here' -ForegroundColor Green
            Write-Host 'no' -NoNewline; Write-Host ' break'
            Write-Verbose 'detail'
            Write-Warning 'careful'
            Write-Information 'hidden'
            Write-Information 'told' -Tags a, b -InformationAction Continue
            """,
            terminal);

        Assert.Equal("item 1\nitem 2\nshown here\nno break\ntold\n", terminal.Output);
        Assert.Equal("VERBOSE: detail\nWARNING: careful\n", terminal.Error);
    }

    [Fact]
    public void WriteOutput_NoEnumerate_PassesTheCollectionOn()
    {
        var terminal = new TestTerminal(answers: null);

        RunScript("Write-Output @(1, 2, 3) -NoEnumerate | ForEach-Object { $_.Count }; (Write-Output $null) -eq $null; Write-Output (1, 2) 3 | ForEach-Object { \"<$_>\" }", terminal);

        Assert.Equal("3\nTrue\n<1>\n<2>\n<3>\n", terminal.Output);
    }

    [Fact]
    public void WriteError_WithEverything_CarriesIt()
    {
        var terminal = new TestTerminal(answers: null);

        RunScript(
            """
            Write-Error -Message 'No such server.' -ErrorId HfServerNotFound -Category ObjectNotFound -TargetObject s1 -RecommendedAction 'Check the name.' -ErrorVariable seen
            "$($seen[0].CategoryInfo.Category) $($seen[0].TargetObject) $($seen[0].FullyQualifiedErrorId.Split(',')[0])"
            try { Write-Error 'stop' -ErrorAction Stop } catch { "caught $_" }
            try { throw [InvalidOperationException]::new('inner') } catch { Write-Error -ErrorRecord $_ }
            """,
            terminal);

        Assert.Equal("ObjectNotFound s1 HfServerNotFound\ncaught stop\n", terminal.Output);
        Assert.StartsWith("No such server.\n  Next: Check the name.\n  HfServerNotFound at script.ps1:1", terminal.Error, StringComparison.Ordinal);
        Assert.Contains("\ninner\n", terminal.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Error_MessageThatEndsWithTheNextStep_SaysItOnce()
    {
        var terminal = new TestTerminal(answers: null);

        RunScript("Write-Error -Message 'No such server. Check the name.' -ErrorId HfServerNotFound -RecommendedAction 'Check the name.'", terminal);

        Assert.StartsWith("No such server.\n  Next: Check the name.\n", terminal.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_TerminatingError_NamesFileAndLine()
    {
        var terminal = new TestTerminal(answers: null);

        RunScript("'before'\nthrow 'boom'", terminal);

        Assert.Equal("before\n", terminal.Output);
        Assert.Equal("boom\n  boom at script.ps1:2: throw 'boom'\n", terminal.Error);
    }

    [Fact]
    public void Run_ScriptThatDoesNotParse_NamesFileAndLine()
    {
        var terminal = new TestTerminal(answers: null);

        RunScript("'fine'\nif ( {", terminal);

        Assert.Contains("script.ps1:2:", terminal.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_Tables_CarryNoEscapeSequencesInALog()
    {
        var terminal = new TestTerminal(answers: null);

        RunScript("[pscustomobject]@{ Name = 'x'; Role = 'Primary' }", terminal);

        Assert.Contains("Name Role", terminal.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', terminal.Output);
    }

    [Fact]
    public void Progress_InALog_IsOneLineAtMostEveryFewSecondsAndOneAtTheEnd()
    {
        var terminal = new TestTerminal(answers: null);

        RunScript("1..50 | ForEach-Object { Write-Progress -Activity Waiting -Status \"step $_\" -PercentComplete $_ }; Write-Progress -Activity Waiting -Completed", terminal);

        Assert.Equal("Waiting: step 1 (1%)\nWaiting: done\n", terminal.Error);
    }

    [Fact]
    public void Confirm_NobodyToAsk_FailsAndNamesTheWayOut()
    {
        var terminal = new TestTerminal(answers: null);

        var code = RunScript("$ErrorActionPreference = 'Stop'\n" + Asking, terminal);

        Assert.Equal(1, code);
        Assert.Contains("Add -Confirm:$false", terminal.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("done", terminal.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y", true)]
    [InlineData("", true)]
    [InlineData("n", false)]
    [InlineData("No", false)]
    public void Confirm_Answered_DoesWhatWasAnswered(string answer, bool expected)
    {
        var terminal = new TestTerminal(answer);

        RunScript(Asking, terminal);

        Assert.Equal(expected, terminal.Output.Contains("done", StringComparison.Ordinal));
        Assert.Contains("[Y] Yes", terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Confirm_AnswerThatIsNone_AsksAgain()
    {
        var terminal = new TestTerminal("maybe", "y");

        RunScript(Asking, terminal);

        Assert.Contains("done", terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StopRunning_WhileAScriptWaits_EndsIt()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var terminal = new TestTerminal(() =>
        {
            asked.SetResult();
            return "y";
        });
        using var session = new ShellSession(terminal.Terminal);
        var script = Write(Asking + "; while ($true) { [Threading.Thread]::Sleep(5) }");
        Assert.False(session.StopRunning());

        var run = Task.Run(() => session.Run(CommandLine.Parse([script])));
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(session.StopRunning());

        Assert.Equal(130, await run.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void RunLine_VariablesAndFunctions_StayForTheNextLine()
    {
        var terminal = new TestTerminal(answers: null);
        using var session = new ShellSession(terminal.Terminal);

        session.RunLine("$x = 20; function Twice($n) { 2 * $n }");
        session.RunLine("Twice $x");

        Assert.Equal("40\n", terminal.Output);
    }

    [Fact]
    public void ReadEvalPrintLoop_StatementOverSeveralLines_RunsWhenComplete()
    {
        var terminal = new TestTerminal("if ($true) {", "'inside'", "}", "exit 4", "'never'");
        using var session = new ShellSession(terminal.Terminal);

        var code = new ReadEvalPrintLoop(session, terminal.Terminal).Run();

        Assert.Equal(4, code);
        Assert.Contains("inside\n", terminal.Output, StringComparison.Ordinal);
        Assert.Contains(">> ", terminal.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("never", terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void StreamCommands_OfTheSession_AreAllThere()
    {
        var terminal = new TestTerminal(answers: null);
        using var session = new ShellSession(terminal.Terminal);

        session.RunLine(string.Join("; ", StreamCommands.Names.Select(name => $"(Get-Command {name}).Name")));

        Assert.Equal(StreamCommands.Names, terminal.Output.TrimEnd().Split('\n'));
    }

    private const string Asking =
        "function Remove-It { [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')] param() if ($PSCmdlet.ShouldProcess('it', 'Remove')) { 'done' } }\nRemove-It";

    private string Write(string script)
    {
        var path = Path.Combine(_folder, "script.ps1");
        File.WriteAllText(path, script);
        return path;
    }

    private int RunScript(string script, TestTerminal terminal, params string[] arguments)
    {
        using var session = new ShellSession(terminal.Terminal);
        return session.Run(CommandLine.Parse([Write(script), .. arguments]));
    }
}
