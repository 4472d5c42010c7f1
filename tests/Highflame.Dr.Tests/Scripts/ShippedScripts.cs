using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Scripts;

/// <summary>Every PowerShell script of the repository, outside of what a build makes.</summary>
internal static class ShippedScripts
{
    /// <summary>build.ps1, the runbooks and the benchmark: they run in a bare engine, so they may call core commands, ours and the stream commands only.</summary>
    public static IReadOnlyList<string> ForBareEngine() =>
        [Path.Combine(BuiltModule.RepoRoot, "build.ps1"), .. In("module"), .. In("bench")];

    /// <summary>Scripts for people who have pwsh: Pester files.</summary>
    public static IReadOnlyList<string> ForPwsh() => [.. In("tests")];

    public static IReadOnlyList<string> All() => [.. ForBareEngine(), .. ForPwsh()];

    private static IEnumerable<string> In(string folder)
    {
        var root = Path.Combine(BuiltModule.RepoRoot, folder);
        return Directory.Exists(root)
            ? Directory.EnumerateFiles(root, "*.ps1", SearchOption.AllDirectories)
                .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                    && !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
            : [];
    }
}
