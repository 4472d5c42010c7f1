namespace Highflame.Dr.Tests.Help;

/// <summary>Examples that cannot be undone: each page's run in order against a sandbox of its own.</summary>
public sealed class HelpExampleAloneTests
{
    public static TheoryData<string> Names => new(Pages.OfCmdlets.Where(page => Alone(page).Any()).Select(Pages.NameOf));

    [Theory]
    [MemberData(nameof(Names))]
    public void Examples_OfPage_RunAlone(string page)
    {
        using var sandbox = new ExampleSandbox();
        using var shell = sandbox.Open();

        ExampleSandbox.Run(shell, Alone(Pages.Topic(page)));
    }

    private static IEnumerable<ExampleBlock> Alone(string page) => ExampleBlock.Read(page).Where(block => block.Use == ExampleUse.RunAlone);
}
