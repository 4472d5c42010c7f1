namespace Highflame.Dr.Binding;

/// <summary>Finds the sandbox.json that an operator means.</summary>
internal static class SandboxArgument
{
    /// <summary>A directory stands for the sandbox.json in it.</summary>
    public static string File(string path) => Directory.Exists(path) ? Path.Combine(path, "sandbox.json") : path;
}
