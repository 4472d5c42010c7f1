namespace Highflame.Dr.Sandbox.Hosting;

/// <summary>Files with secrets: readable by their owner only from the first byte on.</summary>
internal static class PrivateFile
{
    /// <summary>Writes the text to a new file of mode 0600 beside the target and moves it there, so that no reader sees half of it.</summary>
    public static void Write(string path, string text)
    {
        var part = path + ".part";
        File.Delete(part);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(part, options)) writer.Write(text);
        File.Move(part, path, overwrite: true);
    }
}
