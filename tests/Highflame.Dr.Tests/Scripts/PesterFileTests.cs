using System.Management.Automation;
using System.Management.Automation.Language;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Scripts;

/// <summary>The Pester files keep Pester 5's rules, and each of their tests asserts something. Their calls of our cmdlets are checked in <see cref="ShippedScriptTests"/>.</summary>
public sealed class PesterFileTests(CallableCommands commands) : IClassFixture<CallableCommands>
{
    private static readonly string[] Blocks = ["BeforeDiscovery", "BeforeAll", "AfterAll", "Describe"];
    private static readonly string Folder = Path.Combine(BuiltModule.RepoRoot, "tests", "Pester");

    private static string[] Names { get; } =
        [.. Directory.EnumerateFiles(Folder, "*.Tests.ps1", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Folder, path).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Files() => new(Names);

    [Fact]
    public void Files_OneForEachFamilyAndDrill_AreThere()
    {
        string[] expected = ["Build", "Capacity", "Connection", "Database", "Document", "Drills/Automatic", "Drills/Planned", "Drills/RegionLoss", "Health", "Module", "Operation", "Parity", "Readiness", "RegionPair", "Run", "Sandbox", "Traffic"];

        Assert.Equal(expected.Select(name => name + ".Tests.ps1"), Names);
    }

    [Fact]
    public void Assertions_OfAllFiles_AreAtLeastForty()
    {
        var assertions = Names.Sum(name => Calls(Parse(name), "Should").Count());

        Assert.True(assertions >= 40, $"{assertions} assertions");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void File_EachIt_AssertsSomething(string file)
    {
        var tests = Calls(Parse(file), "It").ToList();

        Assert.NotEmpty(tests);
        Assert.All(tests, test => Assert.True(Calls(test, "Should").Any() || AssertsAfterEach(test), $"{file}:{test.Extent.StartLineNumber} asserts nothing"));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void File_OutsideOfItsBlocks_HasNoCode(string file)
    {
        var statements = Parse(file).EndBlock.Statements;

        Assert.All(statements, statement => Assert.Contains(((CommandAst)Assert.Single(((PipelineAst)statement).PipelineElements)).GetCommandName(), Blocks));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void File_Calls_UseNoAlias(string file)
    {
        var aliases = Parse(file).FindAll(node => node is CommandAst, true).Cast<CommandAst>()
            .Where(call => call.GetCommandName() is { } name && commands.ByName.TryGetValue(name, out var command) && command is AliasInfo)
            .Select(call => $"{file}:{call.Extent.StartLineNumber}: {call.GetCommandName()}");

        Assert.Empty(aliases);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void File_ThatStartsASandbox_StopsItInAfterAll(string file)
    {
        var script = Parse(file);
        var starts = Calls(script, "Enter-TestSandbox").Count();
        var stops = Calls(script, "AfterAll").Sum(block => Calls(block, "Exit-TestSandbox").Count());

        Assert.Equal(file is "Module.Tests.ps1" or "Drills/Automatic.Tests.ps1" ? 0 : 1, starts);
        Assert.Equal(starts, stops);
    }

    private static ScriptBlockAst Parse(string file)
    {
        var script = Parser.ParseFile(Path.Combine(Folder, file), out _, out var errors);
        Assert.Empty(errors);
        return script;
    }

    private static IEnumerable<CommandAst> Calls(Ast within, string name) =>
        within.FindAll(node => node is CommandAst, true).Cast<CommandAst>().Where(call => string.Equals(call.GetCommandName(), name, StringComparison.OrdinalIgnoreCase));

    /// <summary>A test may leave its one assertion to the AfterEach that stands beside it.</summary>
    private static bool AssertsAfterEach(CommandAst test) =>
        test.Parent.Parent is NamedBlockAst beside && beside.Statements.SelectMany(statement => Calls(statement, "AfterEach")).Any(block => Calls(block, "Should").Any());
}
