using System.Management.Automation;
using Highflame.Dr.HelpGen;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Help;

/// <summary>What Get-Help shows of the built module is what the built cmdlets are.</summary>
public sealed class HelpPageTests
{
    [Fact]
    public void Pages_ForExportedCmdlets_Exist()
    {
        using var shell = new HostedShell();
        var cmdlets = Cmdlets(shell).Select(cmdlet => cmdlet.Name).ToList();
        var pages = Pages.OfCmdlets.Select(Pages.NameOf).ToList();

        Assert.NotEmpty(cmdlets);
        Assert.Equal(cmdlets.Order(StringComparer.Ordinal), pages.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Pages_AgainstBuiltCmdlets_AreInStep()
    {
        var copy = Directory.CreateTempSubdirectory("hf-pages-").FullName;
        try
        {
            foreach (var page in Pages.OfCmdlets)
                File.Copy(page, Path.Combine(copy, Path.GetFileName(page)));

            var changed = Scaffold.Pages(BuiltModule.Manifest, copy).Where(line => line.StartsWith("refreshed", StringComparison.Ordinal)).ToList();

            Assert.True(changed.Count == 0, "Syntax or parameter data differ from the cmdlets. Run: "
                + "dotnet run --project src/Highflame.Dr.HelpGen -- scaffold src/Highflame.Dr/bin/Release/net8.0/Highflame.Dr.dll docs/en-US\n" + string.Join("\n", changed));
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    [Fact]
    public void GetHelp_OfEachCmdletWithAPage_EqualsReflection()
    {
        using var shell = new HostedShell();
        var wrong = new List<string>();
        var described = Cmdlets(shell);
        foreach (var cmdlet in described)
        {
            var help = shell.Invoke("Get-Help -Name $name -Full", new { name = cmdlet.Name }).EnsureNoErrors().Output.Single();
            wrong.AddRange(Differences(cmdlet, help).Concat(TypeDifferences(cmdlet, help)).Select(difference => $"{cmdlet.Name}: {difference}"));
        }

        Assert.NotEmpty(described);
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public void GetHelp_OfCmdlet_ShowsItsTextAndExamples()
    {
        using var shell = new HostedShell();

        var shown = string.Join("\n", shell.Invoke("Get-Help -Name Get-HfContext -Full", throughHost: true).EnsureNoErrors().Lines);

        Assert.Contains("Shows what this session is connected to.", shown, StringComparison.Ordinal);
        Assert.Contains("Without a connection it writes the non-terminating error HfNotConnected.", shown, StringComparison.Ordinal);
        Assert.Contains("Example 2: Connect only when nothing is connected yet", shown, StringComparison.Ordinal);
        Assert.Contains("Get-HfContext [<CommonParameters>]", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("about_Highflame_Dr", "    Connect-HfAzure -SubscriptionId")]
    [InlineData("about_Highflame_Dr_Errors", "HfDataLossConsentRequired")]
    [InlineData("about_Highflame_Dr_Watching", "    ./Runbooks/Watch-HfRegionPair.ps1 -PairPath ./prod.json -Board")]
    [InlineData("about_Highflame_Dr_Rehearsal", "    $sandbox = Start-HfSandbox")]
    public void GetHelp_OfAboutTopic_ShowsItsText(string topic, string text)
    {
        using var shell = new HostedShell();

        var shown = string.Join("\n", shell.Invoke("Get-Help -Name $topic", new { topic }, throughHost: true).EnsureNoErrors().Lines);

        Assert.Contains("SHORT DESCRIPTION", shown, StringComparison.Ordinal);
        Assert.Contains(text, shown, StringComparison.Ordinal);
    }

    private static List<CmdletInfo> Cmdlets(HostedShell shell) =>
        [.. shell.Invoke("Get-Command -Module Highflame.Dr -CommandType Cmdlet").As<CmdletInfo>()];

    private static IEnumerable<string> Differences(CmdletInfo cmdlet, PSObject help)
    {
        if (Text(help, "Synopsis").Length == 0)
            yield return "no synopsis";
        if (Text(help, "description").Length == 0)
            yield return "no description";
        if (Children(Property(help, "examples"), "example").Count == 0)
            yield return "no example";

        var shown = Children(Property(help, "parameters"), "parameter").ToDictionary(parameter => Text(parameter, "name"));
        var real = cmdlet.ParameterSets.SelectMany(set => set.Parameters)
            .Where(parameter => !Cmdlet.CommonParameters.Contains(parameter.Name))
            .GroupBy(parameter => parameter.Name)
            .ToDictionary(group => group.Key, group => group.ToList());
        foreach (var name in shown.Keys.Except(real.Keys))
            yield return $"-{name} does not exist";
        foreach (var name in real.Keys.Except(shown.Keys))
            yield return $"-{name} is not described";

        foreach (var (name, sets) in real.Where(parameter => shown.ContainsKey(parameter.Key)))
        {
            var parameter = shown[name];
            if (Text(parameter, "description").Length == 0)
                yield return $"-{name} has no text";
            if (Text(parameter, "required") != (sets.Any(set => set.IsMandatory) ? "true" : "false"))
                yield return $"-{name} required: {Text(parameter, "required")}";
            if (!sets.Any(set => Text(parameter, "position") == (set.Position < 0 ? "named" : set.Position.ToString(System.Globalization.CultureInfo.InvariantCulture))))
                yield return $"-{name} position: {Text(parameter, "position")}";
            if (Text(Property(parameter, "type"), "name") != (Nullable.GetUnderlyingType(sets[0].ParameterType) ?? sets[0].ParameterType).Name)
                yield return $"-{name} type: {Text(Property(parameter, "type"), "name")}";
            var pipeline = Text(parameter, "pipelineInput");
            if (!sets.Any(set => pipeline.Contains("ByValue", StringComparison.Ordinal) == set.ValueFromPipeline
                && pipeline.Contains("ByPropertyName", StringComparison.Ordinal) == set.ValueFromPipelineByPropertyName))
                yield return $"-{name} pipeline input: {pipeline}";
            var aliases = Text(parameter, "aliases").Split(", ").Where(alias => alias is not ("none" or "")).Order();
            if (!aliases.SequenceEqual(sets[0].Aliases.Order()))
                yield return $"-{name} aliases: {Text(parameter, "aliases")}";
        }
    }

    private static IEnumerable<string> TypeDifferences(CmdletInfo cmdlet, PSObject help)
    {
        var takes = cmdlet.ParameterSets.SelectMany(set => set.Parameters).Where(parameter => parameter.ValueFromPipeline).Select(parameter => parameter.ParameterType.FullName!);
        var gives = cmdlet.OutputType.Where(type => type.Type != typeof(void)).Select(type => type.Name);
        foreach (var (heading, item, real) in new[] { ("inputTypes", "inputType", takes), ("returnValues", "returnValue", gives) })
        {
            var shown = Children(Property(help, heading), item).Select(type => Text(Property(type, "type"), "name")).Where(name => name != "None");
            if (!shown.Order().SequenceEqual(real.Distinct().Order()))
                yield return $"{heading}: the page has {string.Join(", ", shown)}; the cmdlet has {string.Join(", ", real.Distinct())}";
        }
    }

    private static PSObject? Property(PSObject? of, string name) => of?.Properties[name]?.Value switch
    {
        null => null,
        PSObject one => one,
        var other => PSObject.AsPSObject(other),
    };

    private static IReadOnlyList<PSObject> Children(PSObject? of, string name) => Property(of, name) switch
    {
        null => [],
        { BaseObject: System.Collections.IEnumerable many and not string } => [.. many.Cast<object>().Select(PSObject.AsPSObject)],
        var one => [one],
    };

    // Help text is a string, or paragraphs with a Text of their own.
    private static string Text(PSObject? of, string name) => Property(of, name) switch
    {
        null => "",
        { BaseObject: string text } => text.Trim(),
        { BaseObject: System.Collections.IEnumerable many } => string.Join("\n", many.Cast<object>().Select(item => Text(PSObject.AsPSObject(item), "Text"))).Trim(),
        var one => (one.Properties["Text"]?.Value ?? one.BaseObject).ToString()!.Trim(),
    };
}
