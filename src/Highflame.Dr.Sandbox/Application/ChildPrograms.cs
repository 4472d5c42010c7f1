namespace Highflame.Dr.Sandbox.Application;

/// <summary>The programs that the sandbox starts from its own executable: app, gateway, load and reaper.</summary>
internal static class ChildPrograms
{
    /// <summary>Runs the child program that the first argument names and gives its exit code; null when the arguments name none.</summary>
    public static Task<int?> TryRunAsync(string[] args) => Task.FromResult<int?>(null);
}
