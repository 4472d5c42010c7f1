namespace Highflame.Dr.Sandbox.Application;

/// <summary>The programs that the sandbox starts from its own executable: app, gateway, load and reaper. Each ends when its standard input closes.</summary>
internal static class ChildPrograms
{
    public const string App = "app";
    public const string Gateway = "gateway";
    public const string Load = "load";
    public const string Reaper = "reaper";

    /// <summary>Runs the child program that the first argument names and gives its exit code; null when the arguments name none.</summary>
    public static async Task<int?> TryRunAsync(string[] args)
    {
        Func<ChildChannel, TimeProvider, Task<int>>? program = args switch
        {
            [App, ..] => AppProgram.RunAsync,
            [Gateway, ..] => GatewayProgram.RunAsync,
            [Load, ..] => LoadProgram.RunAsync,
            [Reaper, ..] => ReaperProgram.RunAsync,
            _ => null,
        };
        if (program is null) return null;
        using var channel = new ChildChannel();
        return await program(channel, TimeProvider.System).ConfigureAwait(false);
    }
}
