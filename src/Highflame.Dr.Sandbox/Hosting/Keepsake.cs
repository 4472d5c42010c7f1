using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Hosting;

/// <summary>
/// What a recorded sandbox leaves for the last tests of a suite, in a folder of its own below HFDR_RECORD_DIR: sandbox.json (mode 0600; its secrets end with it), and at the
/// end its logs and runs, in which none of those secrets may occur. Without the variable nothing is kept.
/// </summary>
internal sealed class Keepsake
{
    private const long Longest = 64 << 20;
    private readonly SandboxLayout _layout;
    private readonly string _folder;

    private Keepsake(SandboxLayout layout, string folder) => (_layout, _folder) = (layout, folder);

    /// <summary>Keeps sandbox.json. Null where nothing is recorded.</summary>
    public static Keepsake? Begin(SandboxLayout layout)
    {
        if (Environment.GetEnvironmentVariable(ExchangeLog.Variable) is not { Length: > 0 } record) return null;
        var folder = Directory.CreateDirectory(Path.Combine(record, "sandboxes", Guid.NewGuid().ToString("N"))).FullName;
        PrivateFile.Write(Path.Combine(folder, "sandbox.json"), File.ReadAllText(layout.SandboxFile));
        return new Keepsake(layout, folder);
    }

    /// <summary>Keeps the logs, the journals and the evidence.</summary>
    public void End()
    {
        foreach (var part in (string[])["logs", "runs", "said"])
        {
            var from = Path.Combine(_layout.Root, part);
            if (!Directory.Exists(from)) continue;
            foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            {
                var to = Path.Combine(_folder, Path.GetRelativePath(_layout.Root, file));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                if (source.Length > Longest) continue;
                using var target = File.Create(to);
                source.CopyTo(target);
            }
        }
    }
}
