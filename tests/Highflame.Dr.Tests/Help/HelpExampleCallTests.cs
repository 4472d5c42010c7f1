using Highflame.Dr.Tests.Hosting;
using Highflame.Dr.Tests.Scripts;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Help;

/// <summary>Every example in help pages, guides and README parses and calls our cmdlets with parameters that exist and go together.</summary>
public sealed class HelpExampleCallTests(CallableCommands commands) : IClassFixture<CallableCommands>
{
    [Fact]
    public void Examples_InAllMarkdown_CallOurCmdletsAsTheyAre()
    {
        var checker = new ScriptCallChecker(commands.ByName, foreignAllowed: true);
        var blocks = Pages.All.SelectMany(ExampleBlock.Read).ToList();

        var faults = blocks.SelectMany(block => checker.Check(block.Place, block.Code)).ToList();

        Assert.True(blocks.Count > 60, $"Only {blocks.Count} examples were found.");
        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }

    [Fact]
    public void PairFile_ShownInTopic_IsOne()
    {
        var shown = File.ReadAllText(Pages.Topic("about_Highflame_Dr")).ReplaceLineEndings("\n").Split("```json\n", 2)[1].Split("```", 2)[0];
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, shown);
            using var shell = new HostedShell();

            var pair = shell.Invoke("Import-HfRegionPair -Path $file", new { file }).One<RegionPair>();

            Assert.Equal("highflame-prod", pair.Name);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Examples_OfEveryCmdlet_RunAtLeastOnce()
    {
        var notRun = Pages.OfCmdlets
            .Where(page => !ExampleBlock.Read(page).Any(block => block.Use != ExampleUse.Parse && block.Code.Contains(Pages.NameOf(page), StringComparison.Ordinal)))
            .Select(Pages.NameOf);

        Assert.Empty(notRun);
    }

    [Fact]
    public void Examples_ThatEndWithAnError_NameOneOfTheTopic()
    {
        var known = ErrorTopicTests.Listed();

        var unknown = Pages.All.SelectMany(ExampleBlock.Read).Where(block => block.ErrorId is { } id && !known.Contains(id)).Select(block => $"{block.Place}: {block.ErrorId}");

        Assert.Empty(unknown);
    }
}
