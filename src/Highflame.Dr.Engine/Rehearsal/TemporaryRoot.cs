namespace Highflame.Dr.Engine.Rehearsal;

/// <summary>A sandbox's directory that nobody asked for by name: made at its start, gone at its stop. A directory that the user gave is never touched.</summary>
internal static class TemporaryRoot
{
    private const string Prefix = "hfdr-";
    private const string Marker = ".temporary";

    public static string Create()
    {
        var root = Path.GetFullPath(Directory.CreateTempSubdirectory(Prefix).FullName);
        File.WriteAllText(Path.Combine(root, Marker), "Made by Start-HfSandbox. Stop-HfSandbox removes this directory.\n");
        return root;
    }

    /// <summary>Removes a directory that <see cref="Create"/> made; leaves any other alone.</summary>
    public static void Remove(string root, IDrObserver observer)
    {
        if (!Path.GetFileName(root).StartsWith(Prefix, StringComparison.Ordinal) || !File.Exists(Path.Combine(root, Marker))) return;
        try
        {
            Directory.Delete(root, recursive: true);
        }
        catch (Exception left) when (left is IOException or UnauthorizedAccessException)
        {
            observer.Verbose($"{root} could not be removed: {left.Message}");
        }
    }
}
