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

    /// <summary>Waits until the machine has been idle enough for three seconds on end, at most for a time; returns at once where the system does not tell.</summary>
    /// <param name="idlePercent">Share of all cores that must be idle.</param>
    /// <param name="limit">Longest wait.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task AwaitIdleAsync(double idlePercent, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var (quiet, last) = (0, Ticks());
        while (quiet < 3 && last is { } before && time.GetElapsedTime(start) < limit)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
            last = Ticks();
            var idle = last is { } now ? 100d * (now.Idle - before.Idle) / Math.Max(1, now.All - before.All) : 100;
            quiet = idle >= idlePercent ? quiet + 1 : 0;
        }
    }

    // First line of /proc/stat: cpu user nice system idle iowait irq softirq steal ...
    private static (long Idle, long All)? Ticks()
    {
        const string Path = "/proc/stat";
        if (!File.Exists(Path)) return null;
        long[] ticks = [.. File.ReadLines(Path).First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(t => long.Parse(t, CultureInfo.InvariantCulture))];
        return (ticks[3], ticks.Sum());
    }

    private static string ProcessorName()
    {
        const string Path = "/proc/cpuinfo";
        var line = File.Exists(Path) ? File.ReadLines(Path).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
