using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Highflame.Dr.Conformance.Tests;

/// <summary>
/// A folder of ours with a lock file and its packages: a copy in artifacts/node/NAME-HASH-OF-THE-LOCK-FILE, where npm ci runs once. The source folder stays as it is.
/// </summary>
internal static class NodePackages
{
    /// <summary>Words of npm for a registry that cannot be reached, as opposed to a lock file that does not fit.</summary>
    private static readonly string[] s_unreachable = ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH", "ERR_SOCKET_TIMEOUT", "network"];

    /// <summary>One preparation for each folder: npm ci empties node_modules first, so a second one beside it takes the packages from under who runs already.</summary>
    private static readonly ConcurrentDictionary<string, Lazy<Task<(string? Folder, string? Missing)>>> s_prepared = new(StringComparer.Ordinal);

    /// <summary>Gives the copy with its packages, or why they could not be had. Throws when npm refuses for another reason than the network.</summary>
    public static Task<(string? Folder, string? Missing)> PrepareAsync(string source) =>
        s_prepared.GetOrAdd(Path.GetFullPath(source), folder => new(() => FetchAsync(folder))).Value;

    private static async Task<(string? Folder, string? Missing)> FetchAsync(string source)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(source, "package-lock.json"))))[..16];
        var folder = Path.Combine(ConformanceFolder.RepositoryRoot, "artifacts", "node", $"{Path.GetFileName(source).ToLowerInvariant()}-{hash}");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(source, file);
            if (relative.StartsWith("node_modules", StringComparison.Ordinal)) continue;
            var copy = Path.Combine(folder, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }

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
            ? (null, $"npm could not fetch Microsoft's packages (offline?): {said}")
            : throw new InvalidOperationException($"npm ci failed with {ended.Code}: {ended.Errors}");
    }
}
