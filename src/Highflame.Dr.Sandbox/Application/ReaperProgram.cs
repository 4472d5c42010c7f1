using Highflame.Dr.Sandbox.Processes;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>
/// Waits for the sandbox to end, however it ends (SIGKILL too: its end of the pipe closes), and then ends every process that it had started and removes its
/// temporary directory. After an orderly end there is nothing left to do.
/// </summary>
internal static class ReaperProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task<int> RunAsync(ChildChannel channel, TimeProvider time)
    {
        var settings = await channel.ReadSettingsAsync(ChildJson.Default.ReaperSettings).ConfigureAwait(false);
        await channel.SayReadyAsync().ConfigureAwait(false);
        await channel.ServeAsync(command => throw new NotSupportedException($"The reaper knows no '{command.Command}'.")).ConfigureAwait(false);

        var register = new ProcessRegister(settings.RunDirectory);
        var own = Environment.ProcessId;
        var asked = new HashSet<int>();
        var begun = time.GetTimestamp();
        while (register.Living().Where(p => p.Id != own).ToList() is { Count: > 0 } living)
        {
            var late = time.GetElapsedTime(begun) > Patience;
            foreach (var (id, marker) in living)
            {
                // An immediate shutdown lets a postmaster end its backends and free its shared memory; everything else, and what hangs, is killed.
                if (Path.IsPathRooted(marker) && !late && !OperatingSystem.IsWindows())
                {
                    if (asked.Add(id)) Signals.Send(id, Signals.Quit);
                }
                else
                {
                    Signals.KillTree(id);
                }
            }

            if (time.GetElapsedTime(begun) > 5 * Patience) return 1;
            await Task.Delay(Pause, time).ConfigureAwait(false);
        }

        if (settings.TemporaryDirectory is { } temporary && Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        return 0;
    }
}
