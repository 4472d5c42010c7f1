namespace Highflame.Dr.Shell.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Parse_NoArguments_IsInteractive() => Assert.Equal(ShellRequestKind.Interactive, CommandLine.Parse([]).Kind);

    [Theory]
    [InlineData("-Help")]
    [InlineData("--help")]
    [InlineData("-?")]
    public void Parse_Help_AsksForHelp(string argument) => Assert.Equal(ShellRequestKind.Help, CommandLine.Parse([argument]).Kind);

    [Fact]
    public void Parse_Command_JoinsTheRest()
    {
        var request = CommandLine.Parse(["-Command", "Get-HfContext", "-Verbose"]);

        Assert.Equal((ShellRequestKind.Command, "Get-HfContext -Verbose"), (request.Kind, request.Text));
    }

    [Theory]
    [InlineData("build.ps1")]
    [InlineData("-File", "build.ps1")]
    [InlineData("-f", "build.ps1")]
    public void Parse_Script_IsTheFirstArgument(params string[] arguments)
    {
        var request = CommandLine.Parse(arguments);

        Assert.Equal((ShellRequestKind.Script, "build.ps1"), (request.Kind, request.Text));
    }

    [Fact]
    public void Parse_ScriptArguments_KeepNamesPositionsAndBooleans()
    {
        var parameters = CommandLine.Parse(["x.ps1", "Test", "-Configuration", "Debug", "-Fast:$false", "-Code:", "7", "-5", "-"]).Parameters;

        Assert.Equal(
            [(null, "Test"), ("-Configuration", null), (null, "Debug"), ("Fast", false), ("Code", "7"), (null, "-5"), (null, "-")],
            parameters.Select(parameter => ((string?)parameter.Name, (object?)parameter.Value)));
    }

    [Theory]
    [InlineData("-Command")]
    [InlineData("-File")]
    [InlineData("-Nonesuch")]
    [InlineData("x.ps1", "-Code:")]
    public void Parse_WhatMakesNoSense_IsRefused(params string[] arguments) => Assert.Throws<FormatException>(() => CommandLine.Parse(arguments));
}
