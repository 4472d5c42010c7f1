using System.Globalization;
using Highflame.Dr.Engine.Execution;

namespace Highflame.Dr.Engine.Tests.Race;

/// <summary>The test assembly as a program: <c>race FOLDER MARKER ATTEMPTS</c> is one process of <see cref="RaceTests"/>.</summary>
internal static class Program
{
    public static int Main(string[] args)
    {
        if (args is ["race", var folder, var marker, var attempts])
            return Racer.Run(() => new RunStore(new FileRunStorage(folder), "pair", TimeProvider.System), marker, int.Parse(attempts, CultureInfo.InvariantCulture));
        Console.Error.WriteLine("race FOLDER MARKER ATTEMPTS");
        return 2;
    }
}
