using System.Runtime.CompilerServices;

namespace Highflame.Dr.Shell;

internal static class Program
{
    private static int Main(string[] args)
    {
        // Read by the engine when its first type is touched: must be set before that.
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        return Run(args);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Run(string[] args)
    {
        ShellRequest request;
        try
        {
            request = CommandLine.Parse(args);
        }
        catch (FormatException bad)
        {
            Console.Error.WriteLine(bad.Message);
            Console.Error.WriteLine(CommandLine.Usage);
            return 64;
        }

        if (request.Kind == ShellRequestKind.Help)
        {
            Console.Out.WriteLine(CommandLine.Usage);
            return 0;
        }

        var terminal = Hosting.ShellTerminal.OfThisProcess();
        using var session = new ShellSession(terminal);
        using var interrupts = new Interrupts(session.StopRunning, code => Environment.Exit(code));
        var code = request.Kind == ShellRequestKind.Interactive
            ? new ReadEvalPrintLoop(session, terminal, interrupts.Reset).Run()
            : session.Run(request);
        return interrupts.ExitCode ?? code;
    }
}
