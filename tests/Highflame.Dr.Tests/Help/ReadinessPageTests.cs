using System.Text.RegularExpressions;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Help;

/// <summary>docs/readiness.md lists every code that a preflight can find, each once, with a severity, a meaning and a remedy.</summary>
public sealed partial class ReadinessPageTests
{
    // Of a request that a preflight never makes, and errors that become findings of other codes.
    private static readonly string[] s_notAsked = ["HfPriorityOutOfRange", "HfWeightOutOfRange", "HfDatabaseUnreachable", "HfKeyNotFound"];

    [Fact]
    public void Page_AgainstTheRules_ListsEveryCodeOnce()
    {
        var engine = Path.Combine(BuiltModule.RepoRoot, "src", "Highflame.Dr.Engine");
        var rules = Directory.EnumerateFiles(Path.Combine(engine, "Readiness"), "*.cs")
            .Concat(new[] { "Planning/FailoverRefusals.cs", "Planning/SwitchoverRefusals.cs", "Planning/FailoverWarnings.cs", "Traffic/EndpointPlanner.cs" }.Select(f => Path.Combine(engine, f)));
        var codes = rules.SelectMany(f => Code().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value)).Distinct().Except(s_notAsked).Order(StringComparer.Ordinal).ToList();
        var rows = Row().Matches(File.ReadAllText(Path.Combine(BuiltModule.RepoRoot, "docs", "readiness.md"))).ToList();

        Assert.True(codes.Count > 30, $"Only {codes.Count} codes were found.");
        Assert.Equal(codes, rows.Select(r => r.Groups["code"].Value).Order(StringComparer.Ordinal));
        Assert.All(rows, r => Assert.True(r.Groups["meaning"].Length > 10 && r.Groups["remedy"].Length > 0, r.Value));
    }

    [GeneratedRegex("\"(Hf[A-Z][A-Za-z]+)\"")]
    private static partial Regex Code();

    [GeneratedRegex(@"^\| `(?<code>Hf\w+)` \| (refusal|warning|information|–) \| (refusal|warning|skipped|information|–) \| (?<meaning>[^|]+) \| (?<remedy>[^|]+) \|\r?$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
