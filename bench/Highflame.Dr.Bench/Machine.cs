using System.Globalization;
using System.Runtime.InteropServices;

namespace Highflame.Dr.Bench;

/// <summary>What a figure is worth nothing without.</summary>
internal sealed record Machine(string OperatingSystem, string Processor, int Cores, string Runtime)
{
    public static Machine ThisOne() => new(RuntimeInformation.OSDescription, ProcessorName(), Environment.ProcessorCount, RuntimeInformation.FrameworkDescription);

    /// <summary>Processes that ran or waited, averaged over the last minute; null where the system does not tell.</summary>
    public static double? LoadAverage() =>
        File.Exists("/proc/loadavg") && double.TryParse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture, out var load) ? load : null;

    private static string ProcessorName()
    {
        const string Path = "/proc/cpuinfo";
        var line = File.Exists(Path) ? File.ReadLines(Path).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
