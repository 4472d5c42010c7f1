using System.Text.RegularExpressions;

namespace Highflame.Dr.Tests.Help;

/// <summary>Each promise of docs/safety.md names tests that are there.</summary>
public sealed partial class SafetyPageTests
{
    [Fact]
    public void Promises_EachNamesTests_ThatExist()
    {
        var root = Pages.Folder;
        while (!File.Exists(Path.Combine(root, "Highflame.Dr.sln"))) root = Path.GetDirectoryName(root)!;
        var sources = string.Join('\n', Directory.EnumerateFiles(Path.Combine(root, "tests"), "*Tests*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        var promises = File.ReadAllLines(Path.Combine(root, "docs", "safety.md")).Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Skip(2).ToArray();

        Assert.NotEmpty(promises);
        Assert.All(promises, promise => Assert.True(TestName().IsMatch(promise), promise));
        Assert.All(promises.SelectMany(p => TestName().Matches(p)).Select(m => m.Groups[1].Value), name => Assert.Matches($@"\b{name}\(", sources));
    }

    [GeneratedRegex("`([A-Z][A-Za-z]+_[A-Za-z]+_?[A-Za-z]*)`")]
    private static partial Regex TestName();
}
