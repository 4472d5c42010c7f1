namespace Highflame.Dr.Tests.Help;

/// <summary>The examples of every cmdlet's page, and of the topic of errors, do what the page says, in order, against one sandbox that all pages share.</summary>
public sealed class HelpExampleRunTests(ExampleSandbox sandbox) : IClassFixture<ExampleSandbox>
{
    public static TheoryData<string> Names => new(Pages.OfCmdlets.Append(Pages.Topic("about_Highflame_Dr_Errors")).Where(page => Shared(page).Any()).Select(Pages.NameOf));

    [Theory]
    [MemberData(nameof(Names))]
    public void Examples_OfPage_Run(string page)
    {
        using (var shell = sandbox.Open())
            ExampleSandbox.Run(shell, Shared(Pages.Topic(page)));

        sandbox.EnsureAsFound();
    }

    private static IEnumerable<ExampleBlock> Shared(string page) => ExampleBlock.Read(page).Where(block => block.Use == ExampleUse.Run);
}
