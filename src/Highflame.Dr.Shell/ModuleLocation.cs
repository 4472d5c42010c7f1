namespace Highflame.Dr.Shell;

/// <summary>Finds the built module beside the repository that the user stands in, or that this program was built from.</summary>
internal static class ModuleLocation
{
    /// <returns>The path of the newest built Highflame.Dr.psd1, or null when nothing is built.</returns>
    public static string? Find(params string[] startingPoints) =>
        startingPoints.SelectMany(Ancestors).Select(NewestManifest).FirstOrDefault(found => found is not null);

    private static IEnumerable<string> Ancestors(string path)
    {
        for (var folder = new DirectoryInfo(path); folder is not null; folder = folder.Parent)
            yield return folder.FullName;
    }

    private static string? NewestManifest(string root)
    {
        var versions = new DirectoryInfo(Path.Combine(root, "artifacts", "module", "Highflame.Dr"));
        if (!versions.Exists)
            return null;
        return versions.EnumerateDirectories()
            .Select(folder => (Version: Version.TryParse(folder.Name, out var version) ? version : null, Manifest: Path.Combine(folder.FullName, "Highflame.Dr.psd1")))
            .Where(candidate => candidate.Version is not null && File.Exists(candidate.Manifest))
            .OrderByDescending(candidate => candidate.Version)
            .Select(candidate => candidate.Manifest)
            .FirstOrDefault();
    }
}
