namespace Highflame.Dr.HelpGen;

internal static class Program
{
    private const string Usage = """
        Highflame.Dr.HelpGen <pages> <output>              docs/en-US/*.md to Highflame.Dr.dll-Help.xml and about_*.help.txt
        Highflame.Dr.HelpGen scaffold <module> <pages>     writes missing pages, refreshes syntax and parameter data from the built module (.psd1 or .dll)
        Highflame.Dr.HelpGen permissions <roles> <page>    writes reader.json, operator.json, unlocker.json and docs/permissions.md from permissions.json
        Highflame.Dr.HelpGen parity <catalogue> <page>     writes docs/parity.md from the parity catalogue
        Highflame.Dr.HelpGen pack <module> <output> <nuspec>   writes <output>/Highflame.Dr.zip and the nuspec of a gallery's package from the built module
        """;

    private static int Main(string[] args)
    {
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        try
        {
            switch (args)
            {
                case ["scaffold", var module, var pages]:
                    foreach (var line in Scaffold.Pages(Path.GetFullPath(module), Path.GetFullPath(pages)))
                        Console.WriteLine(line);
                    return 0;
                case ["permissions", var roles, var document]:
                    foreach (var line in Permissions.Write(Path.GetFullPath(roles), Path.GetFullPath(document)))
                        Console.WriteLine(line);
                    return 0;
                case ["parity", var catalogue, var page]:
                    Console.WriteLine(ParityPage.Write(Path.GetFullPath(catalogue), Path.GetFullPath(page)));
                    return 0;
                case ["pack", var module, var folder, var nuspec]:
                    foreach (var line in ModulePackage.Write(Path.GetFullPath(module), Path.GetFullPath(folder), Path.GetFullPath(nuspec)))
                        Console.WriteLine(line);
                    return 0;
                case [var pages, var output]:
                    foreach (var line in Generate(Path.GetFullPath(pages), Path.GetFullPath(output)))
                        Console.WriteLine(line);
                    return 0;
                default:
                    Console.Error.WriteLine(Usage);
                    return 64;
            }
        }
        catch (HelpProblemsException problems)
        {
            foreach (var problem in problems.Problems)
                Console.Error.WriteLine(problem);
            return 1;
        }
    }

    /// <returns>The paths that were written.</returns>
    /// <exception cref="HelpProblemsException">Pages lack something; nothing was written.</exception>
    internal static IReadOnlyList<string> Generate(string pagesFolder, string outputFolder)
    {
        var problems = new List<HelpProblem>();
        var commands = new List<HelpPage>();
        var abouts = new List<(string Name, string Text)>();
        foreach (var file in Directory.EnumerateFiles(pagesFolder, "*.md").Order(StringComparer.Ordinal))
        {
            var text = File.ReadAllText(file);
            var name = Path.GetFileNameWithoutExtension(file);
            if (name.StartsWith("about_", StringComparison.Ordinal))
                abouts.Add((name, AboutTopic.ToText(file, text, problems)));
            else if (PageReader.Read(file, text, problems) is { } page)
                commands.Add(page);
        }

        if (problems.Count > 0)
            throw new HelpProblemsException(problems);

        Directory.CreateDirectory(outputFolder);
        var maml = Path.Combine(outputFolder, "Highflame.Dr.dll-Help.xml");
        MamlDocument.Of(commands).Save(maml);
        var written = new List<string> { maml };
        foreach (var (name, text) in abouts)
        {
            var path = Path.Combine(outputFolder, name + ".help.txt");
            File.WriteAllText(path, text);
            written.Add(path);
        }

        return written;
    }
}
