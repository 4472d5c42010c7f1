using System.Text.RegularExpressions;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Help;

/// <summary>about_Highflame_Dr_Errors lists every error id of the source, and no other.</summary>
public sealed partial class ErrorTopicTests
{
    private const string Topic = "about_Highflame_Dr_Errors";

    [Fact]
    public void Topic_AgainstSource_ListsEveryIdOnce()
    {
        var listed = Heading().Matches(File.ReadAllText(Pages.Topic(Topic))).Select(match => match.Groups[1].Value).ToList();
        var inSource = InSource();

        var missing = inSource.Where(id => !listed.Contains(id.Key)).Select(id => $"{id.Key} is not in {Topic}.md ({string.Join(", ", id.Value)})");
        var stale = listed.Where(id => !inSource.ContainsKey(id)).Select(id => $"{id} is in {Topic}.md and not in the source");
        var twice = listed.GroupBy(id => id).Where(group => group.Count() > 1).Select(group => $"{group.Key} is in {Topic}.md twice");
        var faults = missing.Concat(stale).Concat(twice).Order(StringComparer.Ordinal).ToList();

        Assert.True(inSource.Count > 50, $"Only {inSource.Count} ids were found in the source.");
        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }

    [Fact]
    public void Topic_ForEveryId_SaysWhenAndWhatToDo()
    {
        var text = File.ReadAllText(Pages.Topic(Topic)).ReplaceLineEndings("\n");

        var empty = Heading().Matches(text)
            .Where(match => text[(match.Index + match.Length)..].Split("\n#", 2)[0].Trim().Length < 30)
            .Select(match => match.Groups[1].Value);

        Assert.Empty(empty);
    }

    [Fact]
    public void Ids_NamedInAnyPage_AreInTheTopic()
    {
        var known = Listed();

        var unknown = Pages.All.SelectMany(file => Mentioned().Matches(File.ReadAllText(file)).Select(match => match.Value).Where(id => !known.Contains(id)).Select(id => $"{Path.GetFileName(file)}: {id}"));

        Assert.Empty(unknown.Distinct());
    }

    internal static HashSet<string> Listed() => [.. Heading().Matches(File.ReadAllText(Pages.Topic(Topic))).Select(match => match.Groups[1].Value)];

    /// <summary>Ids with the places that give them: cmdlets, engine and vocabulary, and the runbooks.</summary>
    private static SortedDictionary<string, List<string>> InSource()
    {
        var ids = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var project in new[] { "Highflame.Dr", "Highflame.Dr.Engine", "Highflame.Dr.Model" })
        {
            var root = Path.Combine(BuiltModule.RepoRoot, "src", project);
            foreach (var file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories).Where(file => !Made().IsMatch(Path.GetRelativePath(root, file))))
                Collect(file, InCode(), line => line.StartsWith("//", StringComparison.Ordinal) || line.StartsWith("[Cmdlet(", StringComparison.Ordinal));
        }

        foreach (var file in Directory.EnumerateFiles(Path.Combine(BuiltModule.RepoRoot, "module"), "*.ps1", SearchOption.AllDirectories))
            Collect(file, InScript(), line => line.StartsWith('#'));
        return ids;

        void Collect(string file, Regex pattern, Predicate<string> skip)
        {
            foreach (var line in File.ReadLines(file).Select(line => line.Trim()).Where(line => !skip(line)))
            {
                foreach (var id in pattern.Matches(line).Select(match => match.Groups[1].Value))
                {
                    if (!ids.TryGetValue(id, out var places)) ids[id] = places = [];
                    if (!places.Contains(Path.GetFileName(file))) places.Add(Path.GetFileName(file));
                }
            }
        }
    }

    [GeneratedRegex(@"^### (Hf\w+)\r?$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    // A whole literal, or a literal that begins with the id and a colon (warnings).
    [GeneratedRegex("\"(Hf[A-Z][A-Za-z]+)(?:\"|: )")]
    private static partial Regex InCode();

    [GeneratedRegex(@"-ErrorId\s+'?(Hf[A-Z][A-Za-z]+)")]
    private static partial Regex InScript();

    // Not the noun of a cmdlet, which follows a dash.
    [GeneratedRegex(@"(?<![\w-])Hf[A-Z][A-Za-z]+")]
    private static partial Regex Mentioned();

    [GeneratedRegex(@"^(bin|obj)[\\/]")]
    private static partial Regex Made();
}
