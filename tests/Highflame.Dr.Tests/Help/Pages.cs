using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Help;

/// <summary>The markdown that people read.</summary>
internal static class Pages
{
    public static string Folder { get; } = Path.Combine(BuiltModule.RepoRoot, "docs", "en-US");

    public static IReadOnlyList<string> OfCmdlets => [.. Directory.EnumerateFiles(Folder, "*-Hf*.md").Order(StringComparer.Ordinal)];

    public static IReadOnlyList<string> OfTopics => [.. Directory.EnumerateFiles(Folder, "about_*.md").Order(StringComparer.Ordinal)];

    /// <summary>Help pages, topics, the guides in docs and the README.</summary>
    public static IReadOnlyList<string> All =>
        [.. OfCmdlets, .. OfTopics, .. Directory.EnumerateFiles(Path.Combine(BuiltModule.RepoRoot, "docs"), "*.md").Order(StringComparer.Ordinal), Path.Combine(BuiltModule.RepoRoot, "README.md")];

    public static string Topic(string name) => Path.Combine(Folder, name + ".md");

    public static string NameOf(string file) => Path.GetFileNameWithoutExtension(file);
}
