using Xunit.Abstractions;

namespace Highflame.Dr.Conformance.Tests;

/// <summary>
/// Microsoft's own clients from npm, unmodified, against a running sandbox: one test for each check of tests/Conformance. Without node, or without a way to npm's
/// registry, every check is reported as skipped.
/// </summary>
public sealed class ConformanceTests(ConformanceRun run, ITestOutputHelper output) : IClassFixture<ConformanceRun>
{
    public static TheoryData<string> Listed() => new(ConformanceFolder.ListedChecks);

    [SkippableTheory]
    [MemberData(nameof(Listed))]
    public void Check_ByMicrosoftsClient_Passes(string check)
    {
        Skip.If(run.Missing is not null, run.Missing);
        Assert.True(run.Checks.TryGetValue(check, out var result), $"The program has no check '{check}'. Write tests/Conformance/checks.txt again: node run.mjs --list > checks.txt");
        Assert.True(result.Passed, result.Error);
    }

    [SkippableFact]
    public void List_AgainstTheProgram_IsWholeAndSaysItsTotals()
    {
        Skip.If(run.Missing is not null, run.Missing);
        Assert.Equal(ConformanceFolder.ListedChecks, run.Checks.Keys);
        Assert.EndsWith($"conformance: {run.Checks.Values.Count(c => c.Passed)} passed, {run.Checks.Values.Count(c => !c.Passed)} failed", run.Output.TrimEnd(), StringComparison.Ordinal);
        output.WriteLine(run.Output);
    }
}
