namespace Highflame.Dr.Soak.World;

/// <summary>The processes of this machine.</summary>
internal static class Processes
{
    /// <summary>Command lines that name a folder: what a sandbox or a runbook there has left behind. Gives them a moment to end.</summary>
    public static IReadOnlyList<string> Naming(string folder)
    {
        for (var attempt = 0; ; attempt++)
        {
            var found = Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])).Select(d => Read(Path.Combine(d, "cmdline"))).Where(c => c.Contains(folder, StringComparison.Ordinal)).ToList();
            if (found.Count == 0 || attempt == 20) return found;
            Thread.Sleep(100);
        }
    }

    public static bool IsThere(int id) => Directory.Exists($"/proc/{id}");

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
