using Highflame.Dr.Soak.Child;
using Highflame.Dr.Soak.Play;

namespace Highflame.Dr.Soak;

/// <summary>
/// The test assembly as a program. <c>runbook SANDBOX_JSON</c> is a process that runs the shipped runbook and is killed at a journal record; <c>soak</c> plays
/// random runs and compares each end with the truth (see build.ps1 Soak).
/// </summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["runbook", var sandbox]:
                return new RunbookChild(sandbox).Run();
            case ["soak", .. var options]:
                return await SoakCommand.RunAsync(options);
            default:
                await Console.Error.WriteLineAsync($"runbook SANDBOX_JSON | {SoakCommand.Usage}");
                return 2;
        }
    }
}
