using System.Globalization;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Tests.Race;

namespace Highflame.Dr.Conformance.Tests.Storage;

/// <summary>The test assembly as a program: <c>race CONTAINER THUMBPRINT MARKER ATTEMPTS</c> is one process of <see cref="BlobRaceTests"/>.</summary>
internal static class Program
{
    public static int Main(string[] args)
    {
        if (args is ["race", var container, var thumbprint, var marker, var attempts])
        {
            return Racer.Run(
                () => new RunStore(new BlobRunStorage(new Uri($"{container}/dr"), "pair", u => AzuriteProcess.Open(u, thumbprint)), "pair", TimeProvider.System), marker, int.Parse(attempts, CultureInfo.InvariantCulture));
        }

        Console.Error.WriteLine("race CONTAINER THUMBPRINT MARKER ATTEMPTS");
        return 2;
    }
}
