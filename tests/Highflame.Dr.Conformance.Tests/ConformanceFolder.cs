using System.Security.Cryptography;

namespace Highflame.Dr.Conformance.Tests;

/// <summary>
/// The program with its packages: a copy of tests/Conformance in artifacts/conformance/HASH-OF-THE-LOCK-FILE, where npm ci runs once. The source folder stays as it is.
/// </summary>
internal static class ConformanceFolder
{
    /// <summary>Words of npm for a registry that cannot be reached, as opposed to a lock file that does not fit.</summary>
    private static readonly string[] s_unreachable = ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH", "ERR_SOCKET_TIMEOUT", "network"];

    public static string RepositoryRoot { get; } = FindRoot();

    public static string Source { get; } = Path.Combine(RepositoryRoot, "tests", "Conformance");

    /// <summary>The checks' names as the repository lists them.</summary>
    public static string[] ListedChecks { get; } = File.ReadAllLines(Path.Combine(Source, "checks.txt"));

    /// <summary>Gives the folder, or why its packages could not be had. Throws when npm refuses for another reason than the network.</summary>
    public static async Task<(string? Folder, string? Missing)> PrepareAsync()
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Source, "package-lock.json"))))[..16];
        var folder = Path.Combine(RepositoryRoot, "artifacts", "conformance", hash);
        foreach (var file in Directory.EnumerateFiles(Source, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(Source, file);
            if (relative.StartsWith("node_modules", StringComparison.Ordinal)) continue;
            var copy = Path.Combine(folder, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }

        // A check that was removed from the source must not run from an older copy.
        foreach (var old in Directory.EnumerateFiles(Path.Combine(folder, "checks")).Where(c => !File.Exists(Path.Combine(Source, "checks", Path.GetFileName(c))))) File.Delete(old);
        var complete = Path.Combine(folder, "node_modules", ".complete");
        if (File.Exists(complete)) return (folder, null);
        var ended = await NodePrograms.RunAsync(
            NodePrograms.Npm!, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1"], folder, TimeSpan.FromMinutes(5));
        if (ended.Code == 0)
        {
            await File.WriteAllTextAsync(complete, "");
            return (folder, null);
        }

        var said = string.Join(' ', ended.Errors.Split('\n').Where(line => line.Contains("npm error", StringComparison.Ordinal)).Take(4).Select(line => line.Trim()));
        return Array.Exists(s_unreachable, word => ended.Errors.Contains(word, StringComparison.Ordinal))
            ? (null, $"npm could not fetch Microsoft's clients (offline?): {said}")
            : throw new InvalidOperationException($"npm ci failed with {ended.Code}: {ended.Errors}");
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
