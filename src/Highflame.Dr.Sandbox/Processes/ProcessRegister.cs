using System.Diagnostics;
using System.Globalization;

namespace Highflame.Dr.Sandbox.Processes;

/// <summary>
/// A file in DIR/run for every process that the sandbox started and that may still run: what the reaper ends when the sandbox is gone. The marker is text of
/// the process's command line, so that a process that has got the number since is left alone.
/// </summary>
internal sealed class ProcessRegister(string directory)
{
    public string Directory { get; } = directory;

    public static string Under(string root) => Path.Combine(root, "run");

    /// <summary>Registers a process until the result is disposed.</summary>
    public IDisposable Add(Process process, string marker)
    {
        var path = Path.Combine(Directory, process.Id.ToString(CultureInfo.InvariantCulture) + ".pid");
        System.IO.Directory.CreateDirectory(Directory);
        File.WriteAllText(path, marker);
        return new Entry(path);
    }

    /// <summary>The registered processes that still run.</summary>
    public IReadOnlyList<(int Id, string Marker)> Living()
    {
        if (!System.IO.Directory.Exists(Directory)) return [];
        List<(int, string)> living = [];
        foreach (var path in System.IO.Directory.EnumerateFiles(Directory, "*.pid"))
        {
            if (!int.TryParse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture, out var id)) continue;
            try
            {
                var marker = File.ReadAllText(path);
                if (Signals.IsAlive(id) && Fits(id, marker)) living.Add((id, marker));
                else File.Delete(path);
            }
            catch (IOException)
            {
                // Its owner removes it right now.
            }
        }

        return living;
    }

    private static bool Fits(int id, string marker)
    {
        var commandLine = $"/proc/{id}/cmdline";
        return !File.Exists(commandLine) || File.ReadAllText(commandLine).Contains(marker, StringComparison.Ordinal);
    }

    private sealed class Entry(string path) : IDisposable
    {
        public void Dispose()
        {
            try
            {
                File.Delete(path);
            }
            catch (DirectoryNotFoundException)
            {
                // The sandbox's directory is gone already.
            }
        }
    }
}
