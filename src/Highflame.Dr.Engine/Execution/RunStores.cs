using Azure.Storage.Blobs;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Execution;

/// <summary>Opens the run store that a pair asks for: a folder, or a container of Azure Blob Storage.</summary>
internal static class RunStores
{
    /// <summary>The pair's own store, else <c>$HFDR_HOME</c>, else <c>~/.highflame-dr/runs</c>. Errors: HfNotConnected for a blob store without a connection.</summary>
    public static RunStore For(RegionPair pair, AzureConnection? connection, TimeProvider time)
    {
        if (!IsBlob(pair.RunStore)) return new RunStore(new FileRunStorage(FolderOf(pair.RunStore is { Length: > 0 } own ? Path.GetFullPath(own, Path.GetDirectoryName(pair.Path) ?? ".") : DefaultRoot(), pair.Name)), pair.Name, time);
        if (connection is null) throw new DrException("HfNotConnected", DrErrorKind.AuthenticationFailed, $"The runs of '{pair.Name}' are kept in {pair.RunStore}, which needs a sign-in.", pair.RunStore, "Run Connect-HfAzure first.");
        return new RunStore(new BlobRunStorage(new Uri(pair.RunStore!), SafeName(pair.Name), connection.OpenContainer), pair.Name, time);
    }

    /// <summary>The store of a server that was named without a pair.</summary>
    public static RunStore ForServer(string server, TimeProvider time) => new(new FileRunStorage(FolderOf(DefaultRoot(), server)), server, time);

    /// <summary>True for a URL; anything else is a folder.</summary>
    public static bool IsBlob(string? store) => store is not null && store.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    private static string FolderOf(string root, string name) => Path.Combine(root, SafeName(name));

    private static string SafeName(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')).TrimStart('.');

    private static string DefaultRoot() =>
        Environment.GetEnvironmentVariable("HFDR_HOME") is { Length: > 0 } home
            ? home
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".highflame-dr", "runs");
}
