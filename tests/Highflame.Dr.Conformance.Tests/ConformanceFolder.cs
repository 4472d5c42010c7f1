namespace Highflame.Dr.Conformance.Tests;

/// <summary>The conformance program and the checks that the repository lists.</summary>
internal static class ConformanceFolder
{
    public static string RepositoryRoot { get; } = FindRoot();

    public static string Source { get; } = Path.Combine(RepositoryRoot, "tests", "Conformance");

    /// <summary>The checks' names as the repository lists them.</summary>
    public static string[] ListedChecks { get; } = File.ReadAllLines(Path.Combine(Source, "checks.txt"));

    /// <summary>The program with its packages, or why they could not be had.</summary>
    public static async Task<(string? Folder, string? Missing)> PrepareAsync()
    {
        var (folder, missing) = await NodePackages.PrepareAsync(Source);
        // A check that was removed from the source must not run from an older copy.
        if (folder is not null)
        {
            foreach (var old in Directory.EnumerateFiles(Path.Combine(folder, "checks")).Where(c => !File.Exists(Path.Combine(Source, "checks", Path.GetFileName(c))))) File.Delete(old);
        }

        return (folder, missing);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Highflame.Dr.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException($"No Highflame.Dr.sln above {AppContext.BaseDirectory}.");
    }
}
