using Highflame.Dr.HelpGen;

namespace Highflame.Dr.Shell.Tests;

public sealed class HelpGenTests
{
    private const string Whole = """
        ---
        external help file: Highflame.Dr.dll-Help.xml
        ---

        # Get-HfThing

        ## SYNOPSIS
        Gets a `thing`.

        ## SYNTAX

        ```
        Get-HfThing [[-Name] <string[]>] -Mode <Kind> [-Force] [-Size <int>] [<CommonParameters>]
        ```

        ## DESCRIPTION
        First part.
        Same paragraph.

        - one
        - two

        ## EXAMPLES

        ### Example 1: Get it
        ```powershell
        Get-HfThing x
        ```

        It gets *x*.

        ## PARAMETERS

        ### -Name
        Its name.

        ```yaml
        Type: String[]
        Parameter Sets: (All)
        Aliases: N, Thing

        Required: False
        Position: 0
        Default value: None
        Accept pipeline input: True (ByPropertyName)
        Accept wildcard characters: True
        ```

        ### CommonParameters
        The common ones.

        ## INPUTS

        ### System.String
        A name.

        ## OUTPUTS

        ### Highflame.Dr.Thing
        The thing.

        ## NOTES

        ## RELATED LINKS

        [about](https://example.com/a)
        """;

    [Fact]
    public void Read_WholePage_HasEachPart()
    {
        var problems = new List<HelpProblem>();

        var page = PageReader.Read("docs/Get-HfThing.md", Whole, problems)!;

        Assert.Empty(problems);
        Assert.Equal(["Gets a thing."], page.Synopsis);
        Assert.Equal(["First part. Same paragraph.", "- one", "- two"], page.Description);
        Assert.Equal(("Example 1: Get it", "Get-HfThing x", "It gets x."), (page.Examples[0].Title, page.Examples[0].Code, page.Examples[0].Remarks[0]));
        var name = Assert.Single(page.Parameters);
        Assert.Equal(("Name", "String[]", "0", true), (name.Name, name.Data[0].Type, name.Data[0].Position, name.Data[0].Wildcards));
        Assert.Equal(["N", "Thing"], name.Data[0].Aliases);
        Assert.Equal("https://example.com/a", Assert.Single(page.Links).Uri);
    }

    [Theory]
    [InlineData("## SYNOPSIS\nGets a `thing`.\n", "", 1, "the section '## SYNOPSIS' is missing")]
    [InlineData("Gets a `thing`.", "", 7, "the section '## SYNOPSIS' is empty")]
    [InlineData("Gets a `thing`.", "{{ What it does }}", 8, "a placeholder is still to be written")]
    [InlineData("# Get-HfThing", "# Get-HfOther", 5, "the first heading is '# Get-HfOther', expected '# Get-HfThing'")]
    [InlineData("It gets *x*.", "", 25, "the example 'Example 1: Get it' says nothing about its code")]
    [InlineData("Its name.", "", 34, "the parameter -Name is not described")]
    [InlineData("Position: 0\n", "", 37, "the yaml block of -Name lacks 'Position:'")]
    [InlineData("-Mode <Kind>", "Mode <Kind>", 12, "the syntax cannot be read")]
    public void Read_PageThatLacksSomething_NamesFileLineAndWhat(string was, string becomes, int line, string message)
    {
        var problems = new List<HelpProblem>();

        var page = PageReader.Read("docs/Get-HfThing.md", Whole.ReplaceLineEndings("\n").Replace(was, becomes, StringComparison.Ordinal), problems);

        Assert.Null(page);
        var problem = Assert.Single(problems);
        Assert.Equal(("docs/Get-HfThing.md", line), (problem.File, problem.Line));
        Assert.StartsWith(message, problem.Message, StringComparison.Ordinal);
        Assert.StartsWith($"docs/Get-HfThing.md({line}): error HFHELP: ", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_EachFormOfParameter_IsKnown()
    {
        var syntax = SyntaxLine.TryParse("Do-HfIt [[-A] <string>] [-B] <int> [-C <int>] -D <Kind[]> [-E] -F [<CommonParameters>]")!;

        Assert.Equal(
            [("A", false, 0, "string"), ("B", true, 1, "int"), ("C", false, null, "int"), ("D", true, null, "Kind[]"), ("E", false, null, null), ("F", true, (int?)null, (string?)null)],
            syntax.Parameters.Select(parameter => (parameter.Name, parameter.Required, parameter.Position, parameter.ValueType)));
    }

    [Fact]
    public void ToText_AboutTopic_WrapsWordsAndKeepsCode()
    {
        var problems = new List<HelpProblem>();
        var long1 = string.Join(' ', Enumerable.Repeat("word", 40));

        var text = AboutTopic.ToText("about_X.md", $"# about_X\n\n## SHORT DESCRIPTION\n{long1}\n\n```powershell\nGet-HfThing -Name x   -Mode y\n```\n", problems);

        Assert.Empty(problems);
        Assert.StartsWith("TOPIC\n    about_X\n\nSHORT DESCRIPTION\n    word word", text, StringComparison.Ordinal);
        Assert.Contains("\n        Get-HfThing -Name x   -Mode y\n", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public void ToText_AboutTopicWithoutShortDescription_IsAProblem()
    {
        var problems = new List<HelpProblem>();

        AboutTopic.ToText("about_X.md", "# about_Y\n", problems);

        Assert.Equal(2, problems.Count);
    }
}
