namespace Highflame.Dr.Sandbox.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Parse_EveryArgument_IsRead()
    {
        var line = CommandLine.Parse(["--root", "x", "--time-scale=2.5", "--seed", "-3", "--parent", "12", "--pairs", "9", "--real-pairs", "3"]);
        Assert.Equal((Path.GetFullPath("x"), 2.5, -3, 12, 9, 3), (line.Root, line.TimeScale, line.Seed, line.Parent, line.Pairs, line.RealPairs));
    }

    [Theory]
    [InlineData("--root is required")]
    [InlineData("--root needs a value", "--root")]
    [InlineData("--time-scale must be a number", "--root", "x", "--time-scale", "fast")]
    [InlineData("--time-scale must be a number", "--root", "x", "--time-scale", "-1")]
    [InlineData("--seed must be a whole number", "--root", "x", "--seed", "1.5")]
    [InlineData("--parent must be a whole number", "--root", "x", "--parent", "0")]
    [InlineData("--real-pairs must be at most 2", "--root", "x", "--pairs", "2", "--real-pairs", "3")]
    [InlineData("--real-pairs must be at most 10", "--root", "x", "--pairs", "20", "--real-pairs", "11")]
    [InlineData("Unknown argument 'stray'", "--root", "x", "stray")]
    public void Parse_BadArguments_SaysWhatIsWrong(string message, params string[] args)
    {
        var error = Assert.Throws<ArgumentException>(() => CommandLine.Parse(args));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_BadArguments_ExitsWithTwo() => Assert.Equal(2, await SandboxProgram.RunAsync(["--nonsense"]));

    [Fact]
    public void Reserve_TwoSandboxes_NeverShareANetwork()
    {
        using var one = LoopbackNetwork.Reserve(5);
        using var other = LoopbackNetwork.Reserve(5);
        Assert.NotEqual(one.Number, other.Number);
        Assert.NotEqual(one.FreePort(), one.FreePort());
    }
}
