namespace Highflame.Dr.Sandbox;

/// <summary>The sandbox itself: reads the command line, builds the sandbox, waits for the end.</summary>
internal static class SandboxProgram
{
    public static async Task<int> RunAsync(string[] args)
    {
        await Console.Error.WriteLineAsync("usage: Highflame.Dr.Sandbox --root DIR [--time-scale N] [--seed N] [--parent PID]");
        return args.Length == 0 ? 2 : 1;
    }
}
