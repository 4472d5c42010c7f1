using System.Globalization;

namespace Highflame.Dr.Tests.Support;

/// <summary>This suite as a program: starts everything real, says so, and waits to be killed.</summary>
internal static class HostProgram
{
    public static async Task<int> Main(string[] args)
    {
        if (args is not ["host"]) return 2;
        var sandbox = await RealSandbox.StartAsync(regions: true);
        sandbox.Publish(sandbox.Layout.Region("eastus").GatewayAddress.ToString());
        await sandbox.Parts.Load.StartAsync(2, 5, CancellationToken.None);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sandbox.Layout.Network} {sandbox.Layout.Root}"));
        await Task.Delay(Timeout.InfiniteTimeSpan);
        return 0;
    }
}
